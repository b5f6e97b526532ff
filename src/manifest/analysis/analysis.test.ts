import assert from 'node:assert/strict';
import test from 'node:test';
import { analyse } from '../../../test/support/manifest-tester.js';
import { severityRank } from '../../findings/index.js';
import type { ManifestFinding } from './manifest-report.js';

const hardenedContainer = `name: good
image: registry.example.com/good:1.2.3@sha256:${'a'.repeat(64)}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: 20000
  runAsGroup: 20000
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
resources:
  requests: {cpu: 100m, memory: 64Mi}
  limits: {cpu: 200m, memory: 64Mi, ephemeral-storage: 1Gi}
livenessProbe: {httpGet: {path: /live, port: 8080}}
readinessProbe: {httpGet: {path: /ready, port: 8080}}`;

const privilegedContainer = `name: bad
image: registry.example.com/bad:1
securityContext:
  privileged: true`;

const hardenedSpec = `automountServiceAccountToken: false
serviceAccountName: web
hostUsers: false
containers:
- ${indent(hardenedContainer, 2).trim()}`;

const spec = `${hardenedSpec}
- ${indent(privilegedContainer, 2).trim()}`;

const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;

function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}

const head = (apiVersion: string, kind: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: w, namespace: shop}\n`;

/** The same pod spec in every kind that carries one. */
const carriers: Readonly<Record<string, (spec: string) => string>> = {
  Pod: (text) => `${head('v1', 'Pod')}spec:\n${indent(text, 2)}\n`,
  ...Object.fromEntries(
    [
      ['apps/v1', 'Deployment'],
      ['apps/v1', 'StatefulSet'],
      ['apps/v1', 'DaemonSet'],
      ['apps/v1', 'ReplicaSet'],
      ['v1', 'ReplicationController'],
      ['batch/v1', 'Job'],
    ].map(([apiVersion = '', kind = '']) => [
      kind,
      (text: string): string => `${head(apiVersion, kind)}spec:\n  template:\n    spec:\n${indent(text, 6)}\n`,
    ]),
  ),
  CronJob: (text) =>
    `${head('batch/v1', 'CronJob')}spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n${indent(text, 10)}\n`,
  PodTemplate: (text) => `${head('v1', 'PodTemplate')}template:\n  spec:\n${indent(text, 4)}\n`,
  List: (text) =>
    `apiVersion: v1\nkind: List\nitems:\n- ${indent(`${head('v1', 'Pod')}spec:\n${indent(text, 2)}`, 2).trim()}\n`,
  'a custom resource': (text) =>
    `${head('example.com/v1', 'Runner')}spec:\n  deep:\n  - pod:\n      template:\n        spec:\n${indent(text, 10)}\n`,
};

const essence = (findings: readonly ManifestFinding[]): readonly string[] =>
  findings.map(({ ruleId, message, container }) => `${ruleId} ${container?.name ?? ''} ${message}`).sort();

for (const [kind, carry] of Object.entries(carriers)) {
  test(`the same template has the same findings in ${kind}`, () => {
    const yaml = carry(spec) + policy;
    const report = analyse(yaml);
    assert.deepEqual(report.unknowns, []);
    assert.equal(report.workloads, 1);
    assert.deepEqual(essence(report.findings), essence(analyse(carriers.Pod?.(spec) + policy).findings));
    const [worst] = report.findings;
    assert.equal(worst?.rule, 'privileged-container');
    assert.deepEqual(worst?.container, { role: 'container', name: 'bad' });
    assert.equal(yaml.split('\n')[(worst?.place.line ?? 0) - 1]?.trim(), 'privileged: true');
    assert.equal(report.podSecurity[0]?.level, 'privileged');
  });

  test(`a hardened template has no findings in ${kind}`, () => {
    const report = analyse(carry(hardenedSpec) + policy);
    assert.deepEqual(essence(report.findings), []);
    assert.deepEqual(report.unknowns, []);
    assert.equal(report.podSecurity[0]?.level, 'restricted');
  });
}

test('parts of pods that an operator completes are judged by what is in them', () => {
  const report = analyse(`${head('monitoring.coreos.com/v1', 'Prometheus')}spec:
  containers:
  - {name: prometheus, securityContext: {privileged: true}}
`);
  assert.deepEqual(report.unknowns, []);
  assert.equal(report.findings[0]?.rule, 'privileged-container');
  assert.equal(report.podSecurity[0]?.level, 'privileged');
  const rules = new Set(report.findings.map(({ rule }) => rule));
  for (const rule of ['image-invalid', 'service-account-token-mounted', 'default-service-account', 'host-users']) {
    assert.ok(!rules.has(rule), rule);
  }
  const init = analyse(`${head('example.com/v1', 'Search')}spec:
  podTemplate: {spec: {initContainers: [{name: i, image: x/y:1, securityContext: {privileged: true}}]}}
`);
  assert.deepEqual(init.unknowns, []);
  assert.equal(init.findings[0]?.rule, 'privileged-container');
});

test('what a host process needs is not mended away', () => {
  const windows = (hostProcess: boolean): string => `${head('v1', 'Pod')}spec:
  os: {name: windows}
  hostNetwork: true
  securityContext: {windowsOptions: {hostProcess: ${hostProcess}}}
  containers: [{name: c, image: x/y:1}]
`;
  const editsOf = (text: string): number =>
    analyse(text).findings.find(({ rule }) => rule === 'host-network')?.edits.length ?? -1;
  assert.equal(editsOf(windows(true)), 0);
  assert.equal(editsOf(windows(false)), 1);
});

test('findings come worst first, then by file and line', () => {
  const { findings } = analyse(carriers.Deployment?.(spec) ?? '');
  const ranks = findings.map(({ severity }) => severityRank(severity));
  assert.deepEqual(
    ranks,
    [...ranks].sort((a, b) => b - a),
  );
});

test('edits lead from the document root to a field of the container', () => {
  const { findings } = analyse(carriers.CronJob?.(spec) ?? '');
  const edits = findings.filter(({ container }) => container?.name === 'bad').flatMap((finding) => finding.edits);
  const above = ['spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers', 1, 'securityContext'];
  assert.ok(edits.length > 4);
  for (const edit of edits) assert.deepEqual(edit.path.slice(0, above.length), above);
  assert.deepEqual(edits[0], { path: [...above, 'privileged'], set: false });
});

test('every document is judged by itself: broken, empty and intact ones side by side', () => {
  const good = carriers.Pod?.(spec) ?? '';
  const alone = analyse(good).findings.filter(({ rule }) => !rule.startsWith('network'));
  const report = analyse(`${good}---\na: [b\n---\n# nothing\n---\n{{ if x }}\nkind: y\n---\n${good}`);
  assert.deepEqual(
    report.unknowns.map(({ code }) => code),
    ['DOCUMENT_BROKEN', 'CHART_NOT_RENDERED'],
  );
  assert.equal(report.documents, 4);
  const { findings } = report;
  assert.equal(findings.filter(({ place }) => place.document === 0 && alone.length > 0).length > 0, true);
  const last = findings.filter(({ place, rule }) => place.document === 4 && !rule.startsWith('network'));
  assert.deepEqual(essence(last), essence(alone));
});

for (const [what, yaml] of [
  ['a text', 'just text'],
  ['a list', '- a\n- b'],
  ['an object without kind', 'apiVersion: v1\nmetadata: {}'],
  ['an object without apiVersion', 'kind: Pod\nspec: {containers: [{name: a, image: a}]}'],
  ['a pod without a spec', '{apiVersion: v1, kind: Pod, metadata: {name: p}}'],
  ['a deployment without a template', '{apiVersion: apps/v1, kind: Deployment, spec: {}}'],
  ['a pod without containers', '{apiVersion: v1, kind: Pod, spec: {containers: []}}'],
  ['containers that are none', '{apiVersion: v1, kind: Pod, spec: {containers: [a]}}'],
  ['a list of texts', '{apiVersion: v1, kind: List, items: [a]}'],
  ['a list whose items are no list', '{apiVersion: v1, kind: List, items: {}}'],
  [
    'a privileged in quotes',
    '{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: a, securityContext: {privileged: "false"}}]}}',
  ],
  [
    'a security context that is a text',
    '{apiVersion: v1, kind: Pod, spec: {securityContext: x, containers: [{name: a, image: a}]}}',
  ],
  [
    'capabilities that are a text',
    '{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: a, securityContext: {capabilities: {add: SYS_ADMIN}}}]}}',
  ],
  ['volumes that are a mapping', '{apiVersion: v1, kind: Pod, spec: {volumes: {}, containers: [{name: a, image: a}]}}'],
  [
    'a hostPath that is a text',
    '{apiVersion: v1, kind: Pod, spec: {volumes: [{name: v, hostPath: /etc}], containers: [{name: a, image: a}]}}',
  ],
  [
    'init containers that are a mapping',
    '{apiVersion: v1, kind: Pod, spec: {initContainers: {name: a}, containers: [{name: a, image: a}]}}',
  ],
  [
    'verbs that are a text',
    '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{verbs: "*"}]}',
  ],
  [
    'rules that are a mapping',
    '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: {verbs: ["*"]}}',
  ],
  [
    'a subject that is a text',
    '{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: r}, subjects: [system:anonymous]}',
  ],
  [
    'a policy without a readable spec',
    '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: r}, spec: x}',
  ],
  [
    'a label that is no text',
    '{apiVersion: v1, kind: Namespace, metadata: {name: r, labels: {pod-security.kubernetes.io/enforce: 5}}}',
  ],
  [
    'template metadata that are a text',
    '{apiVersion: apps/v1, kind: Deployment, spec: {template: {metadata: x, spec: {containers: [{name: a, image: a}]}}}}',
  ],
  [
    'external addresses that are a text',
    '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {externalIPs: 1.2.3.4}}',
  ],
] as const) {
  test(`${what} is never called clean`, () => {
    const { unknowns } = analyse(yaml);
    assert.ok(unknowns.length > 0);
    assert.ok(unknowns.every(({ code, place }) => code === 'OBJECT_INVALID' && place.line === 1));
  });
}

test('what lies in a chart names its template', () => {
  const [helm] = analyse(`---\n# Source: web/templates/pod.yaml\n${carriers.Pod?.(spec)}`).findings;
  assert.equal(helm?.place.renderedFrom, 'web/templates/pod.yaml');
  const kustomize = (carriers.Pod?.(spec) ?? '').replace(
    'namespace: shop',
    'namespace: shop, annotations: {config.kubernetes.io/origin: "path: base/pod.yaml\\n"}',
  );
  assert.equal(analyse(kustomize).findings[0]?.place.renderedFrom, 'base/pod.yaml');
  assert.equal(analyse(carriers.Pod?.(spec) ?? '').findings[0]?.place.renderedFrom, undefined);
});

test('rules are chosen by id or name, and severities changed', () => {
  const yaml = carriers.Pod?.(spec) ?? '';
  const chosen = analyse(yaml, {
    rules: ['TW-K001', 'image-without-digest'],
    severities: new Map([['TW-K001', 'LOW']]),
  });
  assert.deepEqual([...new Set(chosen.findings.map(({ ruleId }) => ruleId))].sort(), ['TW-K001', 'TW-K052']);
  assert.equal(chosen.findings.find(({ ruleId }) => ruleId === 'TW-K001')?.severity, 'LOW');
  const skipped = analyse(yaml, { skipRules: ['privileged-container'] });
  assert.ok(!skipped.findings.some(({ ruleId }) => ruleId === 'TW-K001'));
});

test('the version of Kubernetes decides which APIs are gone and which controls hold', () => {
  const yaml = '{apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: c}}';
  assert.match(analyse(yaml, { kubernetesVersion: '1.24.3' }).findings[0]?.message ?? '', /will be gone in/);
  assert.match(analyse(yaml, { kubernetesVersion: 'v1.25' }).findings[0]?.message ?? '', /is gone since/);
});

test('aliases and merge keys are followed', () => {
  const yaml = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - &base
    name: a
    image: a
    securityContext: {privileged: true}
  - <<: *base
    name: b
`;
  const found = analyse(yaml, { rules: ['privileged-container'] }).findings;
  assert.deepEqual(
    found.map(({ container, place }) => [container?.name, place.line]),
    [
      ['a', 9],
      ['b', 9],
    ],
  );
});

test('names of objects are none of their prototypes', () => {
  const yaml = `{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {__proto__: x, constructor: y}}, spec: {__proto__: {hostPID: true}, containers: [{name: a, image: a, securityContext: {__proto__: {privileged: true}}}]}}`;
  const { findings } = analyse(yaml);
  assert.ok(!findings.some(({ rule }) => rule === 'host-pid' || rule === 'privileged-container'));
});
