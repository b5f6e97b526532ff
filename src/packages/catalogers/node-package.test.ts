import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogTree, type LayerTree } from '../../../test/support/cataloger-tester.js';

function read(tree: LayerTree) {
  const { facts, asked } = catalogTree(tree);
  const packages = facts.lists.flatMap((list) => list.packages.map((each) => `${each.id} ${each.filePath}`));
  return { facts, asked, packages, unknowns: facts.unknowns.map((each) => `${each.code} ${each.subject}`) };
}
const file = (name: string, version: string): string => JSON.stringify({ name, version });

test('every package.json with a name and a version is a package, wherever it lies', () => {
  const { packages, asked, facts, unknowns } = read({
    'package.json': file('root', '1.0.0'),
    'srv/app/package.json': file('app', '0.1.0'),
    'srv/app/node_modules/@scope/name/package.json': file('@scope/name', '2.0.0-rc.1'),
    'srv/app/my-package.json': file('no', '1.0.0'),
    'srv/app/package.json.bak': file('no', '1.0.0'),
    'srv/app/src/package.json': '{"type": "module"}',
    'srv/app/lib/package.json': '{"name": "nameless", "version": ""}',
  });
  assert.deepEqual(packages, [
    'root@1.0.0 package.json',
    'app@0.1.0 srv/app/package.json',
    '@scope/name@2.0.0-rc.1 srv/app/node_modules/@scope/name/package.json',
  ]);
  assert.equal(facts.lists[0]?.type, 'node-pkg');
  assert.equal(facts.lists[0]?.kind, 'language');
  assert.ok(!asked.includes('srv/app/my-package.json'));
  assert.deepEqual(unknowns, []);
});

test('licences come as text, as an object, or as a list of both', () => {
  const licenses = (license: unknown) =>
    read({ 'a/package.json': JSON.stringify({ name: 'a', version: '1.0.0', license }) }).facts.lists[0]?.packages[0]
      ?.licenses;
  assert.deepEqual(licenses('MIT'), ['MIT']);
  assert.deepEqual(licenses('(MIT OR Apache-2.0)'), ['(MIT OR Apache-2.0)']);
  assert.deepEqual(licenses({ type: 'Apache License, Version 2.0' }), ['Apache-2.0']);
  assert.deepEqual(licenses([{ type: 'BSD-3-Clause' }, 'ISC', 7]), ['BSD-3-Clause', 'ISC']);
  assert.equal(licenses(7), undefined);
});

test('a broken file is said where a package should be, and is none of our business inside of packages', () => {
  const { packages, unknowns } = read({
    'app/node_modules/good/package.json': file('good', '1.0.0'),
    'app/node_modules/broken/package.json': '{"name": "broken",',
    'app/node_modules/@a/broken/package.json': '[]',
    'app/node_modules/resolve/test/malformed/package.json': '{',
    'app/node_modules/odd/package.json': file('{{name}}', '1.0.0'),
    'app/node_modules/numeric/package.json': '{"name": "numeric", "version": 1}',
    'app/template/package.json': file('{{name}}', '1.0.0'),
    'app/package.json': '\0\0\0\0',
  });
  assert.deepEqual(packages, ['good@1.0.0 app/node_modules/good/package.json']);
  assert.deepEqual(unknowns, [
    'PACKAGE_UNREADABLE app/node_modules/broken/package.json',
    'PACKAGE_UNREADABLE app/node_modules/@a/broken/package.json',
    'PACKAGE_UNREADABLE app/node_modules/odd/package.json',
    'PACKAGE_UNREADABLE app/node_modules/numeric/package.json',
    'PACKAGE_UNREADABLE app/package.json',
  ]);
});

test('deep nesting and too many bytes are unknowns', () => {
  const { unknowns } = read({
    'a/package.json': `{"name":"a","version":"1.0.0","x":${'['.repeat(100_000)}`,
    'b/package.json': `{"name":"b","version":"1.0.0","x":"${'x'.repeat(9_000_000)}"}`,
  });
  assert.deepEqual(unknowns, ['PACKAGE_UNREADABLE a/package.json', 'FILE_TOO_LARGE b/package.json']);
});

test('names of properties that every object has are only names', () => {
  assert.deepEqual(read({ 'a/package.json': '{"__proto__": {"name": "a", "version": "1"}}' }).packages, []);
  assert.deepEqual(read({ 'a/package.json': file('constructor', '1.0.0') }).packages, [
    'constructor@1.0.0 a/package.json',
  ]);
});
