import { nameOf, type Candidate, type Trial } from './credential-trial.js';
import { printable } from './printable.js';
import type { Painter } from './terminal.js';

/** A trial for people: what matches, what does not, what became of each. */
export function candidateLines({ candidates, anonymous, notAsked }: Trial, paint: Painter): readonly string[] {
  const matching = candidates.filter(({ matches }) => matches);
  const others = candidates.filter(({ matches }) => !matches);
  return [
    paint.bold(`Credentials that match, in the order in which they are tried (${matching.length})`),
    ...matching.flatMap((candidate, at) => matchingLines(candidate, at + 1, { notAsked, paint })),
    ...(matching.length === 0 ? ['  none'] : []),
    '',
    paint.bold(`Credentials that do not match (${others.length})`),
    ...others.flatMap((candidate) => [`  -  ${withUser(candidate)}`, `     ${printable(candidate.why)}`]),
    ...(others.length === 0 ? ['  none'] : []),
    '',
    `Without a credential  ${anonymousWords(anonymous, notAsked)}`,
  ];
}

/** The same for programs. */
export function trialJson({ candidates, anonymous, notAsked }: Trial): object {
  return {
    candidates: candidates.map(({ origin, key, username, matches, why, accepted, answer, used }) => ({
      origin,
      key: key ?? null,
      username: username ?? null,
      matches,
      why,
      accepted: accepted ?? null,
      answer: answer ?? null,
      used,
    })),
    anonymous: anonymous ?? null,
    registryAsked: notAsked === undefined,
    ...(notAsked === undefined ? {} : { notAsked }),
  };
}

function matchingLines(
  candidate: Candidate,
  place: number,
  { notAsked, paint }: { readonly notAsked: string | undefined; readonly paint: Painter },
): readonly string[] {
  const answer =
    candidate.answer ?? (notAsked === undefined ? 'not shown to the registry' : 'the registry was not asked');
  return [
    `  ${String(place).padEnd(2)} ${withUser(candidate)}${candidate.used ? paint.green(' <- used') : ''}`,
    `     why     ${printable(candidate.why)}`,
    `     answer  ${printable(answer)}`,
  ];
}

function withUser(candidate: Candidate): string {
  const { username } = candidate;
  return printable(username === undefined ? nameOf(candidate) : `${nameOf(candidate)}, user ${username}`);
}

function anonymousWords(anonymous: Trial['anonymous'], notAsked: string | undefined): string {
  if (anonymous) return `${anonymous.accepted ? 'accepted' : 'refused'} (${printable(anonymous.answer)})`;
  return notAsked === undefined ? 'not tried' : `not tried: ${printable(notAsked)}`;
}
