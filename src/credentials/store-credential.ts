import { messageOf, type Context } from '../core/index.js';
import { asObject, type JsonObject } from '../formats/index.js';
import { maxAuthFileBytes, parseAuthFile, type AuthFile } from './auth-file.js';
import type { Credential } from './credential.js';
import { editJsonFile } from './edit-json-file.js';
import { CredentialError } from './errors.js';
import { eraseFromHelper, programOf, storeWithHelper } from './helper.js';
import { dockerKeyOf, matchAuths, type FileRules } from './match-auths.js';
import { dockerConfigPath, type Environment } from './places.js';
import { readBounded } from './read-bounded.js';

/** A registry, and where its credential is kept. */
export interface StoreOptions {
  /** As in a reference: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `REGISTRY_AUTH_FILE`, `DOCKER_CONFIG`, `HOME`, and `PATH` for helper programs. */
  readonly environment: Environment;
  /** This file instead, in docker's form. */
  readonly file?: string | undefined;
}

/** Where a credential went. */
export interface StoredCredential {
  /** For people: a path, or the helper's name and the path of the file that names it. */
  readonly where: string;
  /** A file holds it as it is, which whoever can read that file can read, too. */
  readonly unencrypted: boolean;
}

/** What became of a credential that was to go. */
export interface ErasedCredential {
  /** False when there was none. */
  readonly erased: boolean;
  readonly where: string;
}

/**
 * Keeps a credential as `docker login` does: with the helper program that the file names for the registry, else in the
 * file itself. With `REGISTRY_AUTH_FILE` in the environment, that file, as `podman login` does.
 * @throws CredentialError `CREDENTIAL_NOT_STORED`, `HELPER_MISSING`, `HELPER_FAILED`
 */
export async function storeCredential(
  context: Context,
  options: StoreOptions & { readonly credential: Credential },
): Promise<StoredCredential> {
  const place = await openPlace(options);
  const { credential } = options;
  if (place.helper === undefined) {
    if (credential.username?.includes(':')) {
      throw new CredentialError('CREDENTIAL_NOT_STORED', 'the file cannot keep a user name with a colon in it', {
        hint: 'a colon ends the user name there; keep this login with a helper program (credsStore)',
      });
    }
    await edit(context, place, (object) => withAuth(object, place.server, entryOf(credential)));
    return { where: place.path, unencrypted: true };
  }
  const { identityToken } = credential;
  await storeWithHelper(
    context,
    { name: place.helper, environment: options.environment },
    {
      server: place.server,
      username: identityToken === undefined ? (credential.username ?? '') : '<token>',
      secret: identityToken ?? credential.password ?? '',
    },
  );
  // An empty entry says that the helper has one; whatever else stood there would be out of date.
  await edit(context, place, (object) => withAuth(object, place.server, {}));
  return { where: `${programOf(place.helper)}, which ${place.path} names`, unencrypted: false };
}

/**
 * Takes away what is kept of a registry, from its helper program and from the file, whatever way its key is spelt there.
 * @throws CredentialError as `storeCredential`
 */
export async function eraseCredential(context: Context, options: StoreOptions): Promise<ErasedCredential> {
  const place = await openPlace(options);
  const fromHelper =
    place.helper !== undefined &&
    (await eraseFromHelper(context, { name: place.helper, environment: options.environment }, place.server));
  const fromFile = place.keys.length > 0 && (await edit(context, place, (object) => withoutAuths(object, place.keys)));
  const where = place.helper === undefined ? place.path : `${programOf(place.helper)}, which ${place.path} names`;
  return { erased: fromHelper || fromFile, where };
}

interface Place {
  readonly path: string;
  /** The name of the registry in this file and for its helpers. */
  readonly server: string;
  readonly helper?: string | undefined;
  /** Keys that stand there for the registry. */
  readonly keys: readonly string[];
}

async function openPlace({ registry, environment, file }: StoreOptions): Promise<Place> {
  const named = file ?? environment.REGISTRY_AUTH_FILE;
  const path = named || dockerConfigPath(environment);
  if (path === undefined) {
    throw new CredentialError('CREDENTIAL_NOT_STORED', 'there is no home folder to keep credentials in', {
      hint: 'set HOME or DOCKER_CONFIG',
    });
  }
  const rules: FileRules = file === undefined && named ? 'containers' : 'docker';
  const server = rules === 'docker' ? dockerKeyOf(registry) : registry;
  const content = await read(path);
  const helper = content.credHelpers.get(server) ?? (rules === 'docker' ? content.credsStore : undefined);
  return { path, server, helper, keys: keysOf(content, { registry, rules, server }) };
}

/** Keys of the registry as such: those of single repositories in it are other logins. */
function keysOf(
  content: AuthFile,
  { registry, rules, server }: { readonly registry: string; readonly rules: FileRules; readonly server: string },
): readonly string[] {
  const others: AuthFile = { ...content, auths: content.auths.filter(({ key }) => key !== server) };
  const exact = content.auths.length === others.auths.length ? [] : [server];
  const spelt = matchAuths(rules, others, { registry, repository: '' })
    .filter(({ matches }) => matches)
    .map(({ index }) => others.auths[index]?.key ?? '');
  return [...exact, ...spelt];
}

async function read(path: string): Promise<AuthFile> {
  try {
    return parseAuthFile((await readBounded(path, maxAuthFileBytes))?.text ?? '');
  } catch (thrown) {
    throw notStored(path, thrown);
  }
}

async function edit(
  context: Context,
  { path }: Place,
  change: (object: JsonObject) => JsonObject | undefined,
): Promise<boolean> {
  try {
    return await editJsonFile(context, path, change);
  } catch (thrown) {
    context.signal.throwIfAborted();
    throw notStored(path, thrown);
  }
}

function notStored(path: string, thrown: unknown): CredentialError {
  return new CredentialError('CREDENTIAL_NOT_STORED', `cannot change ${path}: ${messageOf(thrown)}`, {
    hint: 'correct the file and who may write it, or name another folder with DOCKER_CONFIG',
  });
}

function withAuth(object: JsonObject, key: string, entry: JsonObject): JsonObject {
  const auths = asObject(object.auths) ?? {};
  // From entries, because assigning __proto__ would do something else.
  const others = Object.entries(auths).filter(([other]) => other !== key);
  return { ...object, auths: Object.fromEntries([...others, [key, entry]]) };
}

function withoutAuths(object: JsonObject, keys: readonly string[]): JsonObject | undefined {
  const entries = Object.entries(asObject(object.auths) ?? {});
  const left = entries.filter(([key]) => !keys.includes(key));
  return left.length === entries.length ? undefined : { ...object, auths: Object.fromEntries(left) };
}

/** As docker writes it: the password only inside `auth`, a token beside it. */
function entryOf({ username = '', password = '', identityToken, registryToken }: Credential): JsonObject {
  const pair = `${username}:${identityToken === undefined ? password : ''}`;
  return {
    ...(pair === ':' ? {} : { auth: Buffer.from(pair).toString('base64') }),
    ...(identityToken === undefined ? {} : { identitytoken: identityToken }),
    ...(registryToken === undefined ? {} : { registrytoken: registryToken }),
  };
}
