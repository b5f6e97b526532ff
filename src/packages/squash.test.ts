import assert from 'node:assert/strict';
import test from 'node:test';
import {
  device,
  directory,
  type LayerTree,
  namesOf,
  opaque,
  squashTrees,
  type TreeEntry,
  whiteout,
} from '../../test/support/cataloger-tester.js';
import type { ImageFacts } from './image-facts.js';

const installed = 'lib/apk/db/installed';
const apk = (...packages: readonly string[]): string =>
  packages.map((each) => `P:${each.split(' ')[0]}\nV:${each.split(' ')[1]}\nA:x86_64\n\n`).join('');
const node = (name: string, version = '1.0.0'): string => JSON.stringify({ name, version });

function codes({ unknowns }: ImageFacts): readonly string[] {
  return unknowns.map((each) => `${each.code} ${each.subject}`);
}

const alpine: LayerTree = { 'etc/alpine-release': '3.11.6\n', [installed]: apk('musl 1.1.24-r2', 'zlib 1.2.11-r3') };

test('the upper database replaces the lower; packages know the layer they came in', () => {
  const image = squashTrees([alpine, { [installed]: apk('musl 1.1.24-r2', 'zlib 1.2.11-r4', 'curl 7.67.0-r0') }]);
  assert.deepEqual(namesOf(image.osPackages, true), ['curl 7.67.0-r0 @1', 'musl 1.1.24-r2 @0', 'zlib 1.2.11-r4 @1']);
  assert.deepEqual(image.operatingSystem, { family: 'alpine', name: '3.11.6' });
  assert.equal(image.osPackages[1]?.purl, 'pkg:apk/alpine/musl@1.1.24-r2?arch=x86_64&distro=3.11.6');
  assert.equal(image.osPackages[1]?.analyzedBy, 'apk');
  assert.deepEqual(codes(image), []);
});

test('a package that left and came back is of the lowest layer that had it', () => {
  const image = squashTrees([alpine, { [installed]: apk('musl 1.1.24-r2') }, alpine]);
  assert.deepEqual(namesOf(image.osPackages, true), ['musl 1.1.24-r2 @0', 'zlib 1.2.11-r3 @0']);
});

const app = 'srv/app/package.json';
const hides: readonly (readonly [what: string, upper: LayerTree])[] = [
  ['a whiteout of the file', { [app]: whiteout }],
  ['a whiteout of its folder', { 'srv/app': whiteout }],
  ['a whiteout of a folder above', { srv: whiteout }],
  ['an opaque folder', { 'srv/app': opaque }],
  ['an opaque folder above', { srv: opaque }],
  ['an opaque root', { '': opaque }],
  ['a file in place of its folder', { 'srv/app': 'x' }],
  ['a link in place of its folder', { 'srv/app': { symlink: '/elsewhere' } }],
  ['a hard link in place of a folder above', { 'etc/x': 'x', srv: { hardlink: 'etc/x' } }],
  ['a device in its place', { [app]: device }],
  ['a file in its place that declares nothing', { [app]: '{}' }],
  ['a link in its place', { [app]: { symlink: 'package.json.real' } }],
  ['a folder in its place', { [app]: directory }],
  ['something below it', { [`${app}/deeper/file`]: 'x' }],
  ['a whiteout below it', { [`${app}/deeper`]: whiteout }],
];
for (const [what, upper] of hides) {
  test(`hidden by ${what}`, () => {
    const image = squashTrees([{ [app]: node('app') }, upper]);
    assert.deepEqual(image.applications, []);
  });
}

const keeps: readonly (readonly [what: string, upper: LayerTree])[] = [
  ['its folder', { srv: directory, 'srv/app': directory }],
  ['a neighbour', { 'srv/app/package.jso': 'x', 'srv/app/package.json2': 'x', 'srv/app/package.json.d/x': 'x' }],
  ['a folder whose name begins the same', { 'srv/ap': whiteout, 'srv/app2': whiteout, 'srv/app-1': opaque }],
  ['an opaque folder beside it', { 'srv/other': opaque }],
  ['the same name elsewhere', { 'opt/app': whiteout, 'app/package.json': whiteout }],
];
for (const [what, upper] of keeps) {
  test(`not hidden by ${what}`, () => {
    const image = squashTrees([{ [app]: node('app') }, upper]);
    assert.deepEqual(namesOf(image.applications[0]?.packages ?? [], true), ['app 1.0.0 @0']);
  });
}

test('what a layer hides is what lies below it, never its own', () => {
  const lower = { 'srv/a/package.json': node('a'), 'srv/b/package.json': node('b') };
  const ownAfter: LayerTree = { srv: opaque, 'srv/c/package.json': node('c') };
  const ownBefore: LayerTree = { 'srv/c/package.json': node('c'), srv: opaque };
  const removedAndMade: readonly (readonly [string, TreeEntry])[] = [
    ['srv/a/package.json', node('a', '2.0.0')],
    ['srv/a', whiteout],
  ];
  for (const upper of [ownAfter, ownBefore]) {
    assert.deepEqual(namesOf(squashTrees([lower, upper]).applications[0]?.packages ?? [], true), ['c 1.0.0 @1']);
  }
  assert.deepEqual(namesOf(squashTrees([lower, removedAndMade]).applications[0]?.packages ?? [], true), [
    'a 2.0.0 @1',
    'b 1.0.0 @0',
  ]);
});

test('listings need no order', () => {
  const lower = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`d${i % 5}/e${i % 3}/p${i}/package.json`, node(`p${i}`)]),
  );
  const upper: (readonly [string, TreeEntry])[] = [];
  for (let i = 0; i < 30; i += 2)
    upper.push([`d${i % 5}/e${i % 3}/p${i}`, whiteout], ['x/y', 'z'], [`d${i % 5}`, directory]);
  const left = namesOf(squashTrees([lower, upper]).applications[0]?.packages ?? []);
  assert.equal(left.length, 15);
  assert.ok(left.every((name) => Number(/p(\d+)/.exec(name)?.[1]) % 2 === 1));
});

test('a whiteout takes a layer of three apart as it stands', () => {
  const image = squashTrees([{ [app]: node('app') }, { srv: whiteout }, { [app]: node('app') }]);
  assert.deepEqual(namesOf(image.applications[0]?.packages ?? [], true), ['app 1.0.0 @0']);
});

test('files beside package databases come and go with them', () => {
  const image = squashTrees([
    { 'etc/debian_version': '9.13\n', 'var/lib/dpkg/status.d/a': 'Package: a\nVersion: 1\n\n' },
    { 'var/lib/dpkg/status.d/b': 'Package: b\nVersion: 1\n\n' },
    { 'var/lib/dpkg/status.d/a': whiteout, 'var/lib/dpkg/status.d/c': 'Package: c\nVersion: 1\n\n' },
  ]);
  assert.deepEqual(namesOf(image.osPackages, true), ['b 1 @1', 'c 1 @2']);
  assert.deepEqual(codes(image), []);
});

test('two package databases add up; of one id the first counts', () => {
  const status = 'Package: musl\nVersion: 1.1.24-r2\n\nPackage: dash\nVersion: 0.5-1\n\n';
  const image = squashTrees([{ ...alpine, 'var/lib/dpkg/status': status }]);
  assert.deepEqual(namesOf(image.osPackages), ['dash 0.5-1', 'musl 1.1.24-r2', 'zlib 1.2.11-r3']);
  assert.equal(image.osPackages[1]?.analyzedBy, 'apk');
});

test('files and licences: from the layer that brought the package, and as long as they are there', () => {
  const status = 'Package: a\nVersion: 1\nArchitecture: all\n\n';
  const lower: LayerTree = {
    'etc/debian_version': '10.3\n',
    'var/lib/dpkg/status': status,
    'var/lib/dpkg/info/a.md5sums': 'd41d  usr/bin/a\n',
    'usr/share/doc/a/copyright': 'License: ISC\n',
  };
  const upper = { 'var/lib/dpkg/status': `${status}Package: b\nVersion: 1\n\n` };
  const image = squashTrees([lower, upper]);
  assert.deepEqual(image.osPackages[0]?.package.installedFiles, ['/usr/bin/a']);
  assert.deepEqual(image.osPackages[0]?.package.licenses, ['ISC']);
  const slim = squashTrees([lower, { ...upper, 'usr/share/doc': whiteout }]);
  assert.equal(slim.osPackages[0]?.package.licenses, undefined);
});

test('applications are one a type, sorted by target and package; uids are stable and unique', () => {
  const tree: LayerTree = {
    'b/package.json': node('same'),
    'a/package.json': node('same'),
    'x.egg-info': 'Name: six\nVersion: 1.12.0\n',
    'c/package.json': node('first'),
  };
  const image = squashTrees([alpine, tree]);
  assert.deepEqual(
    image.applications.map((each) => [
      each.type,
      each.target,
      each.packages.map(({ package: { filePath } }) => filePath),
    ]),
    [
      ['node-pkg', 'Node.js', ['c/package.json', 'a/package.json', 'b/package.json']],
      ['python-pkg', 'Python', ['x.egg-info']],
    ],
  );
  const all = [...image.osPackages, ...image.applications.flatMap((each) => each.packages)];
  assert.equal(new Set(all.map((each) => each.uid)).size, all.length);
  assert.ok(all.every((each) => /^[0-9a-f]{16}$/.test(each.uid)));
  assert.equal(JSON.stringify(squashTrees([alpine, tree]).osPackages), JSON.stringify(image.osPackages));
  assert.equal(image.applications[0]?.packages[0]?.purl, 'pkg:npm/first@1.0.0');
});

test('another distribution on request changes names and URLs, where there is something to name', () => {
  const distro = { family: 'debian', name: '12' };
  const image = squashTrees([alpine], { distro });
  assert.deepEqual(image.operatingSystem, distro);
  assert.match(image.osPackages[0]?.purl ?? '', /^pkg:deb\/debian\/musl@/);
  assert.deepEqual(codes(image), []);
  assert.deepEqual(squashTrees([{ [installed]: apk('a 1-r0') }], { distro }).operatingSystem, distro);
  const nothing = squashTrees([{ 'bin/app': 'x' }], { distro });
  assert.equal(nothing.operatingSystem, undefined);
  assert.deepEqual(codes(nothing), ['NO_OS operating system']);
});

test('the repository of the top layer counts, and names the system where nothing else does', () => {
  const repositories = (release: string) => `https://x/alpine/${release}/main\n`;
  const image = squashTrees([
    { ...alpine, 'etc/apk/repositories': repositories('v3.11') },
    { 'etc/apk/repositories': repositories('edge') },
  ]);
  assert.deepEqual(image.repository, { family: 'alpine', release: 'edge' });
  assert.equal(image.operatingSystem?.name, '3.11.6');
  const bare = squashTrees([{ [installed]: apk('a 1-r0'), 'etc/apk/repositories': repositories('v3.16') }]);
  assert.deepEqual(bare.operatingSystem, { family: 'alpine', name: '3.16' });
  assert.deepEqual(codes(bare), []);
});

test('no layers at all is an image of which nothing was assessed', () => {
  assert.deepEqual(codes(squashTrees([])), ['NO_OS operating system']);
});
