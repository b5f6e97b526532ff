import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { parseYaml } from '../formats/index.js';
import {
  createSecretKeyring,
  makePullSecret,
  parseFileSource,
  PullSecretError,
  readPullSecrets,
  renderPullSecret,
  type PullSecretRequest,
} from './index.js';
import { sha256Hex } from './sha256.js';
import { renderYamlScalar } from './yaml-scalar.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const rejects = (code: string, work: () => unknown): void => {
  assert.throws(work, (thrown) => thrown instanceof PullSecretError && thrown.code === code);
};

// What kubectl 1.36.1 printed.
const recordedData =
  'eyJhdXRocyI6eyJyZWcuaW8iOnsidXNlcm5hbWUiOiJhXHUwMDNjXHUwMDI2XHUwMDNlYiIsInBhc3N3b3JkIjoicFwiXFzDqVx1MjAyOCIsImVtYWlsIjoiYUBiLmMiLCJhdXRoIjoiWVR3bVBtSTZjQ0pjdzZuaWdLZz0ifX19';
const recordedJson = String.raw`{
    "kind": "Secret",
    "apiVersion": "v1",
    "metadata": {
        "name": "regcred-2c4f85tckf",
        "namespace": "team",
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"regcred-2c4f85tckf\",\"namespace\":\"team\"},\"data\":{\".dockerconfigjson\":\"${recordedData}\"},\"type\":\"kubernetes.io/dockerconfigjson\"}\n"
        }
    },
    "data": {
        ".dockerconfigjson": "${recordedData}"
    },
    "type": "kubernetes.io/dockerconfigjson"
}
`;
const recordedYaml = `apiVersion: v1
data:
  .dockerconfigjson: ""
  x: "1234"
kind: Secret
metadata:
  name: n-97h756h86f
type: kubernetes.io/dockerconfigjson
`;

test('JSON, with everything that there is', () => {
  const secret = makePullSecret({
    name: 'regcred',
    namespace: 'team',
    server: 'reg.io',
    username: 'a<&>b',
    password: 'p"\\é\u2028',
    email: 'a@b.c',
    appendHash: true,
    saveConfig: true,
  });
  assert.equal(renderPullSecret(secret, 'json'), recordedJson);
  assert.equal(renderPullSecret(secret, 'name'), 'secret/regcred-2c4f85tckf\n');
});

test('YAML, of files', () => {
  const files = [
    { key: '.dockerconfigjson', bytes: new Uint8Array() },
    { key: 'x', bytes: Buffer.from('1234', 'base64') },
  ];
  assert.equal(renderPullSecret(makePullSecret({ name: 'n', appendHash: true, files }), 'yaml'), recordedYaml);
});

test('keys are sorted, those made of digits too', () => {
  const files = ['b', '10', '9', '.a', 'A', '__proto__'].map((key) => ({ key, bytes: bytes(key) }));
  assert.deepEqual([...makePullSecret({ name: 'n', files }).data.keys()], ['.a', '10', '9', 'A', '__proto__', 'b']);
});

test('Docker Hub is the server that none names; an empty one is refused', () => {
  const secret = makePullSecret({ name: 'n', username: 'u', password: 'p' });
  assert.match(
    Buffer.from(secret.data.get('.dockerconfigjson') ?? '', 'base64').toString(),
    /https:\/\/index\.docker\.io\/v1\//,
  );
  rejects('SECRET_INCOMPLETE', () => makePullSecret({ name: 'n', username: 'u', password: 'p', server: '' }));
});

test('what kubectl refuses is refused', () => {
  rejects('SECRET_INCOMPLETE', () => makePullSecret({ name: '', username: 'u', password: 'p' }));
  rejects('SECRET_INCOMPLETE', () => makePullSecret({ name: 'n', username: 'u' }));
  rejects('SECRET_INCOMPLETE', () => makePullSecret({ name: 'n', username: '', password: 'p' }));
  const withKey =
    (...keys: string[]) =>
    () =>
      makePullSecret({ name: 'n', files: keys.map((key) => ({ key, bytes: bytes('{}') })) });
  for (const key of ['', 'a b', 'a/b', '.', '..', '..a', 'x'.repeat(254), 'é'])
    rejects('SECRET_KEY_INVALID', withKey(key));
  rejects('SECRET_KEY_INVALID', withKey('a', 'a'));
  for (const key of ['x'.repeat(253), '.a', '-', '_', '.b']) assert.doesNotThrow(withKey(key), key);
});

test('sources of files', () => {
  assert.deepEqual(parseFileSource('a/config.json'), { key: '.dockerconfigjson', path: 'a/config.json' });
  assert.deepEqual(parseFileSource('k=a/config.json'), { key: 'k', path: 'a/config.json' });
  for (const source of ['', '=a', 'a=', 'a=b=c', '=']) rejects('SECRET_KEY_INVALID', () => parseFileSource(source));
});

test('what is made is read back, by us as by the kubelet', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      text,
      text,
      fc.constantFrom('reg.io', 'https://reg.io', 'reg.io/'),
      fc.constantFrom('json' as const, 'yaml' as const),
      (name, password, server, form) => {
        const username = name.replaceAll(':', '');
        if (username === '') return;
        const request: PullSecretRequest = { name: 'n', server, username, password };
        const { secrets } = readPullSecrets(renderPullSecret(makePullSecret(request), form), 'f');
        const [login] = createSecretKeyring(secrets).lookup({ registry: 'reg.io', repository: 'x' });
        assert.deepEqual([login?.username, login?.password], [username, password]);
      },
    ),
  );
});

test('SHA-256 is SHA-256', () => {
  const lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000];
  for (const length of lengths) {
    const input = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
    assert.equal(sha256Hex(input), createHash('sha256').update(input).digest('hex'), `${length} bytes`);
  }
});

test('every text is the same when YAML reads it back', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          '1',
          ' ',
          '\n',
          ':',
          '#',
          '-',
          '?',
          '"',
          "'",
          '\\',
          '.',
          '_',
          'e',
          'x',
          '0',
          '~',
          '\t',
          '|',
          '%',
          '&',
          '😀',
          '\u2028',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
    fc.constantFrom(
      'null',
      'yes',
      'No',
      'ON',
      'off',
      'y',
      '0x1F',
      '0o7',
      '1e3',
      '1_000',
      '1:20',
      '2020-01-01',
      '.inf',
      '.NaN',
      '=',
      '<<',
      '---',
      '...',
      '-',
    ),
  );
  fc.assert(
    fc.property(text, (value) => {
      const yaml = `a:\n  b: ${renderYamlScalar(value, '    ')}\n  c: d\n`;
      assert.deepEqual(parseYaml(yaml), { a: { b: value, c: 'd' } }, yaml);
    }),
    { numRuns: 400 },
  );
});
