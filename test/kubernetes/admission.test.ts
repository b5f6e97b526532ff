import assert from 'node:assert/strict';
import test from 'node:test';
import { notBuilt } from '../robustness/program.js';
import { startAdmissionProgram, type AdmissionProgram } from '../support/admission-server.js';
import {
  apiServerIsAbsent,
  findApiServer,
  startApiServer,
  type ApiAnswer,
  type ApiServer,
} from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - name: trusted
    registries: {allow: [registry.example.com]}
`;

const trusted = 'registry.example.com/team/app:1';
const foreign = 'evil.example/tools:1';

interface Setup {
  readonly api: ApiServer;
  readonly door: AdmissionProgram;
}

/** A real API server that asks the built program at one of its routes. */
async function withBoth(
  t: Parameters<typeof temporaryFolder>[0] & { skip(why: string): void },
  plugin: 'ImagePolicyWebhook' | 'ValidatingAdmissionWebhook',
  run: (setup: Setup) => Promise<void>,
): Promise<void> {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  if (notBuilt) return t.skip(notBuilt);
  const door = await startAdmissionProgram({ folder: temporaryFolder(t), policy, words: ['--no-scan'] });
  const folder = temporaryFolder(t);
  let api: ApiServer | undefined;
  try {
    const files = plugin === 'ImagePolicyWebhook' ? imagePolicyFiles(door, folder) : {};
    const flags = plugin === 'ImagePolicyWebhook' ? imagePolicyFlags(folder) : [];
    api = await startApiServer({ assets, folder, files, flags });
    if (plugin === 'ValidatingAdmissionWebhook') await registerWebhook(api, door);
    await run({ api, door });
  } finally {
    await api?.close();
    await door.end();
  }
}

function imagePolicyFlags(folder: string): readonly string[] {
  return [
    '--enable-admission-plugins=ImagePolicyWebhook',
    `--admission-control-config-file=${folder}/admission/configuration.yaml`,
  ];
}

function imagePolicyFiles({ port, folder: certificates }: AdmissionProgram, folder: string): Record<string, string> {
  return {
    'admission/configuration.yaml': `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration:
    imagePolicy:
      kubeConfigFile: ${folder}/admission/kubeconfig.yaml
      allowTTL: -1
      denyTTL: -1
      retryBackoff: 1
      defaultAllow: false
`,
    'admission/kubeconfig.yaml': `apiVersion: v1
kind: Config
clusters:
- name: door
  cluster:
    server: https://127.0.0.1:${port}/image-policy
    certificate-authority: ${certificates}/ca.crt
users:
- name: api
  user:
    client-certificate: ${certificates}/client.crt
    client-key: ${certificates}/client.key
contexts:
- name: door
  context: {cluster: door, user: api}
current-context: door
`,
  };
}

async function registerWebhook(api: ApiServer, { port, authority }: AdmissionProgram): Promise<void> {
  const operations = ['CREATE', 'UPDATE'];
  const answer = await api.ask({
    method: 'POST',
    path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'tidewaiter' },
      webhooks: [
        {
          name: 'images.tidewaiter.dev',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          timeoutSeconds: 10,
          clientConfig: {
            url: `https://127.0.0.1:${port}/validate`,
            caBundle: Buffer.from(authority.pem).toString('base64'),
          },
          rules: [
            {
              operations,
              apiGroups: [''],
              apiVersions: ['v1'],
              resources: ['pods', 'pods/ephemeralcontainers', 'podtemplates', 'replicationcontrollers'],
            },
            { operations, apiGroups: ['apps'], apiVersions: ['v1'], resources: ['*'] },
            { operations, apiGroups: ['batch'], apiVersions: ['v1'], resources: ['*'] },
            { operations, apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['*'] },
          ],
        },
      ],
    },
  });
  assert.equal(answer.status, 201, answer.message);
  // A new configuration takes a moment.
  for (let tries = 0; tries < 100; tries++) {
    if ((await createPod(api, 'probe', [foreign])).status === 403) return;
    await api.ask({ method: 'DELETE', path: `${pods}/probe?gracePeriodSeconds=0` });
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the webhook is not asked');
}

const pods = '/api/v1/namespaces/default/pods';

function podSpec(images: readonly string[], more: object = {}): object {
  return { containers: images.map((image, at) => ({ name: `c${at}`, image })), ...more };
}

function createPod(api: ApiServer, name: string, images: readonly string[], more: object = {}): Promise<ApiAnswer> {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: podSpec(images, more) };
  return api.ask({ method: 'POST', path: pods, body });
}

function addEphemeral(api: ApiServer, pod: string, containers: readonly object[]): Promise<ApiAnswer> {
  return api.ask({
    method: 'PATCH',
    path: `${pods}/${pod}/ephemeralcontainers`,
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { ephemeralContainers: containers } },
  });
}

test('ImagePolicyWebhook of a real API server', async (t) => {
  await withBoth(t, 'ImagePolicyWebhook', async ({ api, door }) => {
    const refused = await createPod(api, 'a', [foreign]);
    assert.equal(refused.status, 403);
    assert.match(refused.message, /denied one or more images: evil\.example\/tools:1: .*\[trusted\]/);
    assert.equal((await createPod(api, 'b', [trusted])).status, 201);
    const init = { initContainers: [{ name: 'init', image: foreign }] };
    assert.equal((await createPod(api, 'c', [trusted], init)).status, 403);
    const ephemeral = await addEphemeral(api, 'b', [{ name: 'debug', image: foreign }]);
    assert.equal(ephemeral.status, 403, ephemeral.message);
    assert.equal(await door.end(), 0);
    const down = await createPod(api, 'd', [trusted]);
    assert.equal(down.status, 403, 'without an answer nothing runs');
    assert.match(down.message, /connection refused/);
  });
});

test('ValidatingWebhookConfiguration of a real API server', async (t) => {
  await withBoth(t, 'ValidatingAdmissionWebhook', async ({ api, door }) => {
    await t.test('pods', async () => {
      const refused = await createPod(api, 'a', [foreign]);
      assert.equal(refused.status, 403);
      assert.match(
        refused.message,
        /"images\.tidewaiter\.dev" denied the request: evil\.example\/tools:1 .*\[trusted\]/,
      );
      const body = refused.body as { readonly details?: { readonly causes?: readonly { readonly field: string }[] } };
      assert.equal(body.details?.causes?.[0]?.field, 'spec.containers[0].image');
      assert.equal((await createPod(api, 'b', [trusted])).status, 201);
      const volume = { volumes: [{ name: 'data', image: { reference: foreign } }] };
      assert.equal((await createPod(api, 'c', [trusted], volume)).status, 403);
      assert.equal((await addEphemeral(api, 'b', [{ name: 'debug', image: foreign }])).status, 403);
      assert.equal((await addEphemeral(api, 'b', [{ name: 'debug', image: trusted }])).status, 200);
    });

    await t.test('what runs already goes on', async () => {
      const change = (spec: object): Promise<ApiAnswer> =>
        api.ask({ method: 'PATCH', path: `${pods}/b`, contentType: 'application/merge-patch+json', body: spec });
      assert.equal((await change({ metadata: { labels: { x: 'y' } } })).status, 200);
      const image = { spec: { containers: [{ name: 'c0', image: foreign }] } };
      assert.equal((await change(image)).status, 403);
      assert.equal((await api.ask({ method: 'DELETE', path: `${pods}/b?gracePeriodSeconds=0` })).status, 200);
    });

    await t.test('every kind of workload', async () => {
      for (const { path, body } of workloads(foreign)) {
        const answer = await api.ask({ method: 'POST', path, body });
        assert.equal(answer.status, 403, `${path}: ${answer.message}`);
        assert.match(answer.message, /\[trusted\]/);
      }
      for (const { path, body } of workloads(trusted)) {
        const answer = await api.ask({ method: 'POST', path, body });
        assert.equal(answer.status, 201, `${path}: ${answer.message}`);
      }
    });

    await t.test('custom resources with templates of pods', async () => {
      const made = await api.ask({
        method: 'POST',
        path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        body: customResourceDefinition,
      });
      assert.equal(made.status, 201, made.message);
      const path = '/apis/example.com/v1/namespaces/default/fleets';
      const fleet = (name: string, image: string): object => ({
        apiVersion: 'example.com/v1',
        kind: 'Fleet',
        metadata: { name },
        spec: { groups: [{ template: { spec: podSpec([image]) } }] },
      });
      let answer = await api.ask({ method: 'POST', path, body: fleet('a', foreign) });
      for (let tries = 0; answer.status === 404 && tries < 100; tries++) {
        await new Promise<void>((resolve) => setTimeout(resolve, 100));
        answer = await api.ask({ method: 'POST', path, body: fleet('a', foreign) });
      }
      assert.equal(answer.status, 403, answer.message);
      assert.match(answer.message, /\[trusted\]/);
      assert.equal((await api.ask({ method: 'POST', path, body: fleet('b', trusted) })).status, 201);
      assert.equal((await api.ask({ method: 'POST', path, body: fleet('c', '') })).status, 403);
    });

    await t.test('down means refused', async () => {
      assert.equal(await door.end(), 0);
      const down = await createPod(api, 'd', [trusted]);
      assert.equal(down.status, 500);
      assert.match(down.message, /failed calling webhook/);
    });
  });
});

const customResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'fleets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'fleets', singular: 'fleet', kind: 'Fleet' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

function workloads(image: string): readonly { readonly path: string; readonly body: object }[] {
  const labels = { app: 'x' };
  const template = { metadata: { labels }, spec: podSpec([image]) };
  const selected = { selector: { matchLabels: labels }, template };
  const job = { template: { spec: podSpec([image], { restartPolicy: 'Never' }) } };
  const of = (apiVersion: string, kind: string, plural: string, rest: object): { path: string; body: object } => ({
    path: `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/namespaces/default/${plural}`,
    body: { apiVersion, kind, metadata: { name: 'w' }, ...rest },
  });
  return [
    of('apps/v1', 'Deployment', 'deployments', { spec: selected }),
    of('apps/v1', 'DaemonSet', 'daemonsets', { spec: selected }),
    of('apps/v1', 'ReplicaSet', 'replicasets', { spec: selected }),
    of('apps/v1', 'StatefulSet', 'statefulsets', { spec: { ...selected, serviceName: 'w' } }),
    of('batch/v1', 'Job', 'jobs', { spec: job }),
    of('batch/v1', 'CronJob', 'cronjobs', { spec: { schedule: '0 0 * * *', jobTemplate: { spec: job } } }),
    of('v1', 'ReplicationController', 'replicationcontrollers', { spec: { selector: labels, template } }),
    of('v1', 'PodTemplate', 'podtemplates', { template }),
  ];
}
