import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { acceptAll } from '../schemas/schema-check.js';
import { loadBundledSchemas, tableCheck } from '../schemas/bundled.js';
import { kubesecJson, type KubesecReport } from './report.js';
import { hasFailed, scanKubesec } from './scan.js';
import { chooseRules, type KubesecCompat } from './score.js';

interface Told {
  readonly object: string;
  readonly valid: boolean;
  readonly score: number;
  readonly critical: string;
  readonly passed: string;
  readonly failed: boolean;
}

const check = tableCheck(await loadBundledSchemas());

function scan(text: string, compat: KubesecCompat, ids: readonly string[] = []): readonly KubesecReport[] | string {
  const chosen = chooseRules(ids, compat);
  if ('unknown' in chosen) return chosen.unknown.join();
  const result = scanKubesec(text, { fileName: 'f', rules: chosen.rules, compat, check });
  return 'failure' in result ? result.failure : result.reports;
}

function tell(text: string, compat: KubesecCompat, ids: readonly string[] = []): readonly Told[] | string {
  const reports = scan(text, compat, ids);
  if (typeof reports === 'string') return reports;
  return reports.map(({ object, valid, score, scoring }) => ({
    object,
    valid,
    score,
    critical: scoring.critical.map(({ id }) => id).join(),
    passed: scoring.passed.map(({ id }) => id).join(),
    failed: hasFailed(reports, compat),
  }));
}

const pod = (spec: string, containers = '[{name: a, image: i}]'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {${spec}${spec === '' ? '' : ', '}containers: ${containers}}\n`;
const hardened = (security: string): string => `[{name: a, image: i, securityContext: ${security}}]`;

/** A pod spec; what it scores in both modes, or first strictly and then by default; what is critical or passed strictly. */
const specs: readonly (readonly [string, string, readonly [number, number], string])[] = [
  ['', '[{name: a, image: i}]', [0, 0], ''],
  [
    'hostNetwork: true, hostPID: true, hostIPC: true',
    '[{name: a, image: i}]',
    [-27, -27],
    'HostIPC,HostNetwork,HostPID',
  ],
  ['hostPID: yes, hostIPC: off', '[{name: a, image: i}]', [-9, -9], 'HostPID'],
  ['automountServiceAccountToken: false, hostUsers: false', '[]', [2, 2], 'AutomountServiceAccountToken,HostUsers'],
  ['serviceAccountName: default', '[]', [3, 3], 'ServiceAccountName'],
  ['serviceAccountName: ""', '[]', [3, 0], 'ServiceAccountName'],
  ['serviceAccount: x', '[]', [0, 0], ''],
  ['hostAliases: []', '[]', [-3, 0], 'HostAliases'],
  [
    '',
    hardened('{privileged: true, allowPrivilegeEscalation: true}'),
    [-37, -37],
    'Privileged,AllowPrivilegeEscalation',
  ],
  ['', hardened('{capabilities: {drop: [all]}}'), [2, 2], 'CapDropAny,CapDropAll'],
  ['', hardened('{capabilities: {drop: []}}'), [0, 0], ''],
  ['', hardened('{capabilities: {add: [CAP_SYS_ADMIN]}}'), [-30, -30], 'CapSysAdmin'],
  ['', hardened('{capabilities: {add: [ALL]}}'), [0, -30], ''],
  ['', hardened('{runAsUser: 10000, runAsGroup: 10001}'), [1, 1], 'RunAsGroup'],
  ['securityContext: {runAsUser: 023421}', '[{name: a, image: i}]', [1, 1], 'RunAsUser'],
  ['securityContext: {runAsUser: 1e5}', hardened('{runAsUser: 1}'), [0, 0], ''],
  [
    'securityContext: {runAsNonRoot: true}',
    `${hardened('{runAsNonRoot: false}').slice(0, -1)}, {name: b, image: i}]`,
    [1, 1],
    'RunAsNonRoot',
  ],
  ['securityContext: {runAsNonRoot: true}', '[]', [0, 0], ''],
  [
    'securityContext: {seccompProfile: {type: Unconfined}}',
    `${hardened('{seccompProfile: {type: RuntimeDefault}}').slice(0, -1)}, {name: b, image: i}]`,
    [0, 0],
    'SeccompUnconfined,SeccompAny',
  ],
  ['', hardened('{appArmorProfile: {type: Localhost, localhostProfile: x}}'), [3, 3], 'ApparmorAny'],
  ['volumes: [{name: v, hostPath: {path: /var/run/docker.sock}}]', '[]', [-9, -9], 'DockerSock'],
  ['volumes: [{name: v, hostPath: {path: /run/docker.sock}}]', '[]', [0, -9], ''],
  ['volumes: [{name: v, hostPath: {path: /opt/process-data}}]', '[]', [-9, 0], 'ProcMount'],
  ['volumes: [{name: v, hostPath: {path: /proc/sys}}]', '[]', [-9, -9], 'ProcMount'],
  [
    '',
    '[{name: a, image: i, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]',
    [-5, -5],
    'SecretsAsEnvironmentVariables',
  ],
  ['', '[{name: a, image: i, envFrom: [{configMapRef: {name: s}}]}]', [0, 0], ''],
  ['', '[{name: a, image: i, resources: {limits: {cpu: 1}}}, {name: b, image: i}]', [1, 1], 'LimitsCPU'],
  [
    'initContainers: [{name: i, image: i, resources: {limits: {cpu: 1}}, securityContext: {readOnlyRootFilesystem: true}}]',
    '[{name: a, image: i}]',
    [1, 1],
    'ReadOnlyRootFilesystem',
  ],
];

void test('what pods score, strictly and by default', () => {
  for (const [spec, containers, scores, ids] of specs) {
    const text = pod(spec, containers);
    for (const [at, compat] of (['strict', 'default'] as const).entries()) {
      const told = tell(text, compat);
      assert.ok(typeof told !== 'string', text);
      assert.equal(told[0]?.score, scores[at], `${compat}: ${text}`);
      assert.equal(told[0]?.valid, true, text);
      const both = [told[0]?.critical, told[0]?.passed].filter((list) => list !== '').join();
      if (compat === 'strict') assert.equal(both, ids, text);
    }
  }
});

const claims = (templates: string): string =>
  `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: w, namespace: ns}\nspec: {serviceName: s, selector: {}, template: {}, volumeClaimTemplates: ${templates}}\n`;

void test('claims of stateful sets', () => {
  const scores = (templates: string) =>
    (['strict', 'default'] as const).map((compat) => {
      const told = tell(claims(templates), compat);
      return typeof told === 'string' ? told : told[0]?.score;
    });
  assert.deepEqual(scores('[]'), [2, 2]);
  assert.deepEqual(scores('[{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]'), [2, 2]);
  assert.deepEqual(scores('[{spec: {accessModes: [ReadWriteOncePod]}}]'), [0, 1]);
  assert.deepEqual(scores('[{spec: {accessModes: [ReadWriteOnce, ReadWriteMany]}}]'), [0, 0]);
  assert.deepEqual(scores('[{metadata: {name: x}}]'), [2, 2]);
});

void test('other kinds have the rules that are theirs', () => {
  const workload = (apiVersion: string, kind: string, spec: string) =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: w}\nspec: ${spec}\n`;
  const template =
    '{spec: {hostPID: true, restartPolicy: Never, containers: [{name: a, image: i, envFrom: [{secretRef: {name: s}}]}]}}';
  const score = (text: string) => {
    const told = tell(text, 'default');
    return typeof told === 'string' ? told : told.map(({ score: points, critical }) => [points, critical]);
  };
  assert.deepEqual(score(workload('batch/v1', 'Job', `{template: ${template}}`)), [
    [-5, 'SecretsAsEnvironmentVariables'],
  ]);
  assert.deepEqual(
    score(workload('batch/v1', 'CronJob', `{schedule: x, jobTemplate: {spec: {template: ${template}}}}`)),
    [[-5, 'SecretsAsEnvironmentVariables']],
  );
  assert.deepEqual(score(workload('apps/v1', 'DaemonSet', `{selector: {}, template: ${template}}`)), [
    [-14, 'HostPID,SecretsAsEnvironmentVariables'],
  ]);
  const binding = (name: string) =>
    `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {apiGroup: g, kind: ClusterRole, name: x}\nsubjects: [{kind: User, name: ${name}}]\n`;
  assert.deepEqual(score(binding('system:anonymous')), [[-30, 'BindingsToSystemAnonymous']]);
  assert.deepEqual(score(binding('system:unauthenticated')), [[0, '']]);
});

/** A stream; objects with their scores strictly, then by default, or why there is no report; a failing run has a `!`. */
const streams: readonly (readonly [string, string, string])[] = [
  ['', 'invalid input!', 'invalid input!'],
  ['---\n', 'invalid input!', 'invalid input!'],
  ['# only\n', 'Unknown=0!', 'invalid input!'],
  ['null', 'Unknown=0!', 'invalid input!'],
  [`${pod('hostUsers: false')}---\n# nothing\n`, 'Pod/p.default=1 Unknown=0!', 'Pod/p.default=1'],
  [
    `${pod('hostUsers: false')}--- # next\n${pod('hostPID: true')}`,
    'Pod/p.default=1',
    'Pod/p.default=1 Pod/p.default=-9!',
  ],
  [
    `${pod('hostUsers: false')}---\n${pod('hostPID: true')}`.replaceAll('\n', '\r\n'),
    'Pod/p.default=1',
    'Pod/p.default=1 Pod/p.default=-9!',
  ],
  [
    `${pod('hostUsers: false')}---\na: b: c\n`,
    'yaml: line 6: mapping values are not allowed in this context!',
    'Pod/p.default=1 Unknown=0!',
  ],
  [
    'a: b: c\n',
    'yaml: line 1: mapping values are not allowed in this context!',
    'yaml: line 1: mapping values are not allowed in this context!',
  ],
  [
    `${pod('hostUsers: false')}---\napiVersion: v1\nkind: ConfigMap\n`,
    'Pod/p.default=1 ConfigMap/undefined.default=0!',
    'Pod/p.default=1 ConfigMap/undefined.default=0',
  ],
  ['apiVersion: v1\nkind: Service\nmetadata: {name: 0x10, namespace: ""}\n', 'Service/16.=0!', 'Service/16.=0!'],
  [
    `apiVersion: v1\nkind: List\nitems:\n- ${pod('hostPID: true').trim().replaceAll('\n', '\n  ')}\n`,
    'List/undefined.default=0!',
    'Pod/p.default=-9!',
  ],
  [
    '{"apiVersion":"v1","kind":"Pod","kind":"Pod","spec":{"containers":[]}}',
    'Pod/undefined.default=0!',
    'Pod/undefined.default=0!',
  ],
  ['[1]', 'Unknown=0!', 'Unknown=0!'],
];

void test('streams, strictly and by default', () => {
  for (const [text, ...expected] of streams) {
    for (const [at, compat] of (['strict', 'default'] as const).entries()) {
      const told = tell(text, compat);
      const failed = typeof told === 'string' || told.some((one) => one.failed);
      const words = typeof told === 'string' ? told : told.map(({ object, score }) => `${object}=${score}`).join(' ');
      assert.equal(`${words}${failed ? '!' : ''}`, expected[at], `${compat}: ${JSON.stringify(text)}`);
    }
  }
});

void test('a list with invalid items says so, and what is valid is scored', () => {
  const items = [pod('hostPID: true'), pod('foo: 1'), 'apiVersion: e.com/v1\nkind: Widget\n'].map(
    (item) => `- ${item.trim().replaceAll('\n', '\n  ')}\n`,
  );
  const reports = scan(`apiVersion: v1\nkind: List\nitems:\n${items.join('')}`, 'default');
  assert.ok(typeof reports !== 'string');
  assert.deepEqual(
    reports.map(({ object, valid, score }) => [object, valid, score]),
    [
      ['List/undefined.default', false, 0],
      ['Pod/p.default', true, -9],
    ],
  );
  assert.match(
    reports[0]?.message ?? '',
    /'\/spec': additional properties 'foo' not allowed\ncould not find schema for Widget$/,
  );
});

void test('rules are chosen by exact id', () => {
  assert.equal(tell(pod(''), 'strict', ['Nope', 'hostpid', ' HostPID', 'HostPID']), 'Nope,hostpid, HostPID');
  const twice = (compat: KubesecCompat) => {
    const told = tell(pod('hostPID: true'), compat, ['HostPID', 'HostPID']);
    return typeof told === 'string' ? told : told[0]?.critical;
  };
  assert.deepEqual([twice('strict'), twice('default')], ['HostPID,HostPID', 'HostPID']);
  const none = scan(pod(''), 'default', ['VolumeClaimRequestsStorage']);
  assert.equal(typeof none === 'string' ? none : none[0]?.message, 'This resource kind is not supported by kubesec');
});

void test('reports are JSON as Go writes it', () => {
  const [report] = scan(pod(''), 'strict', ['RunAsUser']) as readonly KubesecReport[];
  assert.ok(report);
  const text = [...kubesecJson([{ ...report, fileName: '<&>\u2028é', message: 'a\tb' }])].join('');
  assert.ok(text.includes('"fileName": "\\u003c\\u0026\\u003e\\u2028é",\n    "message": "a\\tb"'));
  const { scoring, fileName, object, valid, message, score } = report;
  const rules = scoring.advise.map(({ id, selector, reason, points }) => ({ id, selector, reason, points }));
  const plain = [{ object, valid, fileName, message, score, scoring: { advise: rules } }];
  assert.equal([...kubesecJson([report])].join(''), `${JSON.stringify(plain, null, 2)}\n`);
  assert.equal([...kubesecJson([])].join(''), '[]\n');
});

void test("members with the names of every object's own are members", () => {
  const text = 'apiVersion: v1\nkind: constructor\nmetadata: {toString: x}\n__proto__: {kind: Pod}\n';
  const result = scanKubesec(text, { fileName: 'f', rules: [], compat: 'default', check: acceptAll });
  assert.ok('reports' in result);
  assert.equal(result.reports[0]?.object, 'constructor/undefined.default');
  const checked = scan(text, 'default');
  assert.equal(typeof checked === 'string' ? checked : checked[0]?.message, 'could not find schema for constructor');
});

void test('whatever stands beside them, intact documents are judged as they are alone', () => {
  const good = pod('hostPID: true');
  const seed = pod('serviceAccountName: x, hostNetwork: true', hardened('{runAsUser: 10001}'));
  const bit = fc.constantFrom(
    '\n',
    '  ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '|',
    '\t',
    '\0',
    '<<: ',
  );
  const alone = scan(good, 'default');
  assert.ok(typeof alone !== 'string');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(seed.length), fc.nat(4), bit), { minLength: 1, maxLength: 5 }), (edits) => {
      let text = seed;
      for (const [at, cut, insert] of edits) text = text.slice(0, at) + insert + text.slice(at + cut);
      const reports = scan(`${good}---\n${text}\n---\n${good}`, 'default');
      assert.ok(typeof reports !== 'string');
      assert.deepEqual([reports[0], reports.at(-1)], [alone[0], alone[0]]);
      for (const report of reports.slice(1, -1)) assert.ok(report.message !== '');
    }),
    { numRuns: 500 },
  );
});
