import { eastAsianWidth } from 'get-east-asian-width';

const ascii = /^[ -~]*$/;

/** What a terminal would act on, or what would make text read other than it is: controls, bidirectional marks, invisible characters, halves of surrogate pairs. */
const unsafe =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\0-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

/** Foreign text made safe for a terminal: what is not plain is shown as its escape, `\x1b`, `\u202e`. */
export function plainText(text: string): string {
  return ascii.test(text) ? text : text.replace(unsafe, escapeOf);
}

/** As `plainText`, for running text: line ends and tabs become blanks first. */
export function plainLine(text: string): string {
  return ascii.test(text) ? text : plainText(text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, ' '));
}

/** At most so many characters, `...` at the end where there was more. */
export function clipText(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 3).replace(/[\ud800-\udbff]$/, '')}...` : text;
}

/** Terminal columns of a text that holds no controls. */
export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Terminal columns of one character: none for marks that join the one before, two for wide ones. */
export function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}

function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
