import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { analyse } from '../../../test/support/manifest-tester.js';
import { objectsOf } from '../kubernetes-object.js';
import { imagesOf } from '../images.js';
import type { JsonValue } from '../../formats/index.js';

const keys = [
  'metadata',
  'name',
  'namespace',
  'labels',
  'annotations',
  'spec',
  'template',
  'containers',
  'initContainers',
  'ephemeralContainers',
  'volumes',
  'hostPath',
  'path',
  'type',
  'image',
  'reference',
  'env',
  'envFrom',
  'valueFrom',
  'secretKeyRef',
  'secretRef',
  'value',
  'args',
  'command',
  'ports',
  'hostPort',
  'containerPort',
  'securityContext',
  'privileged',
  'capabilities',
  'add',
  'drop',
  'seccompProfile',
  'appArmorProfile',
  'seLinuxOptions',
  'windowsOptions',
  'hostProcess',
  'runAsUser',
  'runAsNonRoot',
  'sysctls',
  'resources',
  'limits',
  'requests',
  'cpu',
  'memory',
  'volumeMounts',
  'readOnly',
  'subPath',
  'livenessProbe',
  'readinessProbe',
  'rules',
  'verbs',
  'apiGroups',
  'resourceNames',
  'subjects',
  'roleRef',
  'kind',
  'data',
  'stringData',
  'podSelector',
  'matchLabels',
  'matchExpressions',
  'operator',
  'values',
  'ingress',
  'egress',
  'from',
  'to',
  'tls',
  'hosts',
  'externalIPs',
  'webhooks',
  'aggregationRule',
  'clusterRoleSelectors',
  'items',
  'hostAliases',
  'os',
  'tolerations',
  'key',
  'emptyDir',
  'medium',
  'volumeClaimTemplates',
  'accessModes',
  'serviceAccountName',
  'hostNetwork',
  'hostPID',
  'tidewaiter.dev/ignore',
  'pod-security.kubernetes.io/enforce',
  'priviledged',
  '__proto__',
  'constructor',
  '',
];
const texts = [
  '',
  'a',
  'app',
  'nginx:latest',
  '/',
  '/etc',
  '/var/run/docker.sock',
  '*',
  'secrets',
  'get',
  'true',
  'Unconfined',
  'ALL',
  'SYS_ADMIN',
  'system:anonymous',
  '0.0.0.0/0',
  'TW-K001 because',
  '\u0000',
  '../..',
  'windows',
  'Exists',
  'In',
  '1Gi',
  '-1',
];
const kinds = [
  'Pod',
  'Deployment',
  'CronJob',
  'List',
  'PodList',
  'Role',
  'ClusterRole',
  'ClusterRoleBinding',
  'Namespace',
  'NetworkPolicy',
  'Ingress',
  'Service',
  'ConfigMap',
  'Secret',
  'StatefulSet',
  'PersistentVolume',
  'ServiceAccount',
  'ValidatingWebhookConfiguration',
  'Runner',
];

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 1.5, 1e30, 65_536, ...texts),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 8 }),
  ),
})).value;

const object = fc
  .record({
    kind: fc.constantFrom(...kinds),
    apiVersion: fc.constantFrom('v1', 'apps/v1', 'rbac.authorization.k8s.io/v1', 5),
    body: value,
  })
  .map(({ body, ...head }) =>
    typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, ...head } : { spec: body, ...head },
  );

test('whatever an object holds, it ends in a report', () => {
  fc.assert(
    fc.property(object, (made) => {
      const report = analyse(JSON.stringify(made));
      assert.equal(report.documents, 1);
      for (const { place, message } of report.findings) assert.ok(place.line >= 1 && message !== '');
      for (const one of objectsOf(made as JsonValue)) imagesOf(one);
    }),
    { numRuns: 1500 },
  );
});

/** A pod that is right, in which one field is put wrong. */
const podSpec = {
  hostNetwork: false,
  hostPID: false,
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 20_000, seccompProfile: { type: 'RuntimeDefault' }, sysctls: [] },
  volumes: [{ name: 'v', hostPath: { path: '/srv' } }],
  initContainers: [],
  containers: [
    {
      name: 'app',
      image: 'a',
      securityContext: {
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: [] },
      },
    },
  ],
};

function pathsOf(at: unknown, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] {
  if (typeof at !== 'object' || at === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(at) ? [...at.entries()] : Object.entries(at);
  return [...(path.length > 0 ? [path] : []), ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(at: unknown, path: readonly (string | number)[], wrong: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return wrong;
  if (Array.isArray(at)) return at.map((item: unknown, index) => (index === step ? replaced(item, rest, wrong) : item));
  return Object.fromEntries(
    Object.entries(at as Record<string, unknown>).map(([key, inner]) => [
      key,
      key === step ? replaced(inner, rest, wrong) : inner,
    ]),
  );
}

test('a field of a pod with a value of the wrong type is reported as not assessed', () => {
  for (const path of pathsOf(podSpec, [])) {
    if (path.at(-1) === 'image') continue;
    for (const wrong of [{ odd: 1 }, 'odd', 1.5, true, ['odd', 5]]) {
      const original = path.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], podSpec);
      const sameType = typeof original === typeof wrong && Array.isArray(original) === Array.isArray(wrong);
      if (sameType && typeof original !== 'number' && !Array.isArray(original)) continue;
      const spec = replaced(podSpec, path, wrong);
      const { unknowns, findings } = analyse(
        JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }),
      );
      const text = `${path.join('.')} = ${JSON.stringify(wrong)}`;
      assert.ok(unknowns.length > 0 && unknowns.every(({ code }) => code === 'OBJECT_INVALID'), text);
      assert.ok(findings.length > 0, text);
    }
  }
});
