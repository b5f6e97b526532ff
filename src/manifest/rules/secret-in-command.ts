import { asArray, asString } from '../../formats/index.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';
import { secretIn, secretInWord } from '../analysis/secrets.js';

export const secretInCommand: ContainerRule = {
  id: 'TW-K044',
  name: 'secret-in-command',
  severity: 'HIGH',
  scope: 'container',
  title: 'A secret is written out in the command',
  why: 'Command lines are seen by everybody who may read the manifest, the pod or the processes of the node.',
  fix: 'keep the value in a Secret that is mounted as a file, and change it, for it is known now',
  check: ({ value }) =>
    ['command', 'args'].flatMap((field) => {
      const words = (asArray(value[field]) ?? []).map((word) => asString(word) ?? '');
      return words.flatMap((word, at): Hit[] => {
        const found = secretInText(word, words[at + 1]);
        return found === undefined ? [] : [{ path: [field, at], message: `${field} has ${found} written out` }];
      });
    }),
};

/** A word of the list may itself be a script. */
function secretInText(text: string, next: string | undefined): string | undefined {
  const parts = text.split(/[\s;&|]+/, 20_000);
  if (parts.length === 1) return secretInWord(text, next);
  for (const [at, part] of parts.entries()) {
    const found = secretInWord(part, parts[at + 1]);
    if (found !== undefined) return found;
  }
  return secretIn(text);
}
