import type { RegistryAccess } from '../access/index.js';
import { isTidewaiterError, messageOf, type Context } from '../core/index.js';
import type { ConsideredCredential } from '../credentials/index.js';
import type { Reference } from '../reference/index.js';
import type { RegistryClient, TriedCredential, TriedCredentials } from '../registry/index.js';

/** A place that may have a credential, and what the registry answered to it; nothing of the credential itself. */
export interface Candidate {
  readonly origin: string;
  readonly key?: string | undefined;
  readonly username?: string | undefined;
  readonly matches: boolean;
  readonly why: string;
  /** Absent when the registry was not shown it. */
  readonly accepted?: boolean | undefined;
  readonly answer?: string | undefined;
  /** The first that the registry accepts. */
  readonly used: boolean;
}

/** What an image was, or would be, asked for with. */
export interface Trial {
  /** In the order in which the matching ones are tried. */
  readonly candidates: readonly Candidate[];
  /** What a request without a credential got; absent when none was made. */
  readonly anonymous?: TriedCredentials['anonymous'];
  /** Whether the image is there for the credential that is used; absent when that was not asked. */
  readonly manifest?: { readonly found: boolean; readonly answer: string } | undefined;
  /** Why the registry did not answer; absent when it did. */
  readonly notAsked?: string | undefined;
  /** The error behind that, if it was one. */
  readonly failure?: unknown;
}

/**
 * Looks at every credential for the image, and shows the registry those that match, unless `access` is offline. That the
 * registry does not answer is told in the trial, together with what was considered.
 * @throws CredentialError when a file that was named cannot be used
 */
export async function tryCredentials(
  context: Context,
  access: RegistryAccess,
  reference: Reference,
  options: { readonly findManifest?: boolean } = {},
): Promise<Trial> {
  const { openAccess } = await import('../access/index.js');
  const opened = openAccess(access);
  try {
    const considered = await (await opened.credentials()).consider(context, reference);
    if (access.offline) return { candidates: candidatesOf(considered, undefined), notAsked: '--offline' };
    try {
      const registry = await opened.registry();
      const trial = await registry.tryCredentials(context, reference);
      const candidates = candidatesOf(considered, trial);
      const ask = options.findManifest && candidates.some(({ used }) => used);
      const manifest = ask ? await findManifest(context, registry, reference) : undefined;
      return { candidates, anonymous: trial.anonymous, manifest };
    } catch (failure) {
      if (!isTidewaiterError(failure)) throw failure;
      return { candidates: candidatesOf(considered, undefined), notAsked: messageOf(failure), failure };
    }
  } finally {
    await opened.close();
  }
}

/** Refusals are answers here, too: a registry may take a credential and not let it see this image. */
async function findManifest(
  context: Context,
  registry: RegistryClient,
  reference: Reference,
): Promise<Trial['manifest']> {
  try {
    const found = await registry.findManifest(context, reference);
    return found
      ? { found: true, answer: `there, ${found.digest}` }
      : { found: false, answer: 'there is no such image' };
  } catch (error) {
    if (!isTidewaiterError(error) || !refusals.has(error.code)) throw error;
    return { found: false, answer: messageOf(error) };
  }
}

const refusals: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'DENIED', 'NAME_UNKNOWN', 'MANIFEST_UNKNOWN']);

function candidatesOf(
  considered: readonly ConsideredCredential[],
  trial: TriedCredentials | undefined,
): readonly Candidate[] {
  const tried = trial?.tried ?? [];
  const used = tried.find(({ accepted }) => accepted);
  let next = 0;
  return considered.map(({ origin, key, username, matches, why }) => {
    // A helper that has nothing after all was passed over; the others come in the same order.
    const at = matches ? tried.findIndex((one, index) => index >= next && isSame(one, { origin, key })) : -1;
    const mine = at < 0 ? undefined : tried[at];
    if (mine) next = at + 1;
    return {
      origin,
      key,
      username,
      matches,
      why,
      accepted: mine?.accepted,
      answer: mine?.answer,
      used: mine !== undefined && mine === used,
    };
  });
}

function isSame(tried: TriedCredential, { origin, key }: Pick<TriedCredential, 'origin' | 'key'>): boolean {
  return tried.origin === origin && tried.key === key;
}

/** `secret team/regcred in secret.yaml, key "quay.io"`. */
export function nameOf({ origin, key }: Pick<Candidate, 'origin' | 'key'>): string {
  return key === undefined ? origin : `${origin}, key "${key}"`;
}

/** What somebody should look at twice, one clause each. */
export function warningsAbout(
  candidates: readonly Candidate[],
  image: { readonly registry: string; readonly repository: string },
): readonly string[] {
  const warnings: string[] = [];
  for (const candidate of candidates) {
    const { key } = candidate;
    if (!candidate.matches || key === undefined) continue;
    if (image.registry !== 'docker.io' && isHubKey(key)) {
      warnings.push(
        `the credential of Docker Hub (${nameOf(candidate)}) is offered to ${image.registry}, which is another registry`,
      );
    }
    if (endsInsideName(key, image.repository)) {
      warnings.push(
        `${nameOf(candidate)} matches ${image.repository} as plain text only: repositories of others may begin alike; end the key in a slash`,
      );
    }
  }
  return warnings;
}

function isHubKey(key: string): boolean {
  return /^(?:https?:\/\/)?index\.docker\.io(?:\/(?:v[12]\/)?)?$/.test(key);
}

/** `quay.io/me/foo` and `me/foo-evil`. */
function endsInsideName(key: string, repository: string): boolean {
  const rest = key.replace(/^https?:\/\//, '');
  const slash = rest.indexOf('/');
  const path = slash < 0 ? '' : rest.slice(slash + 1).replace(/^v[12]\//, '');
  return (
    path !== '' &&
    !path.endsWith('/') &&
    repository.length > path.length &&
    repository.startsWith(path) &&
    repository.charAt(path.length) !== '/'
  );
}
