import { compareDigits, compareText, isDigitAt } from '../digits.js';
import type { VersionScheme } from '../version-scheme.js';

/** rpm's versions, `[epoch:]version[-release]`, in the order of https://rpm-software-management.github.io. All texts are valid. */
export const rpm = {
  id: 'rpm',
  isValid: () => true,
  compare: (a, b) => {
    const left = split(a);
    const right = split(b);
    return (
      compareDigits(left.epoch, right.epoch) ||
      comparePart(left.version, right.version) ||
      comparePart(left.release, right.release)
    );
  },
} as const satisfies VersionScheme;

function split(text: string): { readonly epoch: string; readonly version: string; readonly release: string } {
  const colon = text.indexOf(':');
  const epoch = colon === -1 ? '' : text.slice(0, colon).trimStart();
  const rest = text.slice(colon + 1);
  const dash = rest.indexOf('-');
  return {
    epoch: /^[0-9]+$/.test(epoch) ? epoch : '',
    version: dash === -1 ? rest : rest.slice(0, dash),
    release: dash === -1 ? '' : rest.slice(dash + 1),
  };
}

const segments = /[a-zA-Z]+|[0-9]+|~|\^/g;

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.match(segments) ?? [];
  const right = b.match(segments) ?? [];
  const common = Math.min(left.length, right.length);
  for (let i = 0; i < common; i++) {
    const order = compareSegments(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  if (left.length === right.length) return 0;
  const isLeftLonger = left.length > right.length;
  const isOlder = (isLeftLonger ? left : right)[common] === '~';
  return isLeftLonger === isOlder ? -1 : 1;
}

/** `~` sorts before everything, `^` before any other segment, words before numbers. */
function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '~' || b === '~') return a === '~' ? -1 : 1;
  if (a === '^' || b === '^') return a === '^' ? -1 : 1;
  const isLeftNumber = isDigitAt(a, 0);
  const isRightNumber = isDigitAt(b, 0);
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? 1 : -1;
  return isLeftNumber ? compareDigits(a, b) : compareText(a, b);
}
