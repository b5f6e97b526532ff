/** Longest text of a report's line; more is cut. */
const maxLength = 2000;

/** Text of any origin on one line, with all that steers a terminal or turns the direction of writing spelt out. */
export function plainLine(text: string): string {
  if (text.length <= maxLength && !/[^ -~]/.test(text)) return text;
  const short = text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
  return short.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (character) => {
    if (character === '\n' || character === '\t') return ' ';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A line with its end, broken at blanks where it would be wider than the terminal. */
export function wrapLine(
  text: string,
  {
    indent,
    hanging,
    columns,
  }: { readonly indent: number; readonly hanging: number; readonly columns?: number | undefined },
): string {
  const first = ' '.repeat(indent);
  if (columns === undefined || indent + text.length <= columns) return `${first}${text}\n`;
  const width = Math.max(columns, hanging + 20);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const room = width - (lines.length === 0 ? indent : hanging);
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one, at) => `${at === 0 ? first : ' '.repeat(hanging)}${one}\n`).join('');
}
