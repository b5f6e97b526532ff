const maxWordLength = 1024;

/** Calls `visit` for each line, without its end (`\n` or `\r\n`); what follows the last end counts if it is not empty. */
export function eachLine(text: string, visit: (line: string) => void): void {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const last = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    visit(text.slice(start, last));
    start = end + 1;
  }
}

/** The first line of a text, without its end. */
export function firstLine(text: string): string {
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Can this be a name or a version: neither empty nor of absurd length, without control characters? */
export function isWord(text: string): boolean {
  if (text.length === 0 || text.length > maxWordLength) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127 || code === 0xfffd) return false;
  }
  return true;
}

/** The part behind the last slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Everything in front of the last slash; empty at the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
