import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { parse } from 'yaml';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/formats/index.js';
import { notBuilt, program as builtProgram, tidewaiter } from '../robustness/program.js';
import { apiServerIsAbsent, findApiServer, startApiServer, type ApiServer } from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';
import { kinds, podSpec, slots } from './generated-cases.js';

const program = process.env['TIDEWAITER_PROGRAM'] ?? builtProgram;
const skip = process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt;

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: images}
rules:
- {name: trusted, registries: {allow: [registry.example.com]}, fix: use our registry}
`;

test('from what admission init writes, and nothing else, a real API server enforces the policy', {
  skip,
}, async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const folder = temporaryFolder(t);
  const out = join(folder, 'out');
  const port = 20_000 + (process.pid % 9000);
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const words = ['--out', out, '--policy', join(folder, 'policy.yaml'), '--form', 'both', '--no-scan'];
  const written = await tidewaiter(
    ['admission', 'init', ...words, '--config-dir', join(out, 'files'), '--port', String(port)],
    { program, env: { HOME: folder } },
  );
  assert.equal(written.exitCode, 0, written.stderr);

  const webhook = startWebhook(t, out, folder);
  await untilReady(port, readFileSync(join(out, 'files/ca.crt'), 'utf8'));
  const server = await startApiServer({ assets, folder: join(folder, 'cluster'), flags: flagsIn(out) });
  try {
    for (const name of ['team']) {
      const made = await server.ask({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
      assert.equal(made.status, 201, made.message);
    }
    await t.test(
      'ImagePolicyWebhook: a foreign registry is refused with our reason, an allowed one admitted',
      async () => {
        const refused = await create(server, 'team', 'docker.io/library/nginx:1');
        assert.equal(refused.status, 403);
        assert.match(
          refused.message,
          /image policy webhook backend denied one or more images: .*not from an allowed registry/,
        );
        const admitted = await create(server, 'team', 'registry.example.com/app:1');
        assert.equal(admitted.status, 201, admitted.message);
        const system = await create(server, 'kube-system', 'registry.k8s.io/kube-proxy:v1.36.1');
        assert.equal(system.status, 201, system.message);
      },
    );

    await t.test('ValidatingWebhookConfiguration: every kind, every place', async () => {
      const body: JsonObject = parse(readFileSync(join(out, 'validating-webhook.yaml'), 'utf8'));
      const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?fieldValidation=Strict';
      const stored = await server.ask({ method: 'POST', path, body });
      assert.equal(stored.status, 201, stored.message);
      await untilAsked(server);
      for (const { kind, path: api, wrap } of kinds) {
        for (const slot of slots.filter((one) => one !== 'ephemeralContainers')) {
          for (const [image, status] of [
            ['docker.io/library/nginx:1', 403],
            ['registry.example.com/app:1', 201],
          ] as const) {
            const url = `/${api}/namespaces/team/${kind.toLowerCase()}s?dryRun=All`;
            const answer = await server.ask({
              method: 'POST',
              path: url,
              body: wrap(podSpec(image, slot), { app: 'x' }),
            });
            assert.equal(answer.status, status, `${kind} ${slot} ${image}: ${answer.message}`);
          }
        }
      }
      const debug = (image: string): Promise<{ readonly status: number; readonly message: string }> =>
        server.ask({
          method: 'PATCH',
          path: '/api/v1/namespaces/team/pods/admitted/ephemeralcontainers?dryRun=All',
          contentType: 'application/strategic-merge-patch+json',
          body: { spec: { ephemeralContainers: [{ name: 'debug', image }] } },
        });
      assert.equal((await create(server, 'team', 'registry.example.com/app:2', 'admitted')).status, 201);
      assert.equal((await debug('docker.io/library/busybox')).status, 403);
      const allowed = await debug('registry.example.com/busybox:1');
      assert.equal(allowed.status, 200, allowed.message);
    });

    await t.test('what runs the webhook in a cluster, or as a static pod, is taken as it is', async () => {
      for (const topology of ['in-cluster', 'static-pod']) {
        const made = await tidewaiter(
          ['admission', 'init', '--out', join(folder, topology), '--policy', join(folder, 'policy.yaml')].concat([
            '--topology',
            topology,
            '--image',
            'registry.example.com/tidewaiter:1',
          ]),
          { program, env: { HOME: folder } },
        );
        assert.equal(made.exitCode, 0, made.stderr);
      }
      const parts = join(folder, 'in-cluster', 'in-cluster');
      const texts = readdirSync(parts)
        .sort()
        .map((name) => readFileSync(join(parts, name), 'utf8'));
      for (const text of [...texts, readFileSync(join(folder, 'static-pod', 'static-pod.yaml'), 'utf8')]) {
        const body: JsonObject = parse(text);
        const answer = await server.ask({ method: 'POST', path: collectionOf(body), body });
        assert.equal(answer.status, 201, answer.message);
        assert.deepEqual(answer.warnings, []);
      }
    });

    await t.test('nobody answers: refused', async () => {
      webhook.kill('SIGKILL');
      await new Promise<void>((resolve) => webhook.once('exit', () => resolve()));
      const answer = await create(server, 'team', 'registry.example.com/other:1');
      assert.equal(answer.status, 403);
      assert.match(answer.message, /connection refused|EOF|reset|broken pipe/);
    });
  } finally {
    await server.close();
  }
});

/** Where an object is created, with unknown fields refused; all but namespaces are only tried. */
function collectionOf(object: JsonObject): string {
  const version = asString(object['apiVersion']) ?? '';
  const kind = asString(object['kind']) ?? '';
  const namespace = asString(asObject(object['metadata'])?.['namespace']);
  const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`;
  const within = namespace === undefined ? '' : `namespaces/${namespace}/`;
  const base = version.includes('/') ? 'apis' : 'api';
  const trial = kind === 'Namespace' ? '' : '&dryRun=All';
  return `/${base}/${version}/${within}${plural}?fieldValidation=Strict${trial}`;
}

/** The flags that the patch for kubeadm gives to the API server. */
function flagsIn(out: string): readonly string[] {
  const patch: JsonObject = parse(readFileSync(join(out, 'kubeadm-config.patch.yaml'), 'utf8'));
  const flags = asArray(asObject(patch['apiServer'])?.['extraArgs']) ?? [];
  const text = (one: JsonValue, key: string): string => asString(asObject(one)?.[key]) ?? '';
  return flags.map((one) => `--${text(one, 'name')}=${text(one, 'value')}`);
}

/** The words of the unit, as systemd would run them, with the program that is tested. */
function startWebhook(t: TestContext, out: string, folder: string): ChildProcess {
  const unit = readFileSync(join(out, 'image-admission.service'), 'utf8');
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
  const child = spawn(process.execPath, [program, ...line.split(' ').slice(1)], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TIDEWAITER_CACHE_DIR: join(folder, 'cache') },
    stdio: 'ignore',
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function untilReady(port: number, ca: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isReady = await new Promise<boolean>((resolve) => {
      const sent = request({ host: '127.0.0.1', port, path: '/readyz', ca, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      sent.on('error', () => resolve(false));
      sent.end();
    });
    if (isReady) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the webhook does not answer');
}

async function untilAsked(server: ApiServer): Promise<void> {
  const { wrap } = kinds.find(({ kind }) => kind === 'Deployment') ?? kinds[0] ?? assert.fail();
  const body = wrap(podSpec('docker.io/library/nginx:1', 'containers'), { app: 'x' });
  for (let tries = 0; tries < 100; tries++) {
    const path = '/apis/apps/v1/namespaces/team/deployments?dryRun=All';
    if ((await server.ask({ method: 'POST', path, body })).status === 403) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the webhook is not asked');
}

function create(
  server: ApiServer,
  namespace: string,
  image: string,
  name = `x${Math.abs(hash(image))}`,
): Promise<{ readonly status: number; readonly message: string }> {
  const body = { metadata: { name }, spec: { containers: [{ name: 'x', image }] } };
  return server.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body });
}

function hash(text: string): number {
  return [...new TextEncoder().encode(text)].reduce((sum, byte) => (sum * 31 + byte) | 0, 7);
}
