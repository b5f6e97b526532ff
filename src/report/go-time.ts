/** Go's zero time: what its encoder prints for a time that was never set. */
export const zeroTime = '0001-01-01T00:00:00Z';

const rfc3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 time as Go prints it: no trailing zeros, `Z` for no offset; `undefined` for any other text. */
export function goTime(text: string | undefined): string | undefined {
  const [, seconds, fraction = '', offset] = rfc3339.exec(text ?? '') ?? [];
  if (seconds === undefined || offset === undefined) return undefined;
  const digits = fraction.replace(/0{1,9}$/, '');
  return `${seconds}${digits === '' ? '' : `.${digits}`}${/^[+-]00:00$/.test(offset) ? 'Z' : offset}`;
}
