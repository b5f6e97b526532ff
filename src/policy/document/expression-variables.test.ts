import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { typeName } from '../../expressions/index.js';
import { variableTypes } from './expression-variables.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();
const documentation = readFileSync(join(repoRoot, 'docs', 'policy.md'), 'utf8');

test('the documentation lists every variable with its type, and every field', () => {
  const rows = [...documentation.matchAll(/^\| `(\w+)` \| ([a-z]+(?:\(\w+\))?|Image|Request) \|/gm)].map(
    ([, name, type]) => [name, type],
  );
  const words = (name: string): string => {
    const type = variableTypes[name];
    assert.ok(type);
    return type.kind === 'map' ? `map(${typeName(type.of)})` : typeName(type);
  };
  const wanted = Object.keys(variableTypes).map((name) => [name, words(name)]);
  for (const row of wanted)
    assert.ok(
      rows.some((one) => one.join() === row.join()),
      row.join(' '),
    );
  for (const type of Object.values(variableTypes)) {
    if (type.kind !== 'list' || type.of.kind !== 'message') continue;
    for (const field of Object.keys(type.of.fields)) assert.ok(documentation.includes(`\`${field}\``), field);
  }
});
