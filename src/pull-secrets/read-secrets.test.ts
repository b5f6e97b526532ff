import assert from 'node:assert/strict';
import test from 'node:test';
import { createSecretKeyring, PullSecretError, readPullSecrets, readSecretLogins } from './index.js';

const config = '{"auths":{"reg.io":{"auth":"YTpi"}}}';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const code = (text: string): string | undefined => {
  try {
    readPullSecrets(text, 'f.yaml');
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof PullSecretError);
    assert.notEqual(thrown.hint, undefined);
    return thrown.code;
  }
};

test('a Secret in YAML, with other documents around it', () => {
  const text = `# a comment
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
---
apiVersion: v1
kind: Secret
metadata:
  name: regcred
  namespace: team
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ${base64(config)}
---
`;
  const { secrets, notes } = readPullSecrets(text, 's.yaml');
  assert.deepEqual(
    secrets.map(({ name, namespace, type, origin, form }) => ({ name, namespace, type, origin, form })),
    [
      {
        name: 'regcred',
        namespace: 'team',
        type: 'kubernetes.io/dockerconfigjson',
        origin: 'secret team/regcred in s.yaml',
        form: 'secret',
      },
    ],
  );
  assert.equal(notes.length, 1);
  const [secret] = secrets;
  const reading = secret && readSecretLogins(secret);
  assert.ok(reading?.usable);
  assert.equal(reading.config.logins[0]?.password, 'b');
});

test('base64 over several lines, as base64 without -w0 prints it', () => {
  const lines = base64(config).replaceAll(/(.{20})/g, '$1\n    ');
  const text = `kind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: |\n    ${lines}\n`;
  assert.equal(createSecretKeyring(readPullSecrets(text, 'f').secrets).logins.length, 1);
});

test('stringData goes before data', () => {
  const manifest = {
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64('{"auths":{"old.io":{"auth":"YTpi"}}}') },
    stringData: { '.dockerconfigjson': config },
  };
  const keyring = createSecretKeyring(readPullSecrets(JSON.stringify(manifest), 'f').secrets);
  assert.deepEqual(
    keyring.logins.map(({ key }) => key),
    ['reg.io'],
  );
});

test('lists of either kind', () => {
  const item = {
    metadata: { name: 's' },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': config },
  };
  const list = { kind: 'List', items: [{ kind: 'Secret', ...item }, { kind: 'Pod' }, null] };
  assert.equal(readPullSecrets(JSON.stringify(list), 'f').secrets.length, 1);
  assert.equal(readPullSecrets(JSON.stringify(list), 'f').notes.length, 1);
  assert.equal(readPullSecrets(JSON.stringify({ kind: 'SecretList', items: [item, item] }), 'f').secrets.length, 2);
});

test("docker's own file, of both ages", () => {
  for (const text of [config, '{"reg.io":{"auth":"YTpi"}}', '\ufeff  ' + config]) {
    const { secrets } = readPullSecrets(text, 'config.json');
    assert.equal(secrets[0]?.form, 'docker config', text);
    assert.equal(secrets[0]?.origin, 'docker config config.json');
    assert.equal(createSecretKeyring(secrets).lookup({ registry: 'reg.io', repository: 'x' })[0]?.username, 'a', text);
  }
  assert.equal(readPullSecrets('{"credsStore":"desktop"}', 'f').secrets.length, 1);
  const flow = readPullSecrets('{auths: {reg.io: {auth: YTpi}}}', 'f').secrets;
  assert.equal(createSecretKeyring(flow).logins.length, 1);
  assert.equal(readPullSecrets('auths:\n  reg.io: {auth: YTpi}\n', 'f').secrets.length, 1);
});

test('a wrong value of data is kept with what is wrong with it', () => {
  const manifest = {
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': '!!', other: null },
  };
  const { secrets } = readPullSecrets(JSON.stringify(manifest), 'f');
  assert.equal(createSecretKeyring(secrets).passedOver.length, 1);
});

test('one fault anywhere spoils all secrets; those of another type are passed over', () => {
  const secret = (type: string, content: string) => ({
    kind: 'Secret',
    type,
    stringData: { '.dockerconfigjson': content },
  });
  const list = (...items: object[]) => readPullSecrets(JSON.stringify({ kind: 'List', items }), 'f').secrets;
  const type = 'kubernetes.io/dockerconfigjson';
  assert.equal(
    createSecretKeyring(list(secret(type, config), secret(type, '{"auths":{"x":{"auth":"!"}}}'))).faults.length,
    1,
  );
  const opaque = createSecretKeyring(list(secret(type, config), secret('Opaque', '{"auths":{"x":{"auth":"!"}}}')));
  assert.equal(opaque.faults.length, 0);
  assert.equal(opaque.passedOver.length, 1);
});

test('aliases make no small text large', () => {
  const laughs = ['a: &a0 {kind: Secret}'];
  for (let level = 1; level < 100; level++) {
    laughs.push(
      `a${level}: &a${level} {kind: List, items: [${Array.from({ length: 10 }, () => `*a${level - 1}`).join()}]}`,
    );
  }
  assert.equal(code(`${laughs.join('\n')}\nkind: List\nitems: [*a99]`), 'SECRET_INVALID');
  const auths = ['x0: &x0 {a: b}'];
  for (let level = 1; level < 100; level++) auths.push(`x${level}: &x${level} {a: *x${level - 1}, b: *x${level - 1}}`);
  assert.equal(code(`auths: {reg.io: {}}\n${auths.join('\n')}`), 'SECRET_INVALID');
  const large = `x: &x ${'a'.repeat(1024 * 1024)}\n`;
  const many = Array.from({ length: 50 }, (_, index) => `  k${index}: *x`).join('\n');
  assert.equal(code(`${large}kind: Secret\nstringData:\n${many}`), 'SECRET_INVALID');
});

test('what is no Secret is an error, with a hint and without what stands there', () => {
  assert.equal(code(''), 'NO_SECRET');
  assert.equal(code('kind: Pod'), 'NO_SECRET');
  assert.equal(code('{}'), 'NO_SECRET');
  assert.equal(code('just words'), 'NO_SECRET');
  assert.equal(code('a: [1'), 'SECRET_INVALID');
  assert.equal(code('{"kind":"Secret","data":[]}'), 'SECRET_INVALID');
  assert.equal(code('kind: Secret\ntype: 5'), 'SECRET_INVALID');
  assert.equal(code('kind: Secret\nstringData: {a: 1}'), 'SECRET_INVALID');
  assert.equal(code('a: &a [*a'), 'SECRET_INVALID');
  assert.equal(code('['.repeat(100_000)), 'SECRET_INVALID');
  assert.equal(code('x'.repeat(17 * 1024 * 1024)), 'SECRET_INVALID');
  try {
    readPullSecrets('{"kind":"Secret","stringData":{"password":"hunter2" "x"}}', 'f');
    assert.fail();
  } catch (thrown) {
    assert.ok(thrown instanceof PullSecretError);
    assert.ok(!`${thrown.message}${String(thrown.cause)}`.includes('hunter2'));
  }
});
