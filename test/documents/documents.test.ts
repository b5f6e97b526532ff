import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { consoleLines, prints } from './console.js';

const documents = [
  'README.md',
  ...readdirSync(repoPath('docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`),
]
  .filter((file) => file.endsWith('.md'))
  .sort();
const notBuilt = existsSync(repoPath('dist', 'cli.js')) ? false : 'dist/cli.js is not built';

for (const document of documents) {
  const lines = consoleLines(document, readFileSync(repoPath(document), 'utf8'));
  if (lines.length === 0) continue;
  test(`${document}: its commands print what it says`, { skip: notBuilt }, (t) => {
    const folder = temporaryFolder(t);
    for (const name of ['examples', 'data', 'schemas']) symlinkSync(repoPath(name), join(folder, name));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(
      join(folder, 'bin', 'tidewaiter'),
      `#!/bin/sh\nexec "${process.execPath}" "${repoPath('dist', 'cli.js')}" "$@"\n`,
      { mode: 0o755 },
    );
    const env = {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      // What is printed must not depend on the database of the day.
      TIDEWAITER_SKIP_DB_UPDATE: 'true',
    };
    for (const { line, command, printed } of lines) {
      const ended = spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
      const said = ended.stdout;
      assert.ok(
        prints(said, printed),
        `${document}:${line}: ${command}\nprinted:\n${said}\n${ended.stderr}\nthe document says:\n${printed.join('\n')}`,
      );
      if (printed.length === 0) assert.equal(ended.status, 0, `${document}:${line}: ${command}: ${ended.stderr}`);
    }
  });
}

test('the lines of a document are told from what they print', () => {
  const found = consoleLines('x.md', 'text\n```console\n$ a b\none\n...\nlast\n$ c\n```\n$ no\n');
  assert.deepEqual(
    found.map(({ command, printed }) => [command, printed]),
    [
      ['a b', ['one', '...', 'last']],
      ['c', []],
    ],
  );
  assert.ok(prints('one\ntwo\nlast\n', ['one', '...', 'last']));
  assert.ok(!prints('one\ntwo\n', ['one', '...', 'last']));
  assert.ok(!prints('one\ntwo\n', ['one']));
});
