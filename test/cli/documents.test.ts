import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { commandPages } from '../../src/cli/command-pages.js';
import { repoPath } from '../support/paths.js';

test('docs/commands says what the commands declare (npm run docs)', async () => {
  const folder = repoPath('docs', 'commands');
  const pages = await commandPages();
  assert.ok(existsSync(folder));
  assert.deepEqual(readdirSync(folder).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) assert.equal(readFileSync(repoPath('docs', 'commands', name), 'utf8'), text, name);
});
