/** A text of any origin in quotes: one line, what is not seen spelt out, cut where it is long. */
export function quote(text: string, maxLength = 120): string {
  return `"${plain(text, maxLength)}"`;
}

/** The same without quotes. */
export function plain(text: string, maxLength = 120): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
  return cut.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
