import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { catalogTree, type LayerTree } from '../../../test/support/cataloger-tester.js';

const site = 'usr/local/lib/python3.6/site-packages';
const metadata = 'Metadata-Version: 2.1\nName: Jinja2\nVersion: 2.11.2\nLicense: BSD-3-Clause\n\nName: not-a-header\n';

function read(tree: LayerTree) {
  const { facts, asked } = catalogTree(tree);
  const packages = facts.lists.flatMap((list) => list.packages);
  return { facts, asked, packages, unknowns: facts.unknowns.map((each) => `${each.code} ${each.subject}`) };
}

test('reads wheels and eggs in all their places', () => {
  const places = [
    `${site}/Jinja2-2.11.2.dist-info/METADATA`,
    `${site}/Jinja2-2.11.2.egg-info/PKG-INFO`,
    `${site}/Jinja2-2.11.2.egg-info/METADATA`,
    `${site}/Jinja2-2.11.2.egg-info`,
    `${site}/Jinja2.egg/EGG-INFO/PKG-INFO`,
  ];
  const others = [
    `${site}/METADATA`,
    `${site}/Jinja2-2.11.2.dist-info/RECORD`,
    `${site}/x/PKG-INFO`,
    `${site}/x.egg-link`,
  ];
  const { packages, asked, facts } = read(Object.fromEntries([...places, ...others].map((path) => [path, metadata])));
  assert.deepEqual(asked, [...places].sort());
  assert.deepEqual(
    packages.map((each) => `${each.id}|${each.name} ${each.version} ${each.filePath}`),
    places.map((path) => `|Jinja2 2.11.2 ${path}`),
  );
  assert.ok(facts.lists.every((list) => list.type === 'python-pkg' && list.kind === 'language'));
});

test('licences: the expression, else the classifiers, else the text', () => {
  const licenses = (headers: string) =>
    read({ 'a.dist-info/METADATA': `Name: a\nVersion: 1\n${headers}\n` }).packages[0]?.licenses;
  const classifiers =
    'Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: X\nClassifier: License :: OSI Approved :: Apache Software License\n';
  assert.deepEqual(licenses(`License: BSD\n${classifiers}License-Expression: MIT\n`), ['MIT']);
  assert.deepEqual(licenses(`License: BSD\n${classifiers}`), ['MIT', 'Apache-2.0']);
  assert.deepEqual(licenses('License: BSD\n'), ['BSD-3-Clause']);
  assert.equal(licenses(''), undefined);
  assert.deepEqual(licenses('License-Expression: MIT AND Apache-2.0\n'), ['MIT AND Apache-2.0']);
  assert.deepEqual(licenses('License: MIT\n  and ISC\n'), ['MIT', 'ISC']);
});

test('headers: any case, odd lines passed over, the first counts, line ends of other systems', () => {
  const { packages, unknowns } = read({
    'a.dist-info/METADATA':
      'name: a\r\n\x80odd line\r\nNAME: b\r\nversion: 1.0\r\nVersion: 2.0\r\n\r\nVersion: 3.0\r\n',
  });
  assert.deepEqual([packages[0]?.name, packages[0]?.version], ['a', '1.0']);
  assert.deepEqual(unknowns, []);
});

test('metadata without a name or a version is said', () => {
  const { unknowns } = read({
    'a.dist-info/METADATA': '',
    'b.dist-info/METADATA': 'Name: b\n\nVersion: 1\n',
    'c.egg-info': 'Version: 1\n',
    'd.egg-info': `Name: ${'\0'.repeat(10)}\nVersion: 1\n`,
  });
  assert.deepEqual(unknowns, [
    'PACKAGE_UNREADABLE a.dist-info/METADATA',
    'PACKAGE_UNREADABLE b.dist-info/METADATA',
    'PACKAGE_UNREADABLE c.egg-info',
    'PACKAGE_UNREADABLE d.egg-info',
  ]);
});

test('an egg that is an archive is opened, stored or deflated', () => {
  for (const method of [0, 8] as const) {
    const egg = zip([
      ['setuptools/__init__.py', 'x', 0],
      ['EGG-INFO/PKG-INFO', metadata, method],
    ]);
    const { packages, unknowns } = read({ [`${site}/Jinja2.egg`]: egg });
    assert.deepEqual([packages[0]?.name, packages[0]?.filePath], ['Jinja2', `${site}/Jinja2.egg`]);
    assert.deepEqual(unknowns, []);
  }
});

test('broken archives and bombs are unknowns, what is no archive is nothing', () => {
  const whole = zip([['EGG-INFO/PKG-INFO', metadata, 8]]);
  const bomb = zip([['EGG-INFO/PKG-INFO', 'x'.repeat(20_000_000), 8]]);
  assert.ok(bomb.length < 100_000);
  const { unknowns, packages } = read({
    'cut.egg': whole.subarray(0, whole.length - 30),
    'bomb.egg': bomb,
    'without.egg': zip([['a.py', 'x', 0]]),
    'lying.egg': lyingZip(whole),
    'scheme.egg': '(define x 1)',
  });
  assert.deepEqual(packages, []);
  assert.deepEqual(unknowns, [
    'PACKAGE_UNREADABLE cut.egg',
    'PACKAGE_UNREADABLE bomb.egg',
    'PACKAGE_UNREADABLE without.egg',
    'PACKAGE_UNREADABLE lying.egg',
  ]);
});

/** The offset of the directory far outside of the file. */
function lyingZip(whole: Uint8Array): Uint8Array {
  const copy = whole.slice();
  new DataView(copy.buffer).setUint32(copy.length - 6, 0xfffffff0, true);
  return copy;
}

function zip(members: readonly (readonly [name: string, text: string, method: 0 | 8])[]): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text, method] of members) {
    const content = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(content.length, 18);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), content);
    central.push(entry, Buffer.from(name));
    offset += 30 + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, ...central, end]));
}
