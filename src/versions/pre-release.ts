import { compareDigits, compareText, isDigits } from './digits.js';

/**
 * The order of what stands behind the `-`, as https://semver.org/#spec-item-11 has it: a version without any is newer
 * than one with some, numbers are older than words, and of two that are the same so far the longer is newer.
 */
export function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifiers(a: string, b: string): number {
  const isLeftNumber = isDigits(a);
  const isRightNumber = isDigits(b);
  if (isLeftNumber && isRightNumber) return compareDigits(a, b);
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
  return compareText(a, b);
}
