import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
  readdirSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import { readYamlStream, type JsonValue, type YamlDocument } from '../../src/formats/index.js';
import { applyEdits, createAnalysis, type FieldEdit, type ManifestFinding } from '../../src/manifest/index.js';
import { writeYaml, type Hand } from '../../src/manifest/fix/fixtures/write-yaml.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { temporaryFolder } from '../support/paths.js';

const container = (name: string, more: Readonly<Record<string, JsonValue>> = {}): JsonValue => ({
  name,
  image: 'registry.example.com/team/app:1.2',
  ...more,
});

const privileged: JsonValue = {
  privileged: true,
  allowPrivilegeEscalation: true,
  capabilities: { add: ['SYS_ADMIN'] },
};

const podSpec: JsonValue = {
  hostNetwork: true,
  hostPID: true,
  initContainers: [container('setup', { securityContext: privileged })],
  containers: [
    container('app', { securityContext: privileged, ports: [{ containerPort: 8080 }] }),
    container('bare'),
    container('odd', { securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } } }),
  ],
};

const template = { metadata: { labels: { app: 'web' } }, spec: podSpec };
const workload = (apiVersion: string, kind: string, spec: JsonValue): JsonValue => ({
  apiVersion,
  kind,
  metadata: { name: 'web', namespace: 'shop' },
  spec,
});

const objects: Readonly<Record<string, JsonValue>> = {
  pod: workload('v1', 'Pod', podSpec),
  deployment: workload('apps/v1', 'Deployment', { replicas: 2, template }),
  job: workload('batch/v1', 'Job', { template }),
  cronJob: workload('batch/v1', 'CronJob', { schedule: '@daily', jobTemplate: { spec: { template } } }),
  list: { apiVersion: 'v1', kind: 'List', items: [workload('v1', 'Pod', podSpec), workload('v1', 'Pod', podSpec)] },
  custom: workload('example.com/v1', 'Thing', { deep: [{ workerTemplate: template }] }),
};

const hands: Readonly<Record<string, Partial<Hand>>> = {
  'two columns': {},
  'four columns': { indent: 4, listIndent: 4 },
  'lists below their keys': { listIndent: 0 },
  'comments everywhere': { comments: true, listIndent: 0 },
  'comments, four columns': { comments: true, indent: 4 },
  'line ends of Windows': { eol: '\r\n', comments: true },
  'quotes everywhere': { quotes: 'double', comments: true },
  'single quotes': { quotes: 'single', endsWithEol: false },
  'containers in brackets': { flowBelow: 4 },
  'deep things in brackets': { flowBelow: 7, comments: true },
  'all in brackets': { flowBelow: 0 },
  'with a marker': { start: '---', comments: true },
};

function findingsOf(text: string): readonly ManifestFinding[] {
  const analysis = createAnalysis({ now: new Date('2026-01-01') });
  let index = 0;
  for (const part of readYamlStream(text)) if (part.kind !== 'empty') analysis.add({ name: 'x.yaml' }, part, index++);
  return analysis.finish().findings;
}

/** Values by the pointers to them, without what the edits may change. */
function untouched(value: JsonValue, edits: readonly FieldEdit[]): ReadonlyMap<string, JsonValue> {
  const touched = edits.map((edit) => `/${(isItemRemoval(edit) ? edit.path.slice(0, -1) : edit.path).join('/')}`);
  const leaves = new Map<string, JsonValue>();
  const visit = (node: JsonValue, pointer: string): void => {
    if (touched.some((path) => pointer === path || pointer.startsWith(`${path}/`))) return;
    if (typeof node === 'object' && node !== null && Object.keys(node).length > 0) {
      for (const [key, member] of Object.entries(node)) visit(member, `${pointer}/${key}`);
    } else leaves.set(pointer, node);
  };
  visit(value, '');
  return leaves;
}

/** The list that it leaves has other indexes. */
function isItemRemoval(edit: FieldEdit): boolean {
  return 'remove' in edit && typeof edit.path.at(-1) === 'number';
}

function valueAt(value: JsonValue | undefined, path: FieldEdit['path']): JsonValue | undefined {
  let here = value;
  for (const step of path) here = (here as Readonly<Record<string | number, JsonValue>> | undefined)?.[step];
  return here;
}

function commentsOf(text: string): readonly string[] {
  return text.match(/# (?:line|above|top of) \d+/g) ?? [];
}

/** Mends one document; says what was applied. */
function mend(text: string): {
  readonly after: string;
  readonly applied: readonly FieldEdit[];
  readonly refused: number;
} {
  const documents = [...readYamlStream(text)].filter((part): part is YamlDocument => part.kind === 'document');
  const [document] = documents;
  assert.ok(document && documents.length === 1);
  const edits = findingsOf(text).flatMap((finding) => finding.edits);
  const result = applyEdits(document, edits);
  return { after: result.text, applied: result.applied, refused: result.refused.length };
}

for (const [objectName, object] of Object.entries(objects)) {
  for (const [handName, hand] of Object.entries(hands)) {
    test(`${objectName}, ${handName}: mended, and nothing else is changed`, () => {
      checkMended(writeYaml(object, hand));
    });
  }
  test(`${objectName} as JSON: mended, and nothing else is changed`, () => {
    for (const space of [undefined, 2, '\t']) {
      const after = checkMended(JSON.stringify(object, null, space));
      assert.doesNotThrow(() => JSON.parse(after));
    }
  });
}

function checkMended(text: string): string {
  const { after, applied, refused } = mend(text);
  assert.ok(applied.length > 10, String(applied.length));
  assert.equal(refused, 0);
  const read = (one: string): JsonValue => parse(one, { version: '1.1', merge: true }) as JsonValue;
  const [before, next] = [read(text), read(after)] as const;
  const wanted = untouched(before, applied);
  const found = untouched(next, applied);
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(wanted));
  for (const edit of applied) {
    if (!isItemRemoval(edit)) {
      assert.deepEqual(valueAt(next, edit.path), 'set' in edit ? edit.set : undefined, JSON.stringify(edit));
      continue;
    }
    const list = edit.path.slice(0, -1);
    const gone = applied.filter(
      ({ path }) => path.length === edit.path.length && list.every((step, nth) => path[nth] === step),
    );
    const items = valueAt(before, list) as readonly JsonValue[];
    const left = items.filter((_, nth) => gone.every(({ path }) => path.at(-1) !== nth));
    assert.deepEqual(valueAt(next, list), left);
  }
  checkComments(text, after, applied.length);
  assert.equal(/\r(?!\n)|(?<!\r)\n/.test(after.replaceAll(text.includes('\r\n') ? '\r\n' : '\n', '')), false);
  assert.equal(after.endsWith('\n'), text.endsWith('\n'));
  const again = findingsOf(after).filter(({ edits }) => edits.length > 0);
  assert.deepEqual(
    again.map(({ rule, path }) => [rule, path.join('.')]),
    [],
  );
  return after;
}

/** Comments stay in their order; only those on lines that were taken away are gone. */
function checkComments(before: string, after: string, edits: number): void {
  const kept = commentsOf(after);
  const old = commentsOf(before);
  let found = 0;
  for (const comment of old) if (comment === kept[found]) found++;
  assert.equal(found, kept.length, 'the comments are in another order');
  const lost = old.filter((comment) => !kept.includes(comment));
  for (const comment of lost) assert.match(comment, /^# line/);
  assert.ok(lost.length <= edits);
}

const anchored = `# base
kind: Pod
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  automountServiceAccountToken: false
  containers:
  - name: one
    image: registry.example.com/a:1
    securityContext: &strict # shared
      privileged: true
      runAsNonRoot: true
  - name: two
    image: registry.example.com/a:1
    securityContext: *strict
  - <<: &more {terminationMessagePolicy: File}
    name: three
    image: registry.example.com/a:1
    securityContext:
      <<: *strict
      readOnlyRootFilesystem: false # odd
`;

test('anchors, aliases and merge keys: what is meant changes, and nothing more', () => {
  const { after } = mend(anchored);
  const before = [...readYamlStream(anchored)][0];
  const next = [...readYamlStream(after)][0];
  assert.ok(before?.kind === 'document' && next?.kind === 'document');
  for (const comment of ['# base', '# shared', '# odd']) assert.ok(after.includes(comment), comment);
  const { after: twice } = mend(after);
  assert.equal(twice, after, 'a second run changes nothing');
  const open = findingsOf(after).filter(({ rule }) => rule === 'privileged-container');
  assert.deepEqual(open, [], after);
});

const risky =
  'apiVersion: v1\r\nkind: Pod # first\r\nmetadata: {name: web}\r\nspec:\r\n  hostPID: true\r\n  containers:\r\n  - name: app\r\n    image: nginx\r\n';
const skip = notBuilt;

test('--fix writes files whole, with their mode, through links, in their encoding', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'real'));
  const path = join(folder, 'real', 'pod.yaml');
  const wide = join(folder, 'real', 'wide.yaml');
  writeFileSync(path, risky);
  chmodSync(path, 0o640);
  writeFileSync(wide, Buffer.from(`\ufeff${risky}`, 'utf16le'));
  symlinkSync(join('real', 'pod.yaml'), join(folder, 'link.yaml'));
  const ended = await tidewaiter(['manifest', '--fix', 'link.yaml', join('real', 'wide.yaml')], { cwd: folder });
  assert.equal(ended.exitCode, 0, ended.stderr);
  const text = readFileSync(path, 'utf8');
  assert.ok(
    !text.includes('hostPID') && text.includes('allowPrivilegeEscalation: false\r\n') && text.includes('# first\r\n'),
  );
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.ok(lstatSync(join(folder, 'link.yaml')).isSymbolicLink());
  assert.equal(readFileSync(wide).toString('utf16le'), `\ufeff${text}`);
  assert.deepEqual(readdirSync(join(folder, 'real')).sort(), ['pod.yaml', 'wide.yaml']);
  const again = await tidewaiter(['manifest', '--diff', 'link.yaml', join('real', 'wide.yaml')], { cwd: folder });
  assert.equal(again.stdout, '');
});

test('--diff writes nothing, and patch would do what --fix does', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'pods.yaml');
  const text = `${risky}---\r\nkind: ConfigMap\r\napiVersion: v1\r\nmetadata: {name: x, namespace: y}\r\n---\r\n${risky}`;
  writeFileSync(path, text);
  const diff = await tidewaiter(['manifest', '--diff', 'pods.yaml'], { cwd: folder });
  assert.equal(readFileSync(path, 'utf8'), text);
  assert.match(diff.stdout, /^--- a\/pods\.yaml\n\+\+\+ b\/pods\.yaml\n@@ -\d+,\d+ \+\d+,\d+ @@\n/);
  assert.equal((diff.stdout.match(/^-  hostPID: true\r$/gm) ?? []).length, 2);
  const mended = await tidewaiter(['manifest', '--fix', '-'], { stdin: Buffer.from(text) });
  assert.equal(patched(text, diff.stdout), mended.stdout);
  await tidewaiter(['manifest', '--fix', 'pods.yaml'], { cwd: folder });
  assert.equal(readFileSync(path, 'utf8'), mended.stdout);
});

/** What `patch` does, strictly. */
function patched(text: string, diff: string): string {
  const old = text.split('\n');
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2)) {
    const hunk = /^@@ -(\d+)/.exec(line);
    if (hunk) {
      while (at < Number(hunk[1]) - 1) result.push(old[at++] ?? '');
    } else if (line.startsWith('+')) result.push(line.slice(1));
    else if (line !== '') {
      assert.equal(old[at], line.slice(1));
      if (line.startsWith(' ')) result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...old.slice(at)].join('\n');
}
