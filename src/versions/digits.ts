/** The number's shortest spelling; `''` for zero. Numbers of any length stay texts, so that none loses digits. */
export function normalDigits(digits: string): string {
  let start = 0;
  while (start < digits.length && digits.charCodeAt(start) === 48) start++;
  return start === 0 ? digits : digits.slice(start);
}

/** Compares two runs of digits as numbers, however long. */
export function compareDigits(a: string, b: string): number {
  const left = normalDigits(a);
  const right = normalDigits(b);
  return left.length - right.length || compareText(left, right);
}

/** Plain order by code unit: -1, 0 or 1. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The number one greater. */
export function increment(digits: string): string {
  let nines = digits.length;
  while (nines > 0 && digits.charCodeAt(nines - 1) === 57) nines--;
  const zeros = '0'.repeat(digits.length - nines);
  if (nines === 0) return `1${zeros}`;
  return digits.slice(0, nines - 1) + String.fromCharCode(digits.charCodeAt(nines - 1) + 1) + zeros;
}

/** Is there an ASCII digit at this place? */
export function isDigitAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 48 && code <= 57;
}

/** The index after the run of digits that starts here. */
export function skipDigits(text: string, start: number): number {
  let end = start;
  while (isDigitAt(text, end)) end++;
  return end;
}

/** Are these all digits, and at least one? */
export function isDigits(text: string): boolean {
  return text !== '' && skipDigits(text, 0) === text.length;
}
