import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { makeAuthority } from '../../test/support/certificates.js';
import { repoPath } from '../../test/support/paths.js';
import { createContext } from '../core/index.js';
import { ControlPlaneError } from './errors.js';
import type { Examination, ExamineOptions } from './examination.js';
import { examine } from './examine.js';
import { memoryHost } from './host.js';
import { faultKinds } from './kinds/index.js';

const named = (path: string, text: string): { readonly path: string; readonly text: string } => ({ path, text });
const look = (
  options: Omit<ExamineOptions, 'host'>,
  files: Readonly<Record<string, string>> = {},
): Promise<Examination> => examine(createContext(), { host: memoryHost(files), ...options });

const kubeconfig = (cluster: string, user = 'token: abc'): string => `apiVersion: v1
kind: Config
clusters:
- name: w
  cluster:
    server: https://webhook.example.com/x
${cluster
  .split('\n')
  .map((line) => `    ${line}\n`)
  .join('')}users:
- name: a
  user:
    ${user}
contexts: [{name: c, context: {cluster: w, user: a}}]
current-context: c
`;

test('nothing to look at is an error', async () => {
  await assert.rejects(look({}), (error) => error instanceof ControlPlaneError && error.code === 'NO_CONTROL_PLANE');
  assert.deepEqual((await look({ log: 'nothing' })).faults, []);
});

test('named files alone: nothing else is looked for', async () => {
  const text = 'imagePolicy:\n  kubeConfigFile: /nowhere/kc.yaml\n  allowTTL: 1801\n';
  const options = {
    admissionConfiguration: named('/w/ac.yaml', text),
    kubeconfig: named('/w/kc.yaml', kubeconfig('certificate-authority: /nowhere/ca.crt')),
  };
  const alone = await look({ ...options, filesOnly: true });
  assert.deepEqual(
    alone.faults.map(({ id, line }) => [id, line]),
    [
      ['ttl-range', 3],
      ['configuration-legacy-form', 1],
    ],
  );
  assert.ok((await look(options)).faults.some(({ id }) => id === 'file-missing'));
});

test('certificates that stand in the kubeconfig', async () => {
  const [authority, other] = [await makeAuthority(), await makeAuthority()];
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const server = await authority.issue({ names: ['webhook.example.com'] });
  const ids = async (cluster: string, user?: string, certificate = server.cert): Promise<readonly string[]> =>
    (
      await look({
        kubeconfig: named('/kc.yaml', kubeconfig(cluster, user)),
        serverCertificate: named('/server.crt', certificate),
        filesOnly: true,
      })
    ).faults.map(({ id }) => id);
  const ca = `certificate-authority-data: ${base64(authority.pem)}`;
  assert.deepEqual(await ids(ca), []);
  assert.deepEqual(await ids(`certificate-authority-data: ${base64(other.pem + authority.pem)}`), []);
  assert.deepEqual(await ids(`certificate-authority-data: ${base64(other.pem)}`), ['server-unknown-authority']);
  assert.deepEqual(await ids(`certificate-authority-data: ${base64(server.cert)}`), ['ca-not-an-authority']);
  assert.deepEqual(await ids(`certificate-authority-data: "${authority.pem.slice(0, 27)}"`), ['data-not-base64']);
  assert.deepEqual(await ids(`${ca}\ncertificate-authority: ca.crt`), ['data-beside-file']);
  assert.deepEqual(await ids(`${ca}\ntls-server-name: elsewhere`), ['server-name-mismatch']);
  assert.deepEqual(await ids(`${ca}\ntls-server-name: 10.0.0.1`), ['server-address-mismatch']);
  const commonName = await authority.issue({ names: [], commonName: 'webhook.example.com' });
  assert.deepEqual(await ids(ca, undefined, commonName.cert), ['server-common-name-only']);
  const wild = await authority.issue({ names: ['*.example.com'] });
  assert.deepEqual(await ids(ca, undefined, wild.cert), []);

  const identity = (cert: string, key: string): string =>
    `{client-certificate-data: ${base64(cert)}, client-key-data: ${base64(key)}}`;
  const user = async (cert: string, key: string): Promise<readonly string[]> =>
    await ids(ca, `<<: ${identity(cert, key)}`);
  const client = await authority.issue({ names: [], client: true });
  assert.deepEqual(await user(client.cert, client.key), []);
  assert.deepEqual(await user(client.cert, server.key), ['client-key-of-another']);
  assert.deepEqual(await user(server.cert, server.key), ['client-certificate-usage']);
  assert.deepEqual(await user(client.cert, 'nothing'), ['client-key-not-pem']);
  const gone = await authority.issue({ names: [], client: true, expired: true });
  assert.deepEqual(await user(gone.cert, gone.key), ['client-certificate-expired']);
});

test('the user of a unit', async () => {
  const unit =
    '[Service]\nUser=kube\nExecStart=/kube-apiserver --enable-admission-plugins=ImagePolicyWebhook --admission-control-config-file=/ac.yaml\n';
  const file = (userId: number, groupId: number, mode: number): object => ({
    text: 'imagePolicy: {}\n',
    userId,
    groupId,
    mode,
  });
  const forbidden = async (one: object): Promise<boolean> => {
    const files = {
      '/ac.yaml': one,
      '/etc/passwd': 'root:x:0:0::/:/bin/sh\nkube:x:500:501::/:/bin/sh\n',
      '/etc/group': 'tls:x:77:kube\n',
    };
    const examination = await examine(createContext(), {
      host: memoryHost(files),
      apiServer: named('/u.service', unit),
    });
    return examination.faults.some(({ id }) => id === 'file-forbidden');
  };
  assert.equal(await forbidden(file(0, 0, 0o600)), true);
  assert.equal(await forbidden(file(0, 0, 0o644)), false);
  assert.equal(await forbidden(file(0, 501, 0o640)), false);
  assert.equal(await forbidden(file(0, 77, 0o640)), false);
  assert.equal(await forbidden(file(500, 0, 0o400)), false);
  assert.equal(await forbidden(file(500, 0, 0o044)), true);
});

test('secrets of a kubeconfig are not shown', async () => {
  const user = 'token: Hidden-1\n    password: Hidden-2\n    username: bob';
  const { faults } = await look({ kubeconfig: named('/kc.yaml', kubeconfig('insecure-skip-tls-verify: true', user)) });
  assert.ok(faults.some(({ id }) => id === 'credentials-twice'));
  assert.ok(!/Hidden/.test(JSON.stringify(faults)));
});

test('whatever is in the files, an answer comes', async () => {
  const pieces = fc.constantFrom(
    'imagePolicy:',
    '- name: ImagePolicyWebhook',
    'plugins:',
    'configuration:',
    'kind: AdmissionConfiguration',
    'kind: Config',
    'kind: Pod',
    'spec:',
    'containers:',
    '- command: [kube-apiserver, --enable-admission-plugins=ImagePolicyWebhook]',
    'clusters: [1]',
    'users: {}',
    'current-context: 1',
    'contexts: [{name: c}]',
    'webhooks: [null, 1, {}]',
    'kind: ValidatingWebhookConfiguration',
    'allowTTL: 1e99',
    'kubeConfigFile: []',
    'path: ..',
    '  ',
    '\t',
    '&a [*a]',
    '---',
    '"',
    '\ufeff',
    '\0',
    '[Service]',
    'ExecStart=',
  );
  const text = fc
    .array(pieces, { maxLength: 12 })
    .chain((lines) =>
      fc
        .array(fc.integer({ min: 0, max: 6 }), { minLength: lines.length, maxLength: lines.length })
        .map((indents) => lines.map((line, at) => ' '.repeat(indents[at] ?? 0) + line).join('\n')),
    );
  await fc.assert(
    fc.asyncProperty(text, async (any) => {
      const options = {
        apiServer: named('/m', any),
        admissionConfiguration: named('/a', any),
        kubeconfig: named('/k', any),
        webhookConfigurations: [named('/w', any)],
        serverCertificate: named('/c', any),
      };
      const { faults } = await look(options, { '/m': any, '/x': any });
      for (const { what, fix, why } of faults) assert.ok(what !== '' && fix !== '' && why !== '');
    }),
    { numRuns: 300 },
  );
});

test('the page lists every fault with its severity', () => {
  const page = readFileSync(repoPath('docs', 'admission-doctor.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \| (error|warning|note) \|/gm)].map(
    (match) => `${match[1]} ${match[2]}`,
  );
  const known = Object.entries(faultKinds).map(([id, { severity }]) => `${id} ${severity}`);
  assert.deepEqual([...listed].sort(), known.sort());
});

test("a webhook's certificate with a name only, and a kubeconfig without contexts, are looked at all the same", async () => {
  const authority = await makeAuthority();
  const { cert } = await authority.issue({ names: [], commonName: 'localhost' });
  const kubeconfigText = 'clusters: [{name: w, cluster: {server: "hook:8443/x"}}]\n';
  const options = { serverCertificate: named('/w/cn.crt', cert), kubeconfig: named('/w/kc.yaml', kubeconfigText) };
  const ids = (await look({ ...options, filesOnly: true })).faults.map(({ id }) => id);
  for (const id of ['server-common-name-only', 'no-current-context', 'server-without-scheme'] as const) {
    assert.ok(ids.includes(id), `${id}: ${ids.join(' ')}`);
  }
});
