import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { FormatError } from '../core/index.js';
import { compileGlob } from './glob.js';

const cases: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
  ['a/b.txt', ['a/b.txt'], ['a/B.txt', '/a/b.txt', 'a/b.txt/', 'x/a/b.txt', '']],
  ['*', ['a', 'abc', ''], ['a/b', '/']],
  ['*.txt', ['a.txt', '.txt'], ['a/b.txt', 'a.txt.gz']],
  ['a*b*c', ['abc', 'axbxc', 'abbcc'], ['ab', 'a/b/c']],
  ['a?c', ['abc', 'aéc', 'a😀c'], ['ac', 'a/c', 'abbc']],
  ['**', ['', 'a', 'a/b/c'], []],
  ['**/b', ['b', 'a/b', 'a/c/b'], ['ab', 'a/bb', 'b/a']],
  ['a/**', ['a', 'a/', 'a/b', 'a/b/c'], ['ab', 'b/a']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb', 'a/b/c']],
  ['**/a/**', ['a', 'x/a', 'a/y', 'x/y/a/z'], ['xa', 'ax/b']],
  ['**/**', ['', 'a', 'a/b'], []],
  ['a/**/**/b', ['a/b', 'a/x/y/b'], ['ab']],
  ['a**', ['a', 'abc'], ['a/b']],
  ['**b', ['b', 'ab'], ['a/b']],
  ['a/**.txt', ['a/b.txt'], ['a/b/c.txt']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'x', '-x']],
  ['[!a-c]x', ['dx'], ['ax', 'x']],
  ['[-a]', ['-', 'a'], ['b']],
  ['[a-]', ['-', 'a'], ['b']],
  ['[a-b-c]', ['-', 'a', 'b', 'c'], ['d']],
  ['[--a]', ['.', 'a'], ['+']],
  ['[[a]', ['[', 'a'], ['b']],
  ['[z-a]', [], ['a', 'm', '-']],
  ['[^a]', ['b', '/'], ['a', '']],
  ['a[.-0]b', ['a.b', 'a/b', 'a0b'], ['a1b']],
  ['[\\]]', [']'], ['\\]']],
  ['{a,b}.txt', ['a.txt', 'b.txt'], ['c.txt', 'ab.txt']],
  ['{a,b{c,d}}x', ['ax', 'bcx', 'bdx'], ['bx', 'cx']],
  ['x{,y}', ['x', 'xy'], ['xyy']],
  ['{a/**,b}', ['a', 'a/x/y', 'b'], ['b/x']],
  ['{**/a,b}/c', ['a/c', 'x/a/c', 'b/c'], ['x/b/c']],
  ['{**,a}/b', ['b', 'x/y/b', 'a/b'], ['xb']],
  ['/{**}', ['/', '/a/b'], ['a']],
  ['a,b', ['a,b'], ['a']],
  ['a]', ['a]'], ['a']],
  ['\\*', ['*'], ['a', '\\*']],
  [
    'usr/lib/python3.[0-9]/**/*.dist-info/METADATA',
    ['usr/lib/python3.9/site-packages/x-1.dist-info/METADATA'],
    ['usr/lib/python3.10/x.dist-info/METADATA'],
  ],
];

for (const [pattern, matching, other] of cases) {
  test(`glob ${pattern}`, () => {
    const matches = compileGlob(pattern);
    for (const path of matching) assert.equal(matches(path), true, `should match ${JSON.stringify(path)}`);
    for (const path of other) assert.equal(matches(path), false, `should not match ${JSON.stringify(path)}`);
  });
}

test('glob: what is left open is an error', () => {
  for (const pattern of ['[', '[a', '[]', '[]a]', '[!]', '{', '{a,b', 'a}', '{a}}', '\\', '[\\', '{{a,b}']) {
    assert.throws(
      () => compileGlob(pattern),
      (error) => error instanceof FormatError && error.code === 'INVALID',
      pattern,
    );
  }
});

const beyond = (error: unknown): boolean => error instanceof FormatError && error.code === 'LIMIT_EXCEEDED';

test('glob: bounds', () => {
  assert.throws(() => compileGlob('a'.repeat(4097)), beyond);
  assert.throws(() => compileGlob('{'.repeat(4000)), beyond);
});

test('glob: patterns that make a backtracking matcher hang answer at once', () => {
  assert.equal(compileGlob(`${'*a'.repeat(200)}b`)('a'.repeat(5000)), false);
  assert.equal(compileGlob(`${'**/'.repeat(200)}b`)('a/'.repeat(2500)), false);
  assert.equal(compileGlob('{a,a}'.repeat(200))(`${'a'.repeat(199)}b`), false);
});

test('glob: any text compiles or is refused, and a text with its special characters escaped matches itself alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ maxLength: 20 }), (text, path) => {
      try {
        compileGlob(text)(path);
      } catch (error) {
        assert.ok(error instanceof FormatError);
      }
      const escaped = compileGlob(text.replace(/[*?[\]{}\\]/g, '\\$&'));
      assert.equal(escaped(text), true);
      assert.equal(escaped(`${text}x`), false);
    }),
  );
});
