import type { JsonMembers } from './go-json.js';
import { renderYamlScalar } from './yaml-scalar.js';

/** Longer names stand on a line of their own, after a question mark. */
const maxNameLength = 128;

/** Nested texts as YAML in the form of kubectl: names sorted, numbers in them by their value. */
export function renderYaml(members: JsonMembers, indent = ''): string {
  return members
    .toSorted(([a], [b]) => compareNames(a, b))
    .map(([name, value]) => {
      const key = renderYamlScalar(name, indent);
      const start = name.length > maxNameLength ? `${indent}? ${key}\n${indent}:` : `${indent}${key}:`;
      const inner = `${indent}  `;
      return typeof value === 'string'
        ? `${start} ${renderYamlScalar(value, inner)}\n`
        : `${start}\n${renderYaml(value, inner)}`;
    })
    .join('');
}

function compareNames(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a.charAt(at) === b.charAt(at)) at++;
  if (at === a.length || at === b.length) return a.length - b.length;
  const [first, second] = [a.charAt(at), b.charAt(at)];
  const [firstIsLetter, secondIsLetter] = [isLetter(first), isLetter(second)];
  const byCode = first < second ? -1 : 1;
  if (firstIsLetter && secondIsLetter) return byCode;
  if (firstIsLetter || secondIsLetter) return firstIsLetter ? 1 : -1;
  return compareNumbers(a, b, at) || byCode;
}

/** The numbers from where two names differ; zeros count where digits other than zero stand before them. */
function compareNumbers(a: string, b: string, at: number): number {
  const before = /[0-9]*$/.exec(a.slice(0, at))?.[0] ?? '';
  const hasZero = a.charAt(at) === '0' || b.charAt(at) === '0';
  const lead = hasZero && /[1-9]/.test(before) ? '1' : '0';
  const digits = (name: string): string => /^[0-9]*/.exec(name.slice(at))?.[0] ?? '';
  const [first, second] = [digits(a), digits(b)];
  const [firstValue, secondValue] = [BigInt(lead + first), BigInt(lead + second)];
  if (firstValue !== secondValue) return firstValue < secondValue ? -1 : 1;
  return first.length - second.length;
}

function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}
