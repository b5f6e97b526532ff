/** Text of any origin on one line, with all that steers a terminal or turns the direction of writing spelt out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return character === '\n' ? '\\n' : `\\u{${code.toString(16)}}`;
  });
}
