import { messageOf, type Context } from '../core/index.js';
import { redactKey } from '../pull-secrets/index.js';
import type { Reference } from '../reference/index.js';
import type { AuthEntry, AuthFile } from './auth-file.js';
import type { ConsideredCredential, Credential } from './credential.js';
import { CredentialError } from './errors.js';
import { askHelper, programOf } from './helper.js';
import { dockerKeyOf, matchAuths, type FileRules } from './match-auths.js';
import type { Environment } from './places.js';
import { sealCredential } from './seal.js';

const brokenEntryHint = 'log in again, or take the entry out';

/** The file that entries stand in, and where its helper programs are looked for. */
export interface AuthPlace {
  readonly origin: string;
  readonly rules: FileRules;
  readonly named: boolean;
  readonly environment: Environment;
}

/**
 * What a file has for an image: the registry's own helper, else docker's general one, and then the entries of `auths`.
 * @throws CredentialError `CREDENTIAL_FILE_INVALID` when the user named the file and the entry for the image is broken
 */
export function considerAuthFile(
  file: AuthFile,
  place: AuthPlace,
  image: Pick<Reference, 'registry' | 'repository'>,
): readonly ConsideredCredential[] {
  const auths = matchAuths(place.rules, file, image).map((verdict) => ({
    verdict,
    entry: file.auths[verdict.index] ?? { key: '' },
  }));
  const expected = auths.some(({ verdict }) => verdict.matches);
  return [
    ...considerHelpers(file, place, image, expected),
    ...auths.map(({ verdict, entry }) => considerEntry(entry, verdict, place)),
  ];
}

function considerEntry(
  entry: AuthEntry,
  { matches, why }: { readonly matches: boolean; readonly why: string },
  place: AuthPlace,
): ConsideredCredential {
  const { origin } = place;
  const { credential, fault } = entry;
  const key = redactKey(entry.key);
  if (!matches) return { origin, key, matches, why, username: credential?.username };
  if (fault !== undefined) {
    if (place.named) {
      throw new CredentialError('CREDENTIAL_FILE_INVALID', `the entry "${key}" of ${origin} cannot be used: ${fault}`, {
        hint: brokenEntryHint,
      });
    }
    // It is tried, and tells then why there is nothing to show.
    const refuse = async (): Promise<never> => {
      throw new CredentialError('CREDENTIAL_FILE_INVALID', fault, { hint: brokenEntryHint });
    };
    return { origin, key, matches, why: `${why}, but ${fault}`, load: refuse };
  }
  if (credential === undefined) {
    return { origin, key, matches: false, why: `${why}, but the entry has no credential in it` };
  }
  const load = async (): Promise<Credential> => sealCredential(credential);
  return { origin, key, matches, why, username: credential.username, load };
}

function considerHelpers(
  file: AuthFile,
  place: AuthPlace,
  { registry }: Pick<Reference, 'registry'>,
  expected: boolean,
): readonly ConsideredCredential[] {
  // containers' programs know helpers of single registries only, and Docker Hub by its own name.
  const server = place.rules === 'docker' ? dockerKeyOf(registry) : registry;
  const considered: ConsideredCredential[] = [];
  for (const [key, name] of file.credHelpers) {
    const matches = key === server;
    const origin = `${place.origin}, helper ${programOf(name)}`;
    considered.push({
      origin,
      key,
      matches,
      why: matches ? 'its credHelpers name it for the registry' : `it is for another registry than "${server}"`,
      ...(matches ? { load: (context: Context) => ask(context, { name, server, place, needed: true }) } : {}),
    });
  }
  const store = place.rules === 'docker' ? file.credsStore : undefined;
  if (store !== undefined && !file.credHelpers.has(server)) {
    considered.push({
      origin: `${place.origin}, helper ${programOf(store)}`,
      matches: true,
      why: 'it keeps the credentials of every registry (credsStore)',
      load: (context) => ask(context, { name: store, server, place, needed: expected }),
    });
  }
  return considered.toSorted((a, b) => Number(b.matches) - Number(a.matches));
}

interface HelperLoad {
  readonly name: string;
  readonly server: string;
  readonly place: AuthPlace;
  /** The file says that this helper has the credential: its failing is ours. */
  readonly needed: boolean;
}

async function ask(context: Context, { name, server, place, needed }: HelperLoad): Promise<Credential | undefined> {
  try {
    const credential = await askHelper(context, { name, environment: place.environment }, server);
    return credential && sealCredential(credential);
  } catch (thrown) {
    if (needed || !(thrown instanceof CredentialError)) throw thrown;
    context.log('warn', `${messageOf(thrown)}; going on without what it may have for ${server}`);
    return undefined;
  }
}
