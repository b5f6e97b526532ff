import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { Validator, type Schema } from '@cfworker/json-schema';
import type { ManifestFinding, ManifestReport, ManifestVerdict } from '../../src/manifest/index.js';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { repoPath, temporaryFolder } from '../support/paths.js';

const skip = notBuilt;

type Told = ManifestReport & { readonly verdict: ManifestVerdict; readonly skippedFiles: number };

const pod = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  containers:\n  - name: app\n    image: nginx:1.27\n${more}`;
const bad = '    securityContext:\n      privileged: true\n';

function folderWith(t: { after(run: () => void): void }, files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The JSON report, checked against its schema. */
async function told(words: readonly string[], options: Parameters<typeof tidewaiter>[1] = {}): Promise<Told & Ended> {
  const ended = await tidewaiter(['manifest', '--format', 'json', ...words], options);
  const report = JSON.parse(ended.stdout) as Told;
  const checked = new Validator(schema, '2020-12', false).validate(report);
  assert.deepEqual(checked.errors, []);
  return { ...report, ...ended };
}

const schema = JSON.parse(readFileSync(repoPath('schemas', 'manifest-report.json'), 'utf8')) as Schema;
const privilegedIn = (findings: readonly ManifestFinding[]): readonly (string | undefined)[] =>
  findings.filter(({ rule }) => rule === 'privileged-container').map(({ object }) => object.name);
const codes = ({ unknowns }: Told): readonly string[] => unknowns.map(({ code }) => code);

test('one hardened and one privileged container: the bad one is named, with its line', { skip }, async (t) => {
  const other = '  - name: other\n    image: nginx:1.27\n    securityContext: {privileged: true}\n';
  const folder = folderWith(t, { 'pod.yaml': pod('web', '    securityContext: {privileged: false}\n') + other });
  const { findings } = await told(['pod.yaml'], { cwd: folder });
  const found = findings.filter(({ rule }) => rule === 'privileged-container');
  assert.deepEqual(
    found.map(({ container, place }) => [container?.name, place.file, place.line]),
    [['other', 'pod.yaml', 11]],
  );
  const table = await tidewaiter(['manifest', '--exit-code', '7', 'pod.yaml'], { cwd: folder });
  assert.equal(table.exitCode, 7);
  assert.match(table.stdout, /CRITICAL\s+TW-K001 privileged-container\s+container other/);
  assert.match(table.stdout, /11:/);
});

test('folders, patterns and files: in order, no file twice, what is no manifest is counted', { skip }, async (t) => {
  const folder = folderWith(t, {
    'k8s/b.yaml': pod('b', bad),
    'k8s/a.yml': pod('a', bad),
    'k8s/deep/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'x' } }),
    'k8s/values.yaml': 'image: nginx\n',
    'k8s/compose.yml': 'services: {a: {image: nginx}}\n',
    'k8s/ci.yaml': 'steps: [!custom {a: b}]\n',
    'k8s/broken.json': '{ "compilerOptions": [ }',
    'k8s/notes.txt': 'kind: Pod\napiVersion: v1\n',
    'k8s/.hidden/d.yaml': pod('hidden'),
    'k8s/node_modules/e.yaml': pod('module'),
  });
  symlinkSync('..', join(folder, 'k8s', 'deep', 'up'));
  const whole = await told(['k8s'], { cwd: folder });
  assert.deepEqual([whole.exitCode, whole.files, whole.documents, whole.skippedFiles], [0, 3, 3, 4]);
  assert.deepEqual(privilegedIn(whole.findings), ['a', 'b']);
  const again = await told(['k8s/b.yaml', 'k8s', './k8s/b.yaml'], { cwd: folder });
  assert.equal(again.documents, 3);
  const pattern = await told(['k8s/**/*.{yml,json}'], { cwd: folder });
  assert.deepEqual([pattern.documents, privilegedIn(pattern.findings)], [2, ['a']]);
  const none = await tidewaiter(['manifest', 'k8s/*.tf'], { cwd: folder });
  assert.equal(none.exitCode, 2);
});

test('what is named and is no manifest is an unknown; what is not there is an error', { skip }, async (t) => {
  const folder = folderWith(t, {
    'values.yaml': 'image: nginx\n',
    'empty.yaml': '# nothing\n---\n',
    'pod.yaml': pod('web'),
  });
  const values = await told(['values.yaml'], { cwd: folder });
  assert.deepEqual([values.exitCode, codes(values)], [3, ['OBJECT_INVALID']]);
  const empty = await told(['empty.yaml'], { cwd: folder });
  assert.deepEqual([empty.exitCode, codes(empty)], [3, ['NO_MANIFESTS']]);
  const missing = await told(['pod.yaml', 'missing.yaml'], { cwd: folder });
  assert.deepEqual([missing.exitCode, codes(missing), missing.documents], [3, ['FILE_UNREADABLE'], 1]);
  const allowed = await told(['pod.yaml', 'missing.yaml', '--incomplete', 'allow'], { cwd: folder });
  assert.deepEqual([allowed.exitCode, codes(allowed)], [0, ['FILE_UNREADABLE']]);
  for (const words of [['missing.yaml'], ['.'], []]) {
    mkdirSync(join(folder, 'nothing'), { recursive: true });
    const ended = await tidewaiter(['manifest', ...words], { cwd: join(folder, 'nothing') });
    assert.equal(ended.exitCode, 2, words.join(' '));
  }
});

test('a broken document is told with its line, and those beside it are judged', { skip }, async (t) => {
  const folder = folderWith(t, { 'x.yaml': `${pod('a', bad)}---\nkind: [\n---\n${pod('b', bad)}` });
  const report = await told(['x.yaml'], { cwd: folder });
  assert.equal(report.exitCode, 3);
  assert.deepEqual(privilegedIn(report.findings), ['a', 'b']);
  const [unknown] = report.unknowns;
  assert.deepEqual([unknown?.code, unknown?.place.document], ['DOCUMENT_BROKEN', 1]);
  const failing = await tidewaiter(['manifest', '--fail-on', 'CRITICAL', 'x.yaml'], { cwd: folder });
  assert.equal(failing.exitCode, 1);
});

test('charts and kustomizations are refused, with what renders them', { skip }, async (t) => {
  const folder = folderWith(t, {
    'chart/Chart.yaml': 'apiVersion: v2\nname: x\n',
    'chart/values.yaml': 'a: 1\n',
    'chart/templates/pod.yaml': pod('{{ .Values.name }}'),
    'over/kustomization.yaml': 'resources: [pod.yaml]\n',
    'over/pod.yaml': pod('web'),
    'loose.yaml': 'apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n',
  });
  const report = await told(['.'], { cwd: folder });
  assert.deepEqual(
    [report.exitCode, new Set(codes(report)), report.workloads],
    [3, new Set(['CHART_NOT_RENDERED']), 0],
  );
  const hints = report.unknowns.map(({ hint }) => hint).join('\n');
  assert.ok(hints.includes('helm template chart | tidewaiter manifest -'), hints);
  assert.ok(hints.includes('kustomize build over | tidewaiter manifest -'), hints);
  for (const file of ['chart/templates/pod.yaml', 'over/kustomization.yaml']) {
    const one = await told([file], { cwd: folder });
    assert.deepEqual([one.exitCode, codes(one)], [3, ['CHART_NOT_RENDERED']]);
  }
});

test('rendered input is traced to its template', { skip }, async () => {
  const stdin = Buffer.from(`---\n# Source: shop/templates/pod.yaml\n${pod('web', bad)}`);
  const report = await told(['-'], { stdin });
  assert.ok(report.findings.every(({ place }) => place.renderedFrom === 'shop/templates/pod.yaml'));
  assert.equal(report.findings[0]?.place.file, '<stdin>');
});

test('UTF-16, byte order marks and line ends make no difference', { skip }, async (t) => {
  const text = `${pod('a', bad)}---\n${pod('b')}`.replaceAll('\n', '\r\n');
  const folder = folderWith(t, {
    'utf8.yaml': `\ufeff${text}`,
    'le.yaml': Buffer.from(`\ufeff${text}`, 'utf16le'),
    'be.yaml': Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    'bare.yaml': Buffer.from(text, 'utf16le'),
    'wrong.yaml': Buffer.concat([Buffer.from(`${pod('a', bad)}---\n${pod('b')}# `), Buffer.from([0xff, 0x0a])]),
  });
  const places = async (file: string): Promise<unknown> =>
    (await told([file], { cwd: folder })).findings.map(({ rule, place }) => [rule, place.line, place.document]);
  const expected = await places('utf8.yaml');
  for (const file of ['le.yaml', 'be.yaml', 'bare.yaml']) assert.deepEqual(await places(file), expected, file);
  const wrong = await told(['wrong.yaml'], { cwd: folder });
  assert.deepEqual([codes(wrong), privilegedIn(wrong.findings)], [['DOCUMENT_BROKEN'], ['a']]);
});

test('a file that may not be read does not end the run', { skip: skip || process.getuid?.() === 0 }, async (t) => {
  const folder = folderWith(t, { 'a.yaml': pod('a'), 'b.yaml': pod('b') });
  chmodSync(join(folder, 'a.yaml'), 0);
  const report = await told(['.'], { cwd: folder });
  assert.deepEqual([report.exitCode, report.documents, codes(report)], [3, 1, ['FILE_UNREADABLE']]);
});

test('gates: severity, Pod Security level, any finding; and what is selected', { skip }, async (t) => {
  const folder = folderWith(t, { 'p.yaml': pod('web', bad) });
  const exit = async (...words: string[]): Promise<number | null> =>
    (await tidewaiter(['manifest', 'p.yaml', ...words], { cwd: folder })).exitCode;
  assert.equal(await exit(), 0);
  assert.equal(await exit('--fail-on', 'CRITICAL'), 1);
  assert.equal(await exit('--fail-on', 'CRITICAL', '--ignore', 'privileged-container'), 0);
  assert.equal(await exit('--fail-on', 'LOW', '--exit-code', '9'), 9);
  assert.equal(await exit('--min-level', 'baseline'), 1);
  assert.equal(await exit('--exit-code', '5', '--severity', 'CRITICAL'), 5);
  assert.equal(await exit('--exit-code', '5', '--rule', 'TW-K022'), 0);
  assert.equal(await exit('--rule', 'no-such-rule'), 2);
  assert.equal(await exit('--kubernetes-version', 'new'), 2);
  assert.equal(await exit('--fix', '--format', 'kubesec'), 2);
});

test("kubesec's form is kubesec's own", { skip }, async (t) => {
  const folder = folderWith(t, { 'p.yaml': pod('web', bad), 'd/q.yaml': pod('other') });
  const own = await tidewaiter(['kubesec', 'scan', 'p.yaml'], { cwd: folder });
  const ours = await tidewaiter(['manifest', '--format', 'kubesec', 'p.yaml'], { cwd: folder });
  assert.equal(ours.stdout, own.stdout);
  assert.equal(ours.exitCode, 0);
  const gated = await tidewaiter(['manifest', '--format', 'kubesec', '--exit-code', '2', '.'], { cwd: folder });
  assert.equal(gated.exitCode, 2);
  assert.equal((JSON.parse(gated.stdout) as unknown[]).length, 2);
});

test('every image, in each form', { skip }, async (t) => {
  const job =
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n    spec:\n      initContainers: [{name: i, image: nginx:1.27}]\n      containers: [{name: c, image: quay.io/a/b}]\n      volumes: [{name: v, image: {reference: ghcr.io/x/y:2}}]\n';
  const folder = folderWith(t, {
    'j.yaml': job,
    'p.yaml': pod('web'),
    'wrong.yaml': pod('x').replace('nginx:1.27', 'UPPER'),
  });
  const list = await tidewaiter(['manifest', 'images', '--format', 'text', 'j.yaml', 'p.yaml'], { cwd: folder });
  assert.equal(list.stdout, 'docker.io/library/nginx:1.27\nghcr.io/x/y:2\nquay.io/a/b:latest\n');
  const json = await tidewaiter(['manifest', 'images', '--format', 'json', 'j.yaml'], { cwd: folder });
  const images = JSON.parse(json.stdout) as { readonly slot: string; readonly line: number; readonly file: string }[];
  assert.deepEqual(
    images.map(({ slot, line, file }) => [slot, line, file]),
    [
      ['initContainer', 7, 'j.yaml'],
      ['container', 8, 'j.yaml'],
      ['imageVolume', 9, 'j.yaml'],
    ],
  );
  const wrong = await tidewaiter(['manifest', 'images', 'wrong.yaml', 'p.yaml'], { cwd: folder });
  assert.equal(wrong.exitCode, 3);
  assert.match(wrong.stdout, /docker\.io\/library\/nginx:1\.27 +Pod\/web in shop +container app +p\.yaml:7/);
});

test('names from manifests and of files cannot steer the terminal', { skip }, async (t) => {
  const folder = folderWith(t, { 'a\u001b[31m.yaml': pod('"\\e[2Jx\\u202e"', bad) });
  for (const words of [
    ['manifest', '.'],
    ['manifest', 'images', '.'],
  ]) {
    const { stdout, stderr } = await tidewaiter(words, { cwd: folder });
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});
