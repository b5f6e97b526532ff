/** One paragraph of a control file: the fields that were asked for, and whether every line had its form. */
export interface Paragraph {
  /** Keys in lower case; of a key that comes twice the last counts. */
  readonly fields: ReadonlyMap<string, string>;
  /** The first line that is neither `Key: value` nor a continuation. */
  readonly malformed: string | undefined;
}

const newline = 10;
const carriageReturn = 13;
const space = 32;
const tab = 9;
const colon = 58;

/**
 * The paragraphs of a Debian control file (deb822: `Key: value`, continued by lines that begin with a blank, separated by
 * empty lines). Values are joined over their lines with `\n`; only the fields in `wanted` (lower case) are kept, so that
 * long descriptions and file lists cost nothing.
 * @see https://manpages.debian.org/unstable/dpkg-dev/deb822.5.en.html
 */
export function eachParagraph(text: string, wanted: ReadonlySet<string>, visit: (paragraph: Paragraph) => void): void {
  let fields = new Map<string, string>();
  let malformed: string | undefined;
  let key: string | undefined;
  let lines = 0;
  const finish = (): void => {
    if (lines > 0) visit({ fields, malformed });
    fields = new Map();
    malformed = undefined;
    key = undefined;
    lines = 0;
  };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const next = found < 0 ? text.length : found;
    const end = next > start && text.charCodeAt(next - 1) === carriageReturn ? next - 1 : next;
    const first = text.charCodeAt(start);
    if (isBlank(text, start, end)) finish();
    else if (first === space || first === tab) {
      lines++;
      if (lines === 1) malformed ??= text.slice(start, Math.min(end, start + 60));
      if (key !== undefined) fields.set(key, `${fields.get(key) ?? ''}\n${text.slice(start, end).trim()}`);
    } else {
      lines++;
      const at = colonIn(text, start, end);
      if (at <= start) malformed ??= text.slice(start, Math.min(end, start + 60));
      const name = at <= start ? undefined : text.slice(start, at).toLowerCase();
      key = name !== undefined && wanted.has(name) ? name : undefined;
      if (key !== undefined) fields.set(key, text.slice(at + 1, end).trim());
    }
    start = next + 1;
  }
  finish();
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code !== space && code !== tab) return false;
  }
  return true;
}

/** A field's name is short: looking further would make a file without colons slow for nothing. */
function colonIn(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + 256);
  for (let i = start; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === colon) return i;
    if (code === space || code === tab || code === newline) return -1;
  }
  return -1;
}
