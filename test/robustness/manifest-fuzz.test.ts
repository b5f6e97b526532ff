import assert from 'node:assert/strict';
import test from 'node:test';
import { readYamlStream, type YamlPart } from '../../src/formats/index.js';
import {
  applyEdits,
  createAnalysis,
  findManifestRule,
  imagesOfDocument,
  kubesecRules,
  manifestJson,
  manifestTable,
  scanKubesec,
  type ManifestReport,
} from '../../src/manifest/index.js';

/** How many inputs; by hand: TIDEWAITER_FUZZ=100000. */
const rounds = Number(process.env['TIDEWAITER_FUZZ'] ?? 400);
const seed = Number(process.env['TIDEWAITER_FUZZ_SEED'] ?? 20_261);

const before = `# the first
apiVersion: v1
kind: Pod
metadata: {name: first, namespace: alpha}
spec:
  hostNetwork: true
  containers:
  - name: app
    image: nginx
    securityContext: {privileged: true}
`;

const after = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: last
  namespace: omega
spec:
  selector: {matchLabels: {app: last}}
  template:
    metadata: {labels: {app: last}}
    spec:
      hostPID: true
      containers:
      - name: app
        image: registry.example.com/a:1@sha256:bad
        env:
        - {name: PASSWORD, value: secret}
`;

const seeds: readonly string[] = [
  before,
  after,
  `apiVersion: batch/v1
kind: CronJob
metadata:
  name: &name nightly
  annotations: {note: "a \\u00e9 b"}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          securityContext: &strict
            runAsNonRoot: true
            runAsUser: 0x3e8
          initContainers: [{name: a, image: 'b:1', securityContext: *strict}]
          containers:
          - <<: {name: x}
            image: >-
              long
              name
            command: ["sh", "-c", 'it''s']
            args:
            - |
              text
                more
          volumes:
          - name: sock
            hostPath: {path: /var/run/docker.sock}
`,
  `kind: List
apiVersion: v1
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: x}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
  subjects: [{kind: Group, name: "system:authenticated"}]
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: y}
  data: {a: "1", b: yes}
- apiVersion: example.com/v1
  kind: Thing
  spec: {workers: [{template: {spec: {containers: [{name: c, image: d}]}}}]}
`,
];

const pieces: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ': ',
  '- ',
  '-',
  '? ',
  '&a ',
  '*a',
  '*strict',
  '<<: *strict',
  '!!binary ',
  '!t ',
  '"',
  "'",
  '|',
  '>',
  '|+\n',
  '#',
  ' #',
  '%YAML 1.1\n',
  '---',
  '\n---\n',
  '...\n',
  '\t',
  '\n',
  '\r',
  '\r\n',
  ' ',
  '        ',
  '\u0000',
  '\ufeff',
  '\u2028',
  '\ud800',
  '\\',
  '\\x',
  '~',
  'null',
  '1e999',
  '.inf',
  '.nan',
  '0x',
  '99999999999999999999',
  '-0',
  '__proto__',
  'constructor: {}',
  'hasOwnProperty',
  '{{ .Values.x }}',
  '[[[[[[[[[[',
  '{a: {a: {a: {a: ',
  'containers: 5',
  'containers: [null]',
  'spec: []',
  'metadata: 3',
  'kind: 7',
  'securityContext: yes',
  '- - - - - - ',
  '\u001b[2J',
  '😀',
  'é',
]; // prettier-ignore

/** Small, and the same everywhere (mulberry32). */
function randomOf(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutated(text: string, random: (below: number) => number): string {
  let result = text;
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(result.length + 1);
    const to = Math.min(result.length, at + 1 + random(random(4) === 0 ? 120 : 6));
    switch (random(7)) {
      case 0:
        result = result.slice(0, at) + result.slice(to);
        break;
      case 1:
        result = result.slice(0, at);
        break;
      case 2:
        result = result.slice(0, to) + result.slice(at);
        break;
      case 3: {
        const lines = result.split('\n');
        const [taken = ''] = lines.splice(random(lines.length), 1);
        lines.splice(random(lines.length + 1), 0, taken);
        result = lines.join('\n');
        break;
      }
      case 4:
        result =
          result.slice(0, at) + String.fromCharCode(random(random(3) === 0 ? 0x10000 : 128)) + result.slice(at + 1);
        break;
      case 5:
        result = result.slice(0, at) + (pieces[random(pieces.length)] ?? '').repeat(1 + random(3)) + result.slice(to);
        break;
      default:
        result = result.slice(0, at) + (pieces[random(pieces.length)] ?? '') + result.slice(at);
    }
  }
  return result;
}

interface Judged {
  readonly parts: readonly YamlPart[];
  readonly report: ManifestReport;
}

function judge(text: string): Judged {
  const analysis = createAnalysis({ now: new Date('2026-01-01') });
  const parts = [...readYamlStream(text)].filter(({ kind }) => kind !== 'empty');
  for (const [index, part] of parts.entries()) analysis.add({ name: 'fuzz.yaml' }, part, index);
  return { parts, report: analysis.finish() };
}

/** What is found in one document alone: rules that look at all of them together may say something else. */
function foundIn({ parts, report }: Judged, index: number): unknown {
  const part = parts[index];
  const first = part?.kind === 'document' ? part.line : 0;
  const marker = part?.text.startsWith('---') ? 1 : 0;
  const own = report.findings.filter(
    ({ place, ruleId }) => place.document === index && findManifestRule(ruleId)?.scope !== 'input',
  );
  const levels = report.podSecurity.filter(({ place }) => place.document === index).map(({ summary }) => summary);
  const unknowns = report.unknowns.filter(({ place }) => place.document === index).map(({ code }) => code);
  const findings = own.map(({ rule, message, path, place, edits, object }) => [
    rule,
    message,
    path,
    place.line - first - marker,
    place.column,
    edits,
    object,
  ]);
  return { findings, levels, unknowns };
}

const alone = [foundIn(judge(before), 0), foundIn(judge(after), 0)] as const;

/** Whatever stands between two documents, they are judged as they are without it; and the rest ends in a word about it. */
function check(text: string): void {
  const judged = judge(`${before}---\n${text}\n---\n${after}`);
  const { parts, report } = judged;
  assert.deepEqual(foundIn(judged, 0), alone[0], 'the document before it');
  assert.deepEqual(foundIn(judged, parts.length - 1), alone[1], 'the document behind it');
  for (const part of parts) {
    if (part.kind !== 'broken') continue;
    assert.ok(part.line >= 1 && part.column >= 1 && part.reason !== '');
  }
  const broken = parts.filter(({ kind }) => kind === 'broken').length;
  assert.ok(report.unknowns.length >= broken);
  const result = { report, verdict: { outcome: 'pass', reasons: [] }, skippedFiles: 0, toolVersion: '0' } as const;
  JSON.parse([...manifestJson(result)].join(''));
  const table = [...manifestTable(result, { color: false, showSuppressed: true })].join('');
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(table, /[\u0000-\u0009\u000b-\u001f]/);
  const scan = { fileName: 'x', rules: kubesecRules, compat: 'default', check: () => undefined } as const;
  scanKubesec(text, scan);
  scanKubesec(text, { ...scan, compat: 'strict' });
  for (const [index, part] of parts.entries()) {
    if (part.kind !== 'document') continue;
    imagesOfDocument(part.value);
    if (index === 0 || index === parts.length - 1) continue;
    const edits = report.findings.filter(({ place }) => place.document === index).flatMap((finding) => finding.edits);
    const mended = applyEdits(part, edits);
    if (mended.applied.length === 0) assert.equal(mended.text, part.text);
  }
}

test('mutated YAML: a report or a rejection, and no harm to what stands beside it', () => {
  const random = randomOf(seed);
  for (let round = 0; round < rounds; round++) {
    const text = mutated(seeds[round % seeds.length] ?? '', random);
    try {
      check(text);
    } catch (cause) {
      throw new Error(`round ${round} of seed ${seed}: ${JSON.stringify(text)}`, { cause });
    }
  }
});

test('mutated JSON: a report or a rejection with its line', () => {
  const random = randomOf(seed + 1);
  const documents = seeds
    .map((text) => [...readYamlStream(text)][0])
    .map((part) => (part?.kind === 'document' ? part.value : null));
  for (let round = 0; round < rounds; round++) {
    const space = [undefined, 2, '\t'][round % 3];
    const text = mutated(JSON.stringify(documents[round % documents.length], null, space), random);
    try {
      const { parts, report } = judge(text);
      for (const part of parts) {
        if (part.kind === 'broken') assert.ok(part.line >= 1 && part.reason !== '');
      }
      assert.ok(report.unknowns.length >= parts.filter(({ kind }) => kind === 'broken').length);
      check(text);
    } catch (cause) {
      throw new Error(`round ${round} of seed ${seed}: ${JSON.stringify(text)}`, { cause });
    }
  }
});

test('what grows without bound is refused in time', () => {
  const bombs: readonly string[] = [
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((name, at) => `${name}: &${name} [${`*${'abcdefghi'.charAt(at)},`.repeat(9)}]\n`)
      .join('')}kind: Pod\n`,
    '['.repeat(100_000),
    '{a: '.repeat(100_000),
    '- '.repeat(100_000),
    `kind: Pod\napiVersion: v1\nspec: ${'{containers: [{x: '.repeat(5000)}`,
    `${'a: '.repeat(3)}\n`,
    `"${'\\u0041'.repeat(100_000)}"`,
    '&a '.repeat(10_000),
    `kind: Pod\napiVersion: v1\nmetadata: {name: ${'x'.repeat(1_000_000)}}\nspec: {containers: [{name: ${'y'.repeat(1_000_000)}, image: ${'z'.repeat(1_000_000)}}]}\n`,
    '\n'.repeat(200_000),
    '---\n'.repeat(20_000),
  ];
  for (const text of bombs) check(text);
});
