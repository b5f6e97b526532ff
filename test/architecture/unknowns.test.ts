import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { unknownCodes } from '../../src/findings/index.js';
import { filesOf } from './imports.js';

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();

test('docs/unknowns.md explains every unknown, once, and no other', () => {
  const page = readFileSync(join(repoRoot, 'docs', 'unknowns.md'), 'utf8');
  const explained = page.split('\n').flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  assert.deepEqual(explained.sort(), [...unknownCodes].sort());
});

test('the schema of reports knows every unknown', () => {
  const schema: unknown = JSON.parse(readFileSync(join(repoRoot, 'schemas', 'report.json'), 'utf8'));
  const { $defs } = schema as { $defs: { unknown: { properties: { code: { enum: readonly string[] } } } } };
  assert.deepEqual([...$defs.unknown.properties.code.enum].sort(), [...unknownCodes].sort());
});

test('every unknown is made somewhere', () => {
  const sources = filesOf(repoRoot, 'src', '.ts').filter((file) => !/\.test\.ts$|\/fixtures\//.test(file));
  const makers = sources.filter((file) => /^src\/(?:packages|image|match|scan)\//.test(file));
  const text = makers.map((file) => readFileSync(join(repoRoot, file), 'utf8')).join('\n');
  assert.deepEqual(
    unknownCodes.filter((code) => !text.includes(`'${code}'`)),
    [],
  );
});
