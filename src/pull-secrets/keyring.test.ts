import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseReference } from '../reference/index.js';
import { createKeyring, describeKey, explainKey, type ImageName } from './index.js';
import { matchLabel } from './label-glob.js';
import { parseRegistryKey } from './registry-key.js';

const used = (image: string, ...keys: string[]): readonly string[] =>
  createKeyring(keys.map((key) => ({ key })))
    .lookup(parseReference(image))
    .map(({ key }) => key);

const reasons = (key: string, image: string): string => explainKey(key, parseReference(image)).why;

/** key, an image that it is for, and near misses that it is not for. */
const table: readonly (readonly [key: string, matching: string | undefined, ...others: string[]])[] = [
  ['https://index.docker.io/v1/', 'nginx', 'quay.io/nginx', 'a.b/nginx', 'localhost:5000/nginx'],
  ['https://index.docker.io/v1', undefined, 'nginx', 'bitnami/nginx'],
  ['https://index.docker.io//v1/', undefined, 'nginx'],
  ['index.docker.io:443', undefined, 'nginx'],
  ['docker.io', 'bitnami/nginx', 'localhost/nginx', 'docker.io.evil/nginx'],
  ['docker.io/bitnami', 'bitnami/nginx', 'nginx', 'quay.io/bitnami/nginx'],
  ['docker.io/library/', 'nginx', 'bitnami/nginx'],
  ['registry.io', 'registry.io/a', 'registry.io.evil.com/a', 'registry.io:5000/a', 'a.registry.io/a', 'xregistry.io/a'],
  ['registry.io:5000', 'registry.io:5000/a', 'registry.io/a', 'registry.io:50001/a', 'registry.io:500/a'],
  ['registry.io:', 'registry.io/a', 'registry.io:5000/a'],
  ['https://registry.io/v1/team/', 'registry.io/team/a', 'registry.io/team', 'registry.io/v1/team/a'],
  ['registry.io/team', 'registry.io/team-evil/a', 'registry.io/tea', 'registry.io/a/team'],
  ['registry.io/v2/v2/x', 'registry.io/v2/x', 'registry.io/x'],
  ['*.registry.io', 'a.registry.io/x', 'registry.io/x', 'a.b.registry.io/x', 'a.registry.io:5000/x', 'aregistry.io/x'],
  ['r*y.io', 'registry.io/x', 'registry.com/x', 'xregistry.io/x'],
  ['*.*.*', 'a.b.c/x', 'a.b/x', 'a.b.c.d/x'],
  ['**', 'localhost/x', 'a.b/x'],
  ['localhost', 'localhost/x', 'localhost:5000/x', 'nginx'],
  ['Registry.io', 'Registry.io/x', 'registry.io/x', 'REGISTRY.io/x'],
  ['[::1]:5000', '[::1]:5000/x', '[::1]/x', '[::2]:5000/x'],
  ['[::1]', undefined, '[::1]/x', '[::1]:5000/x'],
  ['[::A]', 'A/x', 'B/x'],
  ['//registry.io', undefined, 'registry.io/x'],
  ['registry.io/%74eam', 'registry.io/team/x', 'registry.io/xteam'],
  ['registry.io/te%3Fam', 'registry.io/team/x', 'registry.io/tam'],
  ['registry.io/te%25am', undefined, 'registry.io/team/x'],
  ['registry.io#%', undefined, 'registry.io/x'],
  ['user:p%40ss@registry.io', 'registry.io/x', 'user/x'],
  ['us er@registry.io', undefined, 'registry.io/x'],
  ['registry.io\n', undefined, 'registry.io/x'],
  ['[1.2.3.4]', undefined, '1.2.3.4/x'],
  ['[::1', undefined, '[::1]/x'],
  ['registry.io:50a', undefined, 'registry.io:50/x'],
  ['a:b:5', undefined, 'a:5/x'],
];

for (const [key, matching, ...others] of table) {
  test(`key ${JSON.stringify(key)}`, () => {
    if (matching !== undefined) assert.deepEqual(used(matching, key), [key], matching);
    for (const image of others) assert.deepEqual(used(image, key), [], image);
    for (const image of [...(matching === undefined ? [] : [matching]), ...others]) {
      const { matches, why } = explainKey(key, parseReference(image));
      assert.equal(matches, image === matching, image);
      assert.notEqual(why, '');
    }
  });
}

test('keys are used in reverse alphabetical order, what is under one key in the order given', () => {
  const keys = ['*.io', 'quay.io', 'quay.io/me', 'https://quay.io/v2/', 'quay.io/me/foo'];
  assert.deepEqual(used('quay.io/me/foo', ...keys), [
    'quay.io/me/foo',
    'quay.io/me',
    'quay.io',
    'https://quay.io/v2/',
    '*.io',
  ]);
  const twice = createKeyring([
    { key: 'quay.io', secret: 1 },
    { key: 'quay.io', secret: 2 },
  ]);
  assert.deepEqual(
    twice.lookup({ registry: 'quay.io', repository: 'a' }).map(({ secret }) => secret),
    [1, 2],
  );
});

test("Docker Hub's key is the last resort, also of registries without a dot", () => {
  assert.deepEqual(used('localhost/x', 'index.docker.io', 'quay.io'), ['index.docker.io']);
  assert.deepEqual(used('localhost/x', 'index.docker.io', 'localhost'), ['localhost']);
  assert.deepEqual(used('REG/x', 'https://index.docker.io/v1/'), ['https://index.docker.io/v1/']);
  const considered = createKeyring([{ key: 'index.docker.io' }, { key: '*.io' }]).consider(parseReference('nginx'));
  assert.deepEqual(
    considered.map(({ entry, matches }) => [entry.key, matches]),
    [
      ['*.io', true],
      ['index.docker.io', false],
    ],
  );
});

test('the reason names the rule', () => {
  assert.match(reasons('reg.io:443', 'reg.io/x'), /port 443/);
  assert.match(reasons('reg.io', 'reg.io:443/x'), /port 443/);
  assert.match(reasons('*.reg.io', 'reg.io/x'), /labels/);
  assert.match(reasons('a.reg.io', 'b.reg.io/x'), /label 1/);
  assert.match(reasons('Reg.io', 'reg.io/x'), /capital/);
  assert.match(reasons('reg.io/a/', 'reg.io/a'), /slash/);
  assert.match(reasons('reg.io/a:1', 'reg.io/a'), /tag/);
  assert.match(reasons('reg.io/a*', 'reg.io/ab'), /stands for itself/);
  assert.match(reasons('reg.io:*', 'reg.io:5/a'), /drops/);
  assert.match(reasons('HTTPS://reg.io', 'reg.io/a'), /https:\/\//);
  assert.match(reasons('https://index.docker.io/v1', 'nginx'), /v1\//);
  assert.match(reasons('registry-1.docker.io', 'nginx'), /index\.docker\.io/);
  assert.match(reasons('index.docker.io/library', 'nginx'), /docker\.io\/library/);
  assert.match(reasons('quay.io/me/foo', 'quay.io/me/foo-evil'), /plain text/);
  assert.match(reasons('index.docker.io', 'localhost/x'), /localhost/);
});

test('the reason is readable, of one line, and short, whatever the key', () => {
  const name = parseReference('reg.io/x');
  assert.match(explainKey('régistry.io', name).why, /régistry/);
  for (const key of [
    `${'a'.repeat(10_000)}.io`,
    `reg.io/${'é'.repeat(10_000)}`,
    'reg.io/%C2%9B31m',
    'reg.io/%9b',
    'a%\u009b.io',
  ]) {
    for (const text of [explainKey(key, name).why, describeKey(key)]) {
      assert.ok(text.length < 500, text);
      assert.doesNotMatch(text, /\p{C}/u);
    }
  }
});

test('an IPv6 address is taken as Go takes it', () => {
  const good = ['::', '::1', '1::', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:7::'];
  const bad = [
    '',
    ':',
    '1',
    '1.2.3.4',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1::',
    '12345::',
    '::ffff:1.2.3',
    '::ffff:01.2.3.4',
    '::1.2.3.256',
    '1.2.3.4::',
    ':::',
    '::g',
  ];
  for (const address of good) assert.ok('normalized' in parseRegistryKey(`[${address}]:1`), address);
  for (const address of bad) assert.ok('invalid' in parseRegistryKey(`[${address}]:1`), address);
});

test('a label is matched in time that does not run away', () => {
  assert.equal(matchLabel('*a'.repeat(2000), 'a'.repeat(4000) + 'b'), false);
  assert.equal(matchLabel('*a'.repeat(2000), 'a'.repeat(4000)), true);
  const long = `${'a.'.repeat(100_000)}io/${'%41/'.repeat(100_000)}`;
  assert.equal(explainKey(long, { registry: 'a.io', repository: 'x' }).matches, false);
});

const image: fc.Arbitrary<ImageName> = fc.record({
  registry: fc.stringMatching(/^[a-z]{1,3}(?:\.[a-z]{1,3}){0,3}(?::[0-9]{1,4})?$/).filter((text) => /[.:]/.test(text)),
  repository: fc.stringMatching(/^[a-z]{1,3}(?:\/[a-z]{1,3}){0,3}$/),
});

test('the registry of an image, and every beginning of its name, is a key for it', () => {
  fc.assert(
    fc.property(
      image,
      fc.nat(20),
      fc.constantFrom('', 'https://', 'http://', 'user@', 'https://a:b@'),
      (name, length, before) => {
        assert.ok(explainKey(before + name.registry, name).matches);
        const path = name.repository.slice(0, length);
        // v1/ and v2/ in front are left out of a key.
        assert.ok(explainKey(`${before}${name.registry}/v2/${path}`, name).matches);
        assert.equal(explainKey(`${name.registry}/v1/${path}x-`, name).matches, false);
      },
    ),
  );
});

test('a star in the place of any part of a label changes nothing', () => {
  fc.assert(
    fc.property(image, fc.nat(30), (name, at) => {
      const host = name.registry.replace(/:.*$/, '');
      const port = name.registry.slice(host.length);
      const place = at % host.length;
      const starred = `${host.slice(0, place)}*${host.slice(host[place] === '.' ? place : place + 1)}${port}`;
      assert.ok(explainKey(starred, name).matches, starred);
    }),
  );
});

test('no key throws, whatever it is; what is normalised stays so', () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom('a', '.', '/', ':', '*', '[', ']', '@', '%', '%2f', '?', '#', 'http://', '::1', 'é', '\\', ' '),
        { maxLength: 12 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(key, image, (text, name) => {
      const verdict = explainKey(text, name);
      assert.equal(typeof verdict.matches, 'boolean');
      assert.equal(typeof describeKey(text), 'string');
      const ring = createKeyring([{ key: text }]);
      assert.equal(ring.lookup(name).length, verdict.matches ? 1 : 0);
      assert.equal(ring.consider(name).length, 1);
    }),
    { numRuns: 500 },
  );
});
