import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { filesOf, importsOf } from './imports.js';

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();
const scripts = filesOf(repoRoot, 'web', '.ts');
const all = [...scripts, ...filesOf(repoRoot, 'web', '.html'), ...filesOf(repoRoot, 'web', '.css')];
const textOf = (file: string): string => readFileSync(join(repoRoot, file), 'utf8');

test('what browsers get imports only itself', () => {
  const others = scripts
    .flatMap((file) => importsOf(repoRoot, file))
    .filter(({ target }) => !target?.startsWith('web/'));
  assert.deepEqual(others, []);
});

test('in it no text becomes markup or code', () => {
  const bans =
    /\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|\beval\(|new Function|\bsrcdoc\b/;
  assert.deepEqual(
    scripts.filter((file) => bans.test(textOf(file))),
    [],
  );
});

test('it loads nothing from elsewhere, and holds no script or style that its content policy would refuse', () => {
  for (const file of all) {
    const text = textOf(file).replaceAll('http://www.w3.org/2000/svg', '').replaceAll("'http://www.w3.org", '');
    assert.ok(!/https?:\/\//.test(text), file);
    if (file.endsWith('.html')) {
      assert.ok(!/\son[a-z]+=|\sstyle=|<style|javascript:/i.test(text), file);
      assert.ok(!/<script(?![^>]*\ssrc="\/[a-z-]+\.js")/.test(text), file);
    }
  }
});
