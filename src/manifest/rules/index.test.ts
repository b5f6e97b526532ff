import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { manifestRulesPage } from '../../../test/architecture/manifest-rules-page.js';
import { repoRoot } from '../../../test/support/paths.js';
import { findManifestRule, manifestRules } from '../analysis/all-rules.js';
import * as registered from './index.js';

test('names are those of exports, ids are unique and in their form', () => {
  const camel = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  for (const [exported, rule] of Object.entries(registered)) {
    assert.equal(camel(rule.name), exported);
    assert.match(rule.id, /^TW-K[0-9]{3}$/);
    assert.match(rule.why, /\.$/, rule.id);
    assert.doesNotMatch(rule.title + rule.fix, /\.$/, rule.id);
  }
  assert.equal(new Set(manifestRules.map(({ id }) => id)).size, manifestRules.length);
});

test('rules are found by id in any case, and by name', () => {
  assert.equal(findManifestRule('tw-k001')?.name, 'privileged-container');
  assert.equal(findManifestRule('privileged-container')?.id, 'TW-K001');
  assert.equal(findManifestRule('constructor'), undefined);
});

test('the page of the rules is the one that they make', () => {
  assert.equal(
    readFileSync(join(repoRoot, 'docs', 'manifest-rules.md'), 'utf8'),
    manifestRulesPage(),
    'run "npm run docs"',
  );
});

test('the page has every rule', () => {
  const page = manifestRulesPage();
  for (const { id } of manifestRules) assert.ok(page.includes(`| \`${id}\` |`), id);
});
