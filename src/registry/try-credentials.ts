import type { Context } from '../core/index.js';
import type { HttpResponse } from '../http/index.js';
import type { Candidate } from './candidates.js';
import type { Challenge } from './challenge.js';
import type { Call } from './connection.js';
import { type Endpoint, repositoryAt } from './endpoint.js';
import type { Repository, TriedCredential, TriedCredentials } from './registry-client.js';
import { nameOf, type Session, type Target } from './session.js';

/** A registry, a repository, or an image there. */
export type TriedName =
  | (Repository & { readonly tag?: string | undefined; readonly digest?: string | undefined })
  | { readonly registry: string; readonly repository?: undefined };

type Verdict = { readonly accepted: boolean; readonly answer: string };

/** Goes to the registry once with each matching credential, and without one when none was accepted. */
export async function tryCredentials(
  context: Context,
  session: Session,
  endpoint: Endpoint,
  name: TriedName,
): Promise<TriedCredentials> {
  const target: Target = { endpoint, repository: name.repository, action: 'pull' };
  const call = callFor(endpoint, name);
  const first = await session.once(context, target, call);
  const challenges = session.challengesOf(target, first);
  const open = await judge(session, first);
  const wants = !open.accepted && challenges.length > 0;
  const attempt = async (candidate: Candidate): Promise<Verdict> => {
    if (!wants) return open.accepted ? { accepted: true, answer: `${open.answer}, without having to show it` } : open;
    return await tryOne(context, session, { target, call, challenges, candidate });
  };

  const tried: TriedCredential[] = [];
  const places = await session.candidates.matching(context, nameOf(target));
  let shown = 0;
  for (const [index, considered] of places.entries()) {
    const { origin, key } = considered;
    const loaded = await session.candidates.load(context, considered);
    if ('why' in loaded) tried.push({ origin, key, accepted: false, answer: loaded.why });
    else {
      shown++;
      tried.push({ origin, key, ...(await attempt({ index, considered, credential: loaded.credential })) });
    }
  }
  if (!wants) return { tried, anonymous: open };
  if (tried.some(({ accepted }) => accepted)) return { tried };
  if (shown > 0 && !session.candidates.anonymousAfterRefusal) return { tried };
  return { tried, anonymous: await attempt({ index: places.length, considered: undefined, credential: undefined }) };
}

async function tryOne(
  context: Context,
  session: Session,
  {
    target,
    call,
    challenges,
    candidate,
  }: {
    readonly target: Target;
    readonly call: Call;
    readonly challenges: readonly Challenge[];
    readonly candidate: Candidate;
  },
): Promise<Verdict> {
  const proof = await session.prove(context, target, challenges, candidate);
  if ('refusal' in proof) return { accepted: false, answer: proof.refusal.text };
  return await judge(session, await session.once(context, target, call, proof.header));
}

/** Whoever is not sent away is accepted, even if what was asked for is not there. */
async function judge(session: Session, response: HttpResponse): Promise<Verdict> {
  const { status, text } = await session.words(response);
  return { accepted: status < 400 || status === 404, answer: text };
}

/** A small question that needs the right to pull, or, of the registry alone, that one is known. */
function callFor(endpoint: Endpoint, name: TriedName): Call {
  if (name.repository === undefined) return { method: 'GET', path: '' };
  const path = repositoryAt(endpoint, name.repository);
  const version = name.digest ?? name.tag;
  if (version === undefined) return { method: 'GET', path: `${path}/tags/list?n=1` };
  const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, */*';
  return { method: 'HEAD', path: `${path}/manifests/${version}`, headers: { accept } };
}
