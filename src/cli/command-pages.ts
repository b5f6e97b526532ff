import { commandPage } from './command-page.js';
import { commands } from './commands/index.js';

/** File name to text: one page a command, and the page that lists them. */
export async function commandPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  for (const entry of commands) pages.set(fileOf(entry.name), commandPage(entry, await entry.load()));
  const list = commands.map(({ name, summary }) => `| [\`${name}\`](${fileOf(name)}) | ${summary} |`);
  pages.set(
    'README.md',
    [
      '# Commands',
      '',
      'Printed from the program by `npm run docs`.',
      '',
      '| Command | |',
      '| --- | --- |',
      ...list,
      '',
    ].join('\n'),
  );
  return pages;
}

function fileOf(name: string): string {
  return `${name.replaceAll(' ', '-')}.md`;
}
