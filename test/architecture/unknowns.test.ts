import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { unknownCodes } from '../../src/findings/index.js';

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();

test('docs/unknowns.md explains every unknown, once, and no other', () => {
  const page = readFileSync(join(repoRoot, 'docs', 'unknowns.md'), 'utf8');
  const explained = page.split('\n').flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  assert.deepEqual(explained.sort(), [...unknownCodes].sort());
});
