import assert from 'node:assert/strict';
import test from 'node:test';
import type { PullScope } from '../admission/index.js';
import { ClusterError, type ReadLogins } from '../cluster/index.js';
import { parseReference } from '../reference/index.js';
import { PullCredentials } from './pull-credentials.js';

const logins = (name: string, ...keys: readonly string[]): ReadLogins => ({
  kind: 'logins',
  logins: keys.map((key) => ({ key, username: name, password: `hidden-${name}`, origin: `secret shop/${name}` })),
});

const stored: Readonly<Record<string, ReadLogins>> = {
  'shop/regcred': logins('regcred', 'reg.example'),
  'copy/regcred': logins('regcred', 'reg.example'),
  'shop/team': logins('team', 'reg.example/team', '*.example'),
  'shop/hub': logins('hub', 'https://index.docker.io/v1/'),
  'shop/opaque': { kind: 'passed over', why: 'its type is Opaque' },
  'shop/broken': { kind: 'broken', why: 'it is not JSON' },
  'shop/many': logins('many', ...Array.from({ length: 400 }, (_, at) => `r${at}.example`)),
  'shop/more': logins('more', ...Array.from({ length: 400 }, (_, at) => `s${at}.example`)),
};

function pull(imageReviewAccount?: string): { readonly credentials: PullCredentials; readonly asked: string[] } {
  const asked: string[] = [];
  const credentials = new PullCredentials({
    imageReviewAccount,
    reader: {
      async logins(namespace, name) {
        asked.push(`${namespace}/${name}`);
        const found = stored[`${namespace}/${name}`];
        if (found) return found;
        throw new ClusterError('READ_FORBIDDEN', `the secret ${namespace}/${name} may not be read (forbidden)`);
      },
      async secretsOf(namespace, account) {
        asked.push(`${namespace}:${account}`);
        if (account === 'default') return ['regcred'];
        throw new ClusterError('OBJECT_NOT_FOUND', `there is no service account ${namespace}/${account}`);
      },
    },
  });
  return { credentials, asked };
}

const image = parseReference('reg.example/team/app:1');
const shop = (...secrets: readonly string[]): PullScope => ({ namespace: 'shop', secrets });

void test('what matches is in the order of the kubelet, and nothing else is shown to the registry', async () => {
  const { credentials } = pull();
  const scope = shop('regcred', 'team', 'hub', 'opaque', 'none');
  const found = await credentials.credentialsFor(image, scope);
  assert.deepEqual(
    found.logins.map(({ key, username }) => [key, username]),
    [
      ['reg.example/team', 'team'],
      ['reg.example', 'regcred'],
      ['*.example', 'team'],
    ],
  );
  assert.deepEqual(found.problems, [
    'the pull secret shop/opaque is passed over: its type is Opaque',
    'the secret shop/none may not be read (forbidden)',
  ]);
  const hub = await credentials.credentialsFor(parseReference('nginx'), scope);
  assert.deepEqual(
    hub.logins.map(({ username }) => username),
    ['hub'],
  );
  const evil = await credentials.credentialsFor(parseReference('reg.example.evil.test/team/app'), scope);
  assert.deepEqual([evil.key, evil.logins], ['', []]);
  assert.match(evil.problems.at(-1) ?? '', /no pull secret of the pod is for it/);
});

void test('the same credentials have the same key, wherever they stand; others another; none can be read from it', async () => {
  const { credentials } = pull();
  const keyOf = async (scope: PullScope): Promise<string> => (await credentials.credentialsFor(image, scope)).key;
  const key = await keyOf(shop('regcred'));
  assert.equal(await keyOf({ namespace: 'copy', secrets: ['regcred'] }), key);
  assert.equal(await keyOf(shop('hub', 'regcred')), key);
  assert.notEqual(await keyOf(shop('team')), key);
  assert.equal(await keyOf(shop('hub')), '');
  assert.equal(await keyOf({ namespace: 'other', secrets: ['regcred'] }), '');
  const another = pull().credentials;
  assert.notEqual((await another.credentialsFor(image, shop('regcred'))).key, key, 'other in another process');
});

void test('one broken secret spoils all, as for the kubelet', async () => {
  const { credentials } = pull();
  await assert.rejects(
    credentials.credentialsFor(image, shop('regcred', 'broken')),
    /the kubelet would pull nothing because of the pull secret shop\/broken: it is not JSON/,
  );
});

void test('whose list counts', async () => {
  const { credentials, asked } = pull('default');
  const users = async (scope: PullScope): Promise<readonly string[]> =>
    (await credentials.credentialsFor(image, scope)).logins.map(({ username }) => username);
  assert.deepEqual(await users({ namespace: 'shop', secrets: [] }), [], 'a pod that has none has none');
  assert.deepEqual(asked.splice(0), []);
  assert.deepEqual(await users({ namespace: 'shop', secrets: [], serviceAccount: 'default' }), ['regcred']);
  assert.deepEqual(asked.splice(0), ['shop:default', 'shop/regcred']);
  assert.deepEqual(await users({ namespace: 'shop', secrets: ['hub'], serviceAccount: 'default' }), []);
  assert.deepEqual(asked.splice(0), ['shop/hub']);
  assert.deepEqual(await users({ namespace: 'shop' }), ['regcred'], 'what the protocol does not tell');
  assert.deepEqual(
    await pull()
      .credentials.credentialsFor(image, { namespace: 'shop' })
      .then((one) => one.logins),
    [],
  );
  const nobody = await credentials.credentialsFor(image, { namespace: 'shop', secrets: [], serviceAccount: 'x' });
  assert.match(nobody.problems[0] ?? '', /there is no service account shop\/x/);
});

void test('a pod with ever so many secrets asks for a bounded number, and once for all its images', async () => {
  const { credentials, asked } = pull();
  const scope = shop('regcred', ...Array.from({ length: 10_000 }, (_, at) => `none-${at}`));
  const found = await Promise.all(Array.from({ length: 100 }, () => credentials.credentialsFor(image, scope)));
  assert.equal(asked.length, 50);
  for (const { problems } of found) assert.match(problems.join('\n'), /only the first 50 pull secrets/);
  const large = await credentials.credentialsFor(parseReference('s300.example/x'), shop('many', 'more'));
  assert.deepEqual(large.logins, []);
  assert.match(large.problems.join('\n'), /more than 500 entries/);
});
