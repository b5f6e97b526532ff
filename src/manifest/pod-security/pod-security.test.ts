import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { podSecurityCases } from '../../../test/kubernetes/pod-security-cases.js';
import { repoPath } from '../../../test/support/paths.js';
import type { JsonValue } from '../../formats/index.js';
import {
  evaluatePodSecurity,
  forbiddingControls,
  parsePodSecurityVersion,
  podSecurityControls,
  podSecuritySummary,
  type PodSecurityResult,
} from './index.js';

const hardened = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const app = { name: 'app', image: 'a', securityContext: hardened };
const ofSpec = (spec: JsonValue): PodSecurityResult => evaluatePodSecurity({ spec });
const ofContext = (context: JsonValue): PodSecurityResult =>
  ofSpec({ containers: [{ ...app, securityContext: context }] });

test('the standard: what each level forbids', () => {
  assert.ok(podSecurityCases.length >= 150);
  const names = podSecurityCases.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  );
  for (const { name, version, pod, baseline, restricted } of podSecurityCases) {
    const result = evaluatePodSecurity(pod, parsePodSecurityVersion(version));
    assert.deepEqual([...forbiddingControls(result, 'baseline')].sort(), [...baseline].sort(), name);
    assert.deepEqual([...forbiddingControls(result, 'restricted')].sort(), [...restricted].sort(), name);
    assert.deepEqual(forbiddingControls(result, 'privileged'), []);
    const reached = restricted.length > 0 ? 'baseline' : 'restricted';
    assert.equal(result.level, baseline.length > 0 ? 'privileged' : reached, name);
    assert.deepEqual(result.unassessed, [], name);
  }
});

test('every control is met by a case that forbids, in each of its revisions', () => {
  for (const { id, revisions } of podSecurityControls) {
    revisions.forEach(({ since }, at) => {
      const until = revisions[at + 1]?.since ?? Infinity;
      const met = podSecurityCases.some(({ version, baseline, restricted }) => {
        const minor = version === 'latest' ? 1000 : Number(version.slice(3));
        return minor >= since && minor < until && [...baseline, ...restricted].includes(id);
      });
      assert.ok(met, `${id} since ${since}`);
    });
  }
});

test('a finding names the field, its effective value and where that comes from', () => {
  const { baseline, restricted } = evaluatePodSecurity({
    spec: {
      hostNetwork: true,
      securityContext: { runAsNonRoot: false, runAsUser: 0 },
      initContainers: [{ ...app, name: 'first', securityContext: { ...hardened, capabilities: { add: ['NET_RAW'] } } }],
      containers: [{ ...app, ports: [{ containerPort: 80 }], securityContext: { ...hardened, runAsNonRoot: null } }],
    },
  });
  const facts = [...baseline, ...restricted].map(({ control, path, container, value, from }) =>
    [control, path.join('.'), container, JSON.stringify(value), from].join(' '),
  );
  assert.deepEqual(facts, [
    'capabilities_baseline spec.initContainers.0.securityContext.capabilities.add.0 first "NET_RAW" container',
    'hostNamespaces spec.hostNetwork  true pod',
    'hostPorts spec.containers.0.ports.0.hostPort app 80 default',
    'capabilities_restricted spec.initContainers.0.securityContext.capabilities.drop first  default',
    'runAsNonRoot spec.securityContext.runAsNonRoot  false pod',
    'runAsUser spec.securityContext.runAsUser  0 pod',
  ]);
  assert.deepEqual([...new Set(baseline.map(({ level }) => level))], ['baseline']);
  assert.deepEqual([...new Set(restricted.map(({ level }) => level))], ['restricted']);
  assert.ok([...baseline, ...restricted].every(({ message, fix }) => message !== '' && fix !== ''));
});

test('a container without a name is named by its place', () => {
  const { restricted } = ofSpec({ containers: [app, { image: 'a', securityContext: { ...hardened, runAsUser: 0 } }] });
  assert.deepEqual(
    restricted.map(({ container }) => container),
    ['containers[1]'],
  );
});

test('what baseline forbids is not said again at restricted', () => {
  const { baseline, restricted } = ofSpec({
    containers: [{ ...app, securityContext: { ...hardened, seccompProfile: { type: 'Unconfined' } } }],
    volumes: [{ name: 'a', hostPath: { path: '/' } }],
  });
  assert.deepEqual(
    baseline.map(({ control }) => control),
    ['hostPathVolumes', 'seccompProfile_baseline'],
  );
  assert.deepEqual(restricted, []);
});

test('two kinds of volume at once hide nothing', () => {
  const { level } = ofSpec({ containers: [app], volumes: [{ name: 'a', emptyDir: {}, hostPath: { path: '/' } }] });
  assert.equal(level, 'privileged');
});

test('what cannot be read is unassessed, and reaches nothing', () => {
  const cases: readonly (readonly [PodSecurityResult, string, PodSecurityResult['level']])[] = [
    [evaluatePodSecurity(null), 'spec', 'privileged'],
    [evaluatePodSecurity([]), '', 'privileged'],
    [evaluatePodSecurity({}), 'spec', 'privileged'],
    [evaluatePodSecurity({ spec: null }), 'spec', 'privileged'],
    [evaluatePodSecurity({ spec: 'x' }), 'spec', 'privileged'],
    [evaluatePodSecurity({ metadata: 1, spec: { containers: [app] } }), 'metadata', 'privileged'],
    [
      evaluatePodSecurity({
        metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': true } },
        spec: { containers: [app] },
      }),
      'metadata.annotations.container.apparmor.security.beta.kubernetes.io/app',
      'privileged',
    ],
    [ofSpec({}), 'spec.containers', 'privileged'],
    [ofSpec({ containers: [] }), 'spec.containers', 'privileged'],
    [ofSpec({ containers: {} }), 'spec.containers', 'privileged'],
    [ofSpec({ containers: [null] }), 'spec.containers.0', 'privileged'],
    [ofSpec({ containers: ['app'] }), 'spec.containers.0', 'privileged'],
    [ofSpec({ containers: [app], initContainers: 'x' }), 'spec.initContainers', 'privileged'],
    [ofSpec({ containers: [app], ephemeralContainers: [3] }), 'spec.ephemeralContainers.0', 'privileged'],
    [ofSpec({ containers: [app], hostNetwork: 'true' }), 'spec.hostNetwork', 'privileged'],
    [ofSpec({ containers: [app], hostPID: 1 }), 'spec.hostPID', 'privileged'],
    [ofSpec({ containers: [app], securityContext: [] }), 'spec.securityContext', 'privileged'],
    [ofSpec({ containers: [app], volumes: {} }), 'spec.volumes', 'privileged'],
    [ofSpec({ containers: [app], volumes: ['a'] }), 'spec.volumes.0', 'privileged'],
    [ofSpec({ containers: [app], volumes: [{ name: 'a', emptyDir: 'x' }] }), 'spec.volumes.0.emptyDir', 'baseline'],
    [ofSpec({ containers: [app], volumes: [{ name: 'a', newKind: {} }] }), 'spec.volumes.0.newKind', 'baseline'],
    [ofSpec({ containers: [{ ...app, ports: 80 }] }), 'spec.containers.0.ports', 'privileged'],
    [
      ofSpec({ containers: [{ ...app, ports: [{ hostPort: '80' }] }] }),
      'spec.containers.0.ports.0.hostPort',
      'privileged',
    ],
    [
      ofSpec({ hostUsers: 'false', containers: [app] }),
      'spec.hostUsers',
      'privileged', // baseline asks it too: whether more of /proc may be shown
    ],
    [ofSpec({ os: 'windows', containers: [app] }), 'spec.os', 'baseline'],
    [ofContext('x'), 'spec.containers.0.securityContext', 'privileged'],
    [ofContext({ ...hardened, privileged: 'yes' }), 'spec.containers.0.securityContext.privileged', 'privileged'],
    [
      ofContext({ ...hardened, allowPrivilegeEscalation: 'false' }),
      'spec.containers.0.securityContext.allowPrivilegeEscalation',
      'baseline',
    ],
    [ofContext({ ...hardened, runAsNonRoot: 'true' }), 'spec.containers.0.securityContext.runAsNonRoot', 'baseline'],
    [ofContext({ ...hardened, runAsUser: '1000' }), 'spec.containers.0.securityContext.runAsUser', 'baseline'],
    [ofContext({ ...hardened, runAsUser: 0.5 }), 'spec.containers.0.securityContext.runAsUser', 'baseline'],
    [ofContext({ ...hardened, capabilities: 'ALL' }), 'spec.containers.0.securityContext.capabilities', 'privileged'],
    [
      ofContext({ ...hardened, capabilities: { drop: 'ALL' } }),
      'spec.containers.0.securityContext.capabilities.drop',
      'baseline',
    ],
    [ofContext({ ...hardened, seccompProfile: 'x' }), 'spec.containers.0.securityContext.seccompProfile', 'privileged'],
    [
      ofContext({ ...hardened, seccompProfile: { type: 1 } }),
      'spec.containers.0.securityContext.seccompProfile.type',
      'privileged',
    ],
    [ofContext({ ...hardened, procMount: 1 }), 'spec.containers.0.securityContext.procMount', 'privileged'],
    [
      ofContext({ ...hardened, seLinuxOptions: { type: 1 } }),
      'spec.containers.0.securityContext.seLinuxOptions.type',
      'privileged',
    ],
  ];
  for (const [result, path, level] of cases) {
    const paths = result.unassessed.map((one) => one.path.join('.'));
    assert.ok(paths.includes(path), `${path} is not in ${paths.join(' ')}`);
    assert.equal(new Set(paths).size, paths.length, path);
    assert.equal(result.level, level, path);
    assert.deepEqual([...result.baseline, ...result.restricted], [], path);
  }
});

test('an unreadable field is named once, with all controls that asked for it', () => {
  const { unassessed } = ofContext([]);
  assert.equal(unassessed.length, 1);
  assert.equal(unassessed[0]?.level, 'baseline');
  const asked = unassessed[0]?.controls ?? [];
  assert.ok(['privileged', 'procMount', 'runAsNonRoot', 'allowPrivilegeEscalation'].every((id) => asked.includes(id)));
  assert.ok(!asked.includes('hostNamespaces'));
});

test('whatever comes in, a level is only reached if nothing stands against it', () => {
  const keys = ['spec', 'containers', 'securityContext', 'capabilities', 'add', 'drop', 'volumes', 'hostPath', 'type'];
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom<JsonValue>(null, true, false, 0, 1, '', 'ALL', 'RuntimeDefault'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys, '__proto__'), tie('value'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(value, fc.nat(40), (pod, minor) => {
      const result = evaluatePodSecurity(pod, { major: 1, minor });
      const { level, baseline, restricted, unassessed } = result;
      const stops = { baseline: baseline.length, all: baseline.length + restricted.length + unassessed.length };
      if (level === 'restricted') assert.equal(stops.all, 0);
      if (level === 'baseline') assert.equal(stops.baseline, 0);
      if (level === 'privileged') assert.ok(stops.all > 0);
      assert.match(podSecuritySummary(result), /baseline|restricted/);
    }),
    { numRuns: 2000 },
  );
});

test('versions', () => {
  assert.deepEqual(parsePodSecurityVersion('latest'), 'latest');
  assert.deepEqual(parsePodSecurityVersion('v1.30'), { major: 1, minor: 30 });
  assert.deepEqual(parsePodSecurityVersion('1.0'), { major: 1, minor: 0 });
  for (const text of ['', 'v1', 'v2.0', '1.30.1', 'v1.030', 'Latest', 'v1.99999']) {
    assert.equal(parsePodSecurityVersion(text), undefined, text);
  }
  const bare = { spec: { containers: [{ name: 'app' }] } };
  const count = (version: Parameters<typeof evaluatePodSecurity>[1]): number =>
    evaluatePodSecurity(bare, version).restricted.length;
  assert.equal(count({ major: 1, minor: 0 }), 1);
  assert.equal(count({ major: 0, minor: 99 }), 1);
  assert.equal(count({ major: 2, minor: 0 }), 4);
  assert.equal(count(undefined), 4);
});

test('the summary', () => {
  assert.equal(podSecuritySummary(ofSpec({ containers: [app] })), 'reaches restricted');
  assert.equal(
    podSecuritySummary(ofContext({ capabilities: { drop: ['ALL'] }, runAsNonRoot: true })),
    'reaches baseline; restricted stops at allowPrivilegeEscalation (container app), seccompProfile (container app)',
  );
  assert.equal(
    podSecuritySummary(
      ofSpec({ hostPID: true, containers: [{ ...app, securityContext: { ...hardened, runAsUser: 0 } }] }),
    ),
    'does not reach baseline; baseline stops at hostNamespaces (spec.hostPID); restricted also stops at runAsUser (container app)',
  );
  assert.equal(
    podSecuritySummary(ofSpec({ hostPID: 'x', containers: [app] })),
    'not shown to reach baseline; not assessed: spec.hostPID is neither true nor false',
  );
  const many = podSecuritySummary(
    ofSpec({
      containers: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, securityContext: { ...hardened, runAsUser: 0 } })),
    }),
  );
  assert.equal(many, 'reaches baseline; restricted stops at runAsUser (containers a, b, c and 2 more)');
});

test('a control per file, each in the index and in the documentation', () => {
  const folder = repoPath('src', 'manifest', 'pod-security', 'controls');
  const files = readdirSync(folder).filter((file) => file !== 'index.ts');
  assert.equal(podSecurityControls.length, files.length);
  const index = readFileSync(`${folder}/index.ts`, 'utf8');
  assert.deepEqual(
    files.filter((file) => !index.includes(`'./${file.replace(/\.ts$/, '.js')}'`)),
    [],
  );
  const ids = podSecurityControls.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const page = readFileSync(repoPath('docs', 'pod-security.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, id]) => id);
  assert.deepEqual(documented, ids);
  for (const { replaces, revisions } of podSecurityControls) {
    if (replaces !== undefined) assert.ok(ids.includes(replaces));
    const since = revisions.map((revision) => revision.since);
    assert.deepEqual(
      since,
      [...new Set(since)].sort((a, b) => a - b),
    );
  }
});
