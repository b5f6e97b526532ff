import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseChallenges } from './challenge.js';

const plain = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test('challenges as registries write them', () => {
  assert.deepEqual(
    plain(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"',
    ),
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/nginx:pull,push',
        },
      ],
    ],
  );
  assert.deepEqual(plain('Basic realm="Registry Realm"'), [['basic', { realm: 'Registry Realm' }]]);
  assert.deepEqual(plain('BASIC Realm=plain'), [['basic', { realm: 'plain' }]]);
});

test('several challenges, joined by commas', () => {
  const bearer = ['bearer', { realm: 'https://a/token', service: 's' }];
  const basic = ['basic', { realm: 'r' }];
  assert.deepEqual(plain('Bearer realm="https://a/token",service="s", Basic realm="r"'), [bearer, basic]);
  assert.deepEqual(plain('Basic realm="r", Bearer realm="https://a/token" , service=s'), [basic, bearer]);
  assert.deepEqual(plain('Negotiate, Basic realm="r"'), [['negotiate', {}], basic]);
  assert.deepEqual(plain('Negotiate YIIabc==, Basic realm="r"'), [['negotiate', {}], basic]);
  assert.deepEqual(plain('Basic, Bearer realm="https://a/token",service="s"'), [['basic', {}], bearer]);
});

test('quoted texts have escapes, commas and equal signs', () => {
  assert.deepEqual(plain('Bearer realm="https://a/t?x=1,2",service="a \\"b\\" \\\\c", error="x, Basic realm=y"'), [
    ['bearer', { realm: 'https://a/t?x=1,2', service: 'a "b" \\c', error: 'x, Basic realm=y' }],
  ]);
});

test('blanks stand where they like', () => {
  assert.deepEqual(plain('  ,, Bearer   realm = "https://a/t" ,\t service= s ,,'), [
    ['bearer', { realm: 'https://a/t', service: 's' }],
  ]);
});

test('of a name that stands there twice, the first counts', () => {
  assert.deepEqual(plain('Bearer realm="https://a",realm="https://evil"'), [['bearer', { realm: 'https://a' }]]);
});

test('nonsense gives nothing that could be used, and never hangs', () => {
  for (const header of ['', ' ', ',', '=', '"', '"""', 'Bearer realm="never closed', '=x', '\\', 'a=b', '\u0000']) {
    for (const { parameters } of parseChallenges(header)) assert.ok(parameters.size <= 1, header);
  }
  assert.ok(parseChallenges('Basic realm=x,'.repeat(100_000)).length <= 16);
  const [one] = parseChallenges(`Bearer ${Array.from({ length: 500 }, (_, at) => `k${at}="v"`).join(',')}`);
  assert.ok((one?.parameters.size ?? 0) <= 32);
});

test('property: parameters come back as they were written, in any text around them', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);
  const value = fc.string({ maxLength: 40 });
  const parameters = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(parameters, fc.string({ maxLength: 200 }), (list, noise) => {
      parseChallenges(noise);
      const text = list.map(([key, said]) => `${key}="${said.replaceAll(/["\\]/g, '\\$&')}"`).join(', ');
      const read = parseChallenges(`Bearer ${text}, Basic realm="r"`);
      assert.deepEqual([...(read[0]?.parameters ?? [])], list);
      assert.equal(read[1]?.scheme, 'basic');
    }),
    { numRuns: 200 },
  );
});
