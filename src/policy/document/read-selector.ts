import { parseImagePattern, type ImagePattern } from './image-pattern.js';
import type { Members } from './members.js';
import type { Selector } from './policy.js';
import { quote } from './quote.js';

/** A selector that names at least one thing: one that names nothing would fit all, or look as if it fitted none. */
export function readSelector(members: Members | undefined): Selector | undefined {
  if (!members) return undefined;
  members.only(['namespaces', 'labels', 'images']);
  const namespaces = members.texts('namespaces');
  const labels = members.textMap('labels');
  const images = readPatterns(members, 'images');
  for (const key of ['namespaces', 'labels', 'images']) {
    if (members.isEmpty(key)) {
      members.problem(key, { code: 'WRONG_VALUE', message: `${key} names none`, hint: 'leave it out' });
    }
  }
  if (members.keys().length === 0) {
    members.problem(undefined, {
      code: 'WRONG_VALUE',
      message: 'the selector is empty',
      hint: 'add namespaces, labels or images, or leave it out',
    });
  }
  return { namespaces, labels, images };
}

/** A list of image patterns. */
export function readPatterns(members: Members, key: string): readonly ImagePattern[] | undefined {
  return members.parsedList<ImagePattern>(key, (text) => {
    const read = parseImagePattern(text);
    if (!('problem' in read)) return { value: read };
    return { code: 'WRONG_ENTRY', message: `the entry ${quote(text)} ${read.problem}`, hint: read.hint };
  });
}
