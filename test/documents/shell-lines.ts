/** One command of a document. */
export interface ShellLine {
  readonly line: number;
  /** Headings above it, from the second level on, without their marks. */
  readonly section: string;
  readonly command: string;
}

/** The commands of the blocks ```sh (one a line) and ```console (behind `$ `) of a document, in its order. */
export function shellLines(text: string): readonly ShellLine[] {
  const found: ShellLine[] = [];
  let block: string | undefined;
  let section = '';
  for (const [at, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) block = block === undefined ? line.slice(3) : undefined;
    else if (block === undefined && /^#{2,3} /.test(line)) section = line.replace(/^#+ /, '');
    else if (block === 'sh' && line.trim() !== '' && !line.startsWith('#')) found.push(commandAt(at, section, line));
    else if (block === 'console' && line.startsWith('$ ')) found.push(commandAt(at, section, line.slice(2)));
  }
  return found;
}

function commandAt(at: number, section: string, command: string): ShellLine {
  return { line: at + 1, section, command };
}
