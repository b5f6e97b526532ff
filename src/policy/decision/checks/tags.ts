import type { CheckOf, CheckResult, NameCheck } from '../rule-check.js';
import { met } from '../rule-check.js';
import { fitsAnyWildcard } from '../../document/wildcard.js';

/** Which tags may stand. A digest decides what is pulled, so that beside one a tag breaks nothing; it is only noted. */
export const tags = {
  id: 'tags',
  over: 'name',
  needs: ['name'],
  words({ allow, deny }) {
    const allowed = allow === undefined ? 'tags are any' : `tags are ${allow.join(', ')}`;
    const denied = deny.length === 0 ? '' : `, but not ${deny.join(', ')}`;
    return `${allowed}${denied} (a digest beside a tag decides, and is enough)`;
  },
  judge(check, { image, reference }) {
    const { tag, digest } = reference;
    if (tag === undefined) return met;
    const problem = problemOf(check, tag);
    if (!problem) return met;
    if (digest !== undefined) {
      const message = `the tag ${tag} stands beside a digest, which decides`;
      return { note: { message, fix: 'leave the tag out, or write the one that is meant' } };
    }
    const isImplied = tag === 'latest' && !image.text.endsWith(':latest');
    const words = isImplied ? 'it names no tag, which means latest, and that is' : `the tag ${tag} is`;
    return { broken: { message: `${words} ${problem.message}`, fix: problem.fix } };
  },
} as const satisfies NameCheck<'tags'>;

function problemOf(
  { allow, deny }: CheckOf<'tags'>,
  tag: string,
): Pick<NonNullable<CheckResult['broken']>, 'message' | 'fix'> | undefined {
  if (fitsAnyWildcard(deny, tag)) {
    return { message: 'not allowed', fix: 'name the version, or the digest' };
  }
  if (!allow || fitsAnyWildcard(allow, tag)) return undefined;
  return { message: `none of ${allow.slice(0, 5).join(', ')}`, fix: 'use such a tag, or the digest' };
}
