/** One command of a document and what the document says that it prints. */
export interface ConsoleLine {
  readonly document: string;
  readonly line: number;
  readonly command: string;
  /** Empty: the document does not say. A line `...` stands for any number of lines. */
  readonly printed: readonly string[];
}

/** The commands of the ```console blocks of a document. */
export function consoleLines(document: string, text: string): readonly ConsoleLine[] {
  const found: { document: string; line: number; command: string; printed: string[] }[] = [];
  let inside = false;
  for (const [at, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) {
      inside = line === '```console';
    } else if (inside && line.startsWith('$ ')) {
      found.push({ document, line: at + 1, command: line.slice(2), printed: [] });
    } else if (inside) {
      found.at(-1)?.printed.push(line);
    }
  }
  return found;
}

/** Does a text say what the lines say, `...` standing for any number of lines? */
export function prints(text: string, expected: readonly string[]): boolean {
  if (expected.length === 0) return true;
  const lines = text.replace(/\n$/, '').split('\n');
  const match = (at: number, wanted: number): boolean => {
    if (wanted === expected.length) return at === lines.length;
    if (expected[wanted] === '...') {
      for (let next = at; next <= lines.length; next++) if (match(next, wanted + 1)) return true;
      return false;
    }
    return lines[at] === expected[wanted] && match(at + 1, wanted + 1);
  };
  return match(0, 0);
}
