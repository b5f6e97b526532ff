import assert from 'node:assert/strict';
import test from 'node:test';
import { explainKey, lintKey, lintPullSecret, readPullSecrets, redactKey, type SecretFinding } from './index.js';

const type = 'kubernetes.io/dockerconfigjson';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const good = JSON.stringify({ auths: { 'reg.io': { username: 'u', password: 'p', auth: base64('u:p') } } });

const lint = (manifest: object): readonly SecretFinding[] => {
  const [secret] = readPullSecrets(
    JSON.stringify({ kind: 'Secret', metadata: { name: 's' }, ...manifest }),
    'f',
  ).secrets;
  assert.ok(secret);
  return lintPullSecret(secret);
};
const ids = (manifest: object): readonly string[] => lint(manifest).map(({ id }) => id);
const idsOf = (content: object): readonly string[] =>
  ids({ type, stringData: { '.dockerconfigjson': JSON.stringify(content) } });
const login = (entry: object): readonly string[] => idsOf({ auths: { 'reg.io': entry } });

test('a good secret has no findings', () => {
  assert.deepEqual(ids({ type, stringData: { '.dockerconfigjson': good } }), []);
  assert.deepEqual(
    ids({ type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('{"reg.io":{"auth":"YTpi"}}') } }),
    [],
  );
});

test('the Secret itself', () => {
  const data = { '.dockerconfigjson': base64(good) };
  assert.deepEqual(ids({ data }), ['wrong-type']);
  assert.deepEqual(ids({ type: 'Opaque', data }), ['wrong-type']);
  assert.deepEqual(ids({ type: 'kubernetes.io/dockerconfigJson', data }), ['wrong-type']);
  assert.deepEqual(ids({ type: 'Opaque', data: { a: 'eA==' } }), ['no-pull-secret']);
  assert.deepEqual(ids({ type, data: { '.dockercfg': base64('{"reg.io":{"auth":"YTpi"}}') } }), ['wrong-key']);
  assert.deepEqual(ids({ type }), ['missing-key']);
  assert.deepEqual(ids({ type, data: { '.dockerconfigjson': '' } }), ['empty-value']);
  assert.deepEqual(ids({ type, data: { '.dockerconfigjson': `${base64(good)} ` } }), ['data-base64']);
  assert.deepEqual(ids({ type, data: { '.dockerconfigjson': base64(base64(good)) } }), ['encoded-twice']);
  assert.deepEqual(ids({ type, stringData: { '.dockerconfigjson': base64(good) } }), ['encoded-twice']);
  assert.deepEqual(ids({ type, stringData: { '.dockerconfigjson': 'x' } }), ['not-json']);
  assert.deepEqual(ids({ type, data, metadata: {} }), ['name-missing']);
  assert.deepEqual(ids({ type, data, metadata: { name: 'Reg_Cred' } }), ['name-invalid']);
  assert.deepEqual(ids({ type, data, metadata: { name: 'a', namespace: 'a.b' } }), ['namespace-invalid']);
  assert.deepEqual(ids({ type, data: { ...data, 'a b': '' } }), ['data-key-invalid']);
  assert.deepEqual(ids({ type, data, stringData: { big: 'x'.repeat(1024 * 1024) } }), ['too-large']);
});

test('the docker configuration in it', () => {
  assert.deepEqual(idsOf({ 'reg.io': { auth: 'YTpi' } }), ['missing-auths']);
  assert.deepEqual(ids({ type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': good } }), ['wrapped-dockercfg']);
  assert.deepEqual(idsOf({ auths: {} }), ['no-logins']);
  assert.deepEqual(idsOf({ auths: { 'reg.io': { auth: 'YTpi' } }, credsStore: 'x', credHelpers: {} }), [
    'helpers-ignored',
  ]);
  assert.deepEqual(idsOf([]), ['wrong-shape']);
  assert.deepEqual(idsOf({ auths: { 'reg.io': { auth: 'YTpi' }, 'https://reg.io': { auth: 'YTpj' } } }), [
    'key-spelt-twice',
  ]);
  const twice = '{"auths":{"reg.io":{"auth":"YTpi"},"reg.io":{"auth":"YTpj"}}}';
  assert.deepEqual(ids({ type, stringData: { '.dockerconfigjson': twice } }), ['key-repeated']);
});

test('an entry', () => {
  assert.deepEqual(login({ auth: 'YTpi' }), []);
  assert.deepEqual(login({ auth: '!!' }), ['auth-base64']);
  assert.deepEqual(login({ auth: 'YWI=' }), ['auth-colon']);
  assert.deepEqual(login({ username: 1 }), ['wrong-shape']);
  assert.deepEqual(login({}), ['login-empty']);
  assert.deepEqual(login({ identitytoken: 't' }), ['login-empty', 'token-ignored']);
  assert.deepEqual(login({ auth: 'YTpi', identitytoken: 't' }), ['token-ignored']);
  assert.deepEqual(login({ username: 'u', password: 'p' }), ['auth-missing']);
  assert.deepEqual(login({ username: 'u' }), ['password-missing', 'auth-missing']);
  assert.deepEqual(login({ auth: base64(':p') }), ['username-missing']);
  assert.deepEqual(login({ auth: 'YTpi', username: 'a', password: 'c' }), ['auth-disagrees']);
  assert.deepEqual(login({ auth: 'YTpi', username: 'a', password: 'b' }), []);
  assert.deepEqual(login({ auth: base64('a:b\n') }), ['password-blank']);
  assert.deepEqual(login({ auth: base64('a\t:b') }), ['username-blank']);
});

const images = [
  'docker.io/library/nginx',
  'docker.io/library/nginx-other',
  'docker.io/me/app',
  'index.docker.io/me',
  'registry-1.docker.io/library/nginx',
  'reg.io/app',
  'reg.io/team/app',
  'reg.io/v1/app',
  'reg.io/v2',
  'reg.io:443/app',
  'reg.io:5000/app',
  'localhost/app',
  'REG.io/app',
  'Docker.io/app',
  'a.docker.io/app',
  '[::1]/app',
  '[::1]:5000/app',
].map((name) => ({ registry: name.slice(0, name.indexOf('/')), repository: name.slice(name.indexOf('/') + 1) }));

const keys: readonly (readonly [key: string, ...ids: string[]])[] = [
  ['https://index.docker.io/v1/', 'key-hub-fallback'],
  ['docker.io'],
  ['reg.io'],
  ['reg.io/'],
  ['https://reg.io/v1/'],
  ['*.reg.io'],
  ['localhost'],
  ['reg:5000'],
  ['[::1]:5000'],
  ['reg.io/team/'],
  ['https://index.docker.io/v1', 'key-hub-slash'],
  ['index.docker.io/v2', 'key-hub-slash'],
  ['index.docker.io/library', 'key-hub-path'],
  ['index.docker.io:443', 'key-hub-port'],
  ['registry-1.docker.io', 'key-hub-alias'],
  ['https://hub.docker.com/', 'key-hub-alias'],
  ['Docker.io', 'key-case'],
  ['*.docker.io', 'key-hub-glob'],
  ['REG.io', 'key-case'],
  ['HTTPS://reg.io', 'key-scheme'],
  ['ftp://reg.io', 'key-scheme'],
  ['reg.io:*', 'key-invalid'],
  ['reg[0-9].io', 'key-invalid'],
  ['re\\g.io', 'key-invalid'],
  ['reg.io ', 'key-invalid'],
  ['%zz.io', 'key-invalid'],
  ['', 'key-empty'],
  ['*', 'key-star'],
  ['*gcr.io', 'key-glob-label'],
  ['reg', 'key-no-registry'],
  ['reg/app/', 'key-no-registry'],
  ['reg..io', 'key-host'],
  ['[::1]', 'key-address'],
  ['reg.io:443', 'key-port'],
  ['https://reg.io:443/v2/', 'key-port'],
  ['me:pw@reg.io', 'key-user'],
  ['reg.io?x', 'key-query'],
  ['reg.io#x', 'key-query'],
  ['reg.io/app:1', 'key-tag'],
  ['reg.io/app@sha256:00', 'key-tag'],
  ['reg.io/te*', 'key-path-glob'],
  ['reg.io/Team', 'key-path'],
  ['reg.io//team', 'key-path'],
  ['reg.io/team', 'key-path-prefix'],
  ['reg.io/v2', 'key-api-path'],
  ['reg.io/v2/team', 'key-api-prefix'],
];

for (const [key, ...expected] of keys) {
  test(`the key ${JSON.stringify(key)}`, () => {
    const found = lintKey(key);
    assert.deepEqual(
      found.map(({ id }) => id),
      expected,
    );
    assert.ok(found.every((finding) => finding.key === key && finding.hint !== undefined));
    const useless = found.some(
      ({ id, severity }) => severity === 'error' && id !== 'key-hub-alias' && id !== 'key-hub-glob',
    );
    const matching = images.filter((image) => explainKey(key, image).matches);
    if (useless)
      assert.deepEqual(
        matching.filter(({ registry }) => registry !== 'Docker.io'),
        [],
      );
  });
}

test('no finding has anything of a password', () => {
  const secret = 'hunter2hunter2';
  const contents = [
    { auths: { [`https://u:${secret}@reg.io`]: { auth: base64(`a:${secret}\n`), password: `${secret}x` } } },
    {
      auths: {
        [`u:${secret}@index.docker.io/v1`]: { password: secret },
        [`HTTPS://u:${secret}@reg.io`]: {},
        [`u:${secret}@reg`]: {},
      },
    },
    { auths: { 'reg.io': { auth: secret } } },
    { auths: { 'reg.io': secret } },
    `{"auths":{"reg.io":{"password":"${secret}"}}`,
  ];
  for (const content of contents) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const found = lint({ type, stringData: { '.dockerconfigjson': text } });
    assert.notEqual(found.length, 0);
    const shown = JSON.stringify(found.map((finding) => ({ ...finding, key: finding.key && redactKey(finding.key) })));
    assert.ok(!shown.includes('hunter2') && !shown.includes(base64(secret).slice(0, 12)), shown);
  }
});

test('user and password are taken out of a key that is shown', () => {
  assert.equal(redactKey('https://u:p@reg.io/a'), 'https://***@reg.io/a');
  assert.equal(redactKey('u:p@x@reg.io'), '***@reg.io');
  assert.equal(redactKey('reg.io/a@b'), 'reg.io/a@b');
});
