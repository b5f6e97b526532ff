import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogTree, device, directory, type LayerTree, type TreeEntry } from '../../test/support/cataloger-tester.js';
import { FormatError } from '../core/index.js';
import { type CatalogOptions, catalogers, catalogFingerprint, createLayerCatalog } from './catalog.js';

const apk = 'lib/apk/db/installed';
const musl = 'P:musl\nV:1.1.24-r2\n\n';
const both: CatalogOptions = { kinds: { language: true } };
const tree: LayerTree = {
  [apk]: musl,
  'etc/alpine-release': '3.11.6\n',
  'srv/a/package.json': '{"name":"a","version":"1.0.0"}',
  'srv/b/c/package.json': '{"name":"c","version":"1.0.0"}',
};

function namesOf(options: Partial<CatalogOptions>, from: LayerTree = tree): readonly string[] {
  return catalogTree(from, options)
    .facts.lists.flatMap((list) => list.packages.map((each) => each.name))
    .sort();
}

test('ids are unique and versions whole', () => {
  assert.equal(new Set(catalogers.map((each) => each.id)).size, catalogers.length);
  assert.ok(catalogers.every((each) => Number.isInteger(each.version) && each.version > 0));
});

test('language packages are cataloged where asked for, the system always', () => {
  assert.deepEqual(namesOf({}), ['a', 'c', 'musl']);
  assert.deepEqual(namesOf({ kinds: { language: false } }), ['musl']);
  const system = catalogTree(tree, { kinds: { language: false } });
  assert.deepEqual(system.asked, ['etc/alpine-release', apk]);
  assert.equal(system.facts.operatingSystems.length, 1);
});

test('skipped folders hide all below them, whatever stands in front and behind the pattern', () => {
  for (const pattern of ['srv', '/srv', './srv/', 's*', '/srv/**']) {
    assert.deepEqual(namesOf({ skipDirs: [pattern] }), ['musl'], pattern);
  }
  assert.deepEqual(namesOf({ skipDirs: ['srv/b'] }), ['a', 'musl']);
  assert.deepEqual(
    namesOf({ skipDirs: ['b', 'srv/a/package.json'] }),
    ['a', 'c', 'musl'],
    'anchored, and folders only',
  );
  assert.deepEqual(namesOf({ skipDirs: ['**/b'] }), ['a', 'musl']);
});

test('skipped files', () => {
  assert.deepEqual(namesOf({ skipFiles: ['/srv/*/package.json'] }), ['c', 'musl']);
  assert.deepEqual(namesOf({ skipFiles: ['**/package.json', apk] }), []);
  assert.deepEqual(namesOf({ skipFiles: ['package.json', 'srv'] }), ['a', 'c', 'musl']);
});

test('a pattern that is none is refused', () => {
  assert.throws(() => createLayerCatalog({ ...both, skipDirs: ['a['] }), FormatError);
});

test('every path is listed, with its kind', () => {
  const { facts } = catalogTree({ etc: directory, 'etc/x': 'x', 'etc/l': { symlink: 'x' }, 'dev/null': device });
  assert.deepEqual(
    [...facts.paths].map((each) => `${each.kind} ${each.path}`),
    ['directory etc', 'file etc/x', 'symlink etc/l', 'device dev/null'],
  );
  assert.equal(facts.entryCount, 4);
});

test('links in the place of files that declare something are kept; links to details are not', () => {
  const { facts } = catalogTree({
    [apk]: { symlink: '/data/installed' },
    'etc/os-release': { symlink: '../usr/lib/os-release' },
    'usr/share/doc/a/copyright': { symlink: '../b/copyright' },
    'etc/apk/repositories': { symlink: 'x' },
    'etc/passwd': { symlink: 'x' },
  });
  assert.deepEqual(facts.links, [
    { path: apk, target: '/data/installed' },
    { path: 'etc/os-release', target: '../usr/lib/os-release' },
  ]);
});

test('a hard link to a file of the layer is that file; one that leads out of the layer is an unknown', () => {
  const { facts } = catalogTree({
    'backup/installed': musl,
    [apk]: { hardlink: 'backup/installed' },
    'usr/lib/apk/db/installed': { hardlink: 'nowhere' },
    'usr/share/doc/a/copyright': { hardlink: 'nowhere' },
  });
  assert.deepEqual(
    facts.lists.map((list) => list.path),
    [apk],
  );
  assert.deepEqual(
    facts.unknowns.map((each) => [each.code, each.subject]),
    [['LINK_UNRESOLVED', 'usr/lib/apk/db/installed']],
  );
});

test('a file that is too large is an unknown that names layer and cataloger', () => {
  const { facts } = catalogTree({ 'etc/os-release': new Uint8Array(300 * 1024) });
  const [unknown] = facts.unknowns;
  assert.equal(unknown?.code, 'FILE_TOO_LARGE');
  assert.equal(unknown?.subject, 'etc/os-release');
  assert.equal(unknown?.cataloger, 'os-release');
  assert.match(unknown?.layer ?? '', /^sha256:/);
});

test('of a path that comes twice the later counts, also where the first was broken', () => {
  const twice = (first: TreeEntry, second: TreeEntry) =>
    catalogTree([
      [apk, first],
      [apk, second],
    ]).facts;
  const good = twice('broken', 'P:a\nV:1-r0\n\n');
  assert.deepEqual(good.unknowns, []);
  assert.deepEqual(
    good.lists.map((list) => list.packages.map((each) => each.name)),
    [['a']],
  );
  assert.deepEqual(twice({ symlink: 'x' }, musl).links, []);
});

test('a hundred thousand broken files are counted, not listed', () => {
  const broken: Record<string, string> = {};
  for (let i = 0; i < 2000; i++) broken[`app/node_modules/p${i}/package.json`] = '{';
  const { unknowns } = catalogTree(broken).facts;
  assert.equal(unknowns.length, 501);
  assert.match(unknowns.at(-1)?.reason ?? '', /1500 more/);
});

test('the fingerprint changes with what is cataloged, not with the order in which it is said', () => {
  const prints = [
    both,
    { kinds: { language: false } },
    { ...both, skipFiles: ['a'] },
    { ...both, skipDirs: ['a'] },
    { ...both, skipDirs: ['a', 'b'] },
  ].map(catalogFingerprint);
  assert.equal(new Set(prints).size, prints.length);
  assert.equal(catalogFingerprint({ ...both, skipDirs: ['b', 'a', 'b'] }), prints.at(-1));
});
