import type { JsonValue } from '../../formats/index.js';

/** A value as Go's `%v` prints it: lists in brackets, nothing as `<nil>`, numbers in their shortest form. */
export function printed(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return printedNumber(value);
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => printed(item)).join(' ')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, member]) => `${key}:${printed(member)}`).join(' ')}]`;
}

/** Go's shortest `%g`: with an exponent of at least two digits below 1e-4 and from 1e6 on. */
function printedNumber(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
