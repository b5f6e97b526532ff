import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { celFunctions } from './functions/index.js';
import { loopNames } from './tree.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();

test('the documentation lists every function', () => {
  const text = readFileSync(join(repoRoot, 'docs', 'policy.md'), 'utf8');
  const section = text.slice(text.indexOf('### Expressions'), text.indexOf('### A policy engine'));
  const told = new Set([...section.matchAll(/`([a-zA-Z_.]+)`/g)].map(([, word]) => word));
  for (const name of [...celFunctions.keys(), ...loopNames, 'has', 'cel.bind']) assert.ok(told.has(name), name);
});
