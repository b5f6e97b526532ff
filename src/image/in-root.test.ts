import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { resolveInRoot } from './index.js';

function resolve(path: string, links: Readonly<Record<string, string>>): string {
  const resolved = resolveInRoot(path, (at) => (Object.hasOwn(links, at) ? links[at] : undefined));
  return resolved.outcome === 'found' ? resolved.path : resolved.outcome;
}

test('links are followed inside the root only', () => {
  const links = {
    'etc/os-release': '../usr/lib/os-release',
    lib: 'usr/lib',
    'usr/lib/x': '/etc/os-release',
    up: '../../../../etc/passwd',
    rooted: '/../../etc/passwd',
    dot: './usr/./lib/',
    empty: '',
    'deep/a': 'b',
    'deep/b': 'c/..',
  };
  const cases: readonly (readonly [string, string])[] = [
    ['etc/os-release', 'usr/lib/os-release'],
    ['lib/apk/db/installed', 'usr/lib/apk/db/installed'],
    ['lib/x', 'usr/lib/os-release'],
    ['up', 'etc/passwd'],
    ['rooted', 'etc/passwd'],
    ['dot/file', 'usr/lib/file'],
    ['empty/file', 'file'],
    ['deep/a/z', 'deep/z'],
    ['/plain//path/./', 'plain/path'],
    ['a/../../b', 'b'],
    ['', ''],
  ];
  for (const [path, expected] of cases) assert.equal(resolve(path, links), expected, path);
});

test('loops end', () => {
  assert.equal(resolve('a', { a: 'b', b: 'a' }), 'loop');
  assert.equal(resolve('a', { a: 'a' }), 'loop');
  assert.equal(resolve('a', { a: 'a/x' }), 'loop');
  assert.equal(resolve('a/b', { a: '/a' }), 'loop');
  const chain = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`l${at}`, `l${at + 1}`]));
  assert.equal(resolve('l0', chain), 'l40');
  assert.equal(resolve('l0', { ...chain, l40: 'l41' }), 'loop');
});

test('nothing leaves the root, and nothing goes on for ever', () => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.', '', '/');
  const path = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(path, fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a/b', 'b/c', 'a/b/c'), path), (start, links) => {
      const resolved = resolve(start, links);
      if (resolved !== 'loop') assert.ok(!resolved.split('/').includes('..') && !resolved.startsWith('/'));
    }),
  );
});
