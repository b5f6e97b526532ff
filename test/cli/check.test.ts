import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { alpineImage } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { buildImage, dockerArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { startRegistry } from '../support/registry/index.js';

const skip = notBuilt;
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';

interface Told {
  readonly outcome: string;
  readonly targets: readonly {
    readonly kind: string;
    readonly target: string;
    readonly outcome: string;
    readonly reasons: readonly {
      readonly rule: string;
      readonly check: string;
      readonly image?: string;
      readonly code?: string;
    }[];
    readonly warnings: readonly { readonly rule: string }[];
    readonly waived: readonly object[];
    readonly notAssessed: readonly { readonly rule: string }[];
    readonly images: readonly { readonly image: string; readonly scan?: { readonly state: string } }[];
  }[];
}

function setUp(t: TestContext) {
  const folder = temporaryFolder(t);
  // Nothing of this machine's own is asked or read.
  const env = {
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
    CONTAINER_HOST: `unix://${join(folder, 'podman.sock')}`,
    CONTAINERD_ROOT: join(folder, 'containerd'),
  };
  const write = (name: string, text: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const policy = (body: string): string => write(`policy-${body.length}.yaml`, `${header}${body}\n`);
  const check = async (body: string, words: readonly string[], stdin?: string): Promise<Ended> =>
    await tidewaiter(['check', '--cache-dir', join(folder, 'cache'), '--policy', policy(body), ...words], {
      env,
      ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) }),
    });
  const told = async (body: string, words: readonly string[]): Promise<Told> =>
    JSON.parse((await check(body, ['--format', 'json', ...words])).stdout) as Told;
  return { folder, write, check, told };
}

const names = 'rules: [{name: ours, registries: {allow: [registry.good]}}]';
const content = 'rules: [{name: clean, vulnerabilities: {severity: HIGH}}]';

const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: init, image: "registry.good/init:1"}]
      containers: [{name: app, image: "${image}"}]
`;

test('a target of which no rule could be assessed is no pass', { skip }, async (t) => {
  const { folder, check } = setUp(t);
  const archive = join(folder, 'app.tar');
  writeFileSync(archive, dockerArchive(alpineImage));
  assert.equal((await check(names, [archive])).exitCode, 3);
  assert.equal((await check(`${names}\nincomplete: {codes: {NOTHING_ASSESSED: warn}}`, [archive])).exitCode, 0);
  assert.equal((await check(`action: warn\n${names}`, [archive])).exitCode, 0);
  assert.equal((await check(names, [archive, '--as', 'registry.good/app:1'])).exitCode, 0);
  assert.equal((await check(names, [archive, '--as', 'other.io/app:1'])).exitCode, 1);
  assert.equal((await check('rules: [{name: pods, podSecurity: baseline}]', ['nginx'])).exitCode, 3);
});

test('names are judged without asking anybody', { skip }, async (t) => {
  const { check } = setUp(t);
  for (const [name, wanted] of [
    ['registry.good/x:1', 0],
    ['registry.good.evil.io/x:1', 1],
    ['nginx', 1],
    ['Nginx', 1],
    ['reg_x.io/y', 1],
    ['\u001b[2Jx', 1],
  ] as const) {
    const { exitCode, stdout, stderr } = await check(names, [name]);
    assert.equal(exitCode, wanted, `${name}\n${stderr}`);
    assert.match(lastLine(stderr), wanted === 0 ? /^result: pass: / : /^result: fail: /);
    assert.ok(!stdout.includes('\u001b'));
  }
  const several = await check(names, ['registry.good/x:1', 'nginx', '--exit-code', '9']);
  assert.equal(several.exitCode, 9);
  assert.match(several.stdout, /PASS {2}registry\.good\/x:1/);
  assert.match(several.stdout, /FAIL {2}nginx/);
  assert.match(several.stdout, /fix: use an image from registry\.good/);
});

test('archives are judged by what is in them, and by the name that they will have', { skip }, async (t) => {
  const { check, told, write } = setUp(t);
  const path = write('app.tar', dockerArchive(alpineImage));
  const { exitCode, stdout } = await check(content, [path]);
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /CVE-2020-1967/);
  assert.equal((await check('rules: [{name: clean, vulnerabilities: {ids: [CVE-1999-*]}}]', [path])).exitCode, 0);
  const both = `${names.slice(0, -1)}, {name: clean, vulnerabilities: {ids: [CVE-1999-*]}}]`;
  const nameless = await told(both, [path]);
  assert.deepEqual(
    nameless.targets[0]?.notAssessed.map(({ rule }) => rule),
    ['ours'],
  );
  assert.equal(nameless.outcome, 'pass');
  assert.equal((await told(both, [path, '--as', 'evil.io/app:1'])).outcome, 'fail');
  assert.equal((await told(both, [path, '--as', 'registry.good/app:1'])).outcome, 'pass');
  const excepted = `${content}\nexceptions: [{packages: ["*"], reason: because, owner: team, expires: 2999-01-01}]`;
  const accepted = await told(excepted, [path]);
  assert.equal(accepted.outcome, 'pass');
  assert.ok((accepted.targets[0]?.waived.length ?? 0) > 0);
});

test('what was scanned before is judged without the image, in both formats', { skip }, async (t) => {
  const { check, folder, write, told } = setUp(t);
  const archive = write('app.tar', dockerArchive(alpineImage));
  const fresh = await told(content, [archive]);
  for (const format of ['json', 'tidewaiter']) {
    const report = join(folder, `report.${format}.json`);
    const scan = ['image', '--input', archive, '--cache-dir', folder, '--format', format, '--output', report];
    assert.equal((await tidewaiter(scan)).exitCode, 0);
    const stored = await told(content, [report]);
    assert.equal(stored.targets[0]?.kind, 'report');
    const reasons = (one: Told): unknown => one.targets.map((target) => target.reasons);
    const withoutName = (value: unknown): string =>
      JSON.stringify(value).replaceAll(report, '').replaceAll(archive, '');
    assert.equal(withoutName(reasons(stored)), withoutName(reasons(fresh)), format);
  }
  const foreign = write(
    'foreign.json',
    JSON.stringify({ SchemaVersion: 2, ArtifactName: 'registry.good/x:1', Results: [] }),
  );
  const incomplete = await check(content, [foreign]);
  assert.equal(incomplete.exitCode, 3);
  assert.match(incomplete.stdout, /another scanner/);
  assert.equal((await check(`${content}\nincomplete: {codes: {FOREIGN_REPORT: allow}}`, [foreign])).exitCode, 0);
  const damaged = write(
    'damaged.json',
    JSON.stringify({ SchemaVersion: 2, ArtifactName: 'x', Results: [{ Vulnerabilities: [{}] }] }),
  );
  assert.equal((await check(content, [damaged])).exitCode, 2);
});

test('every image in every place of a manifest is judged, and its object', { skip }, async (t) => {
  const { check, folder, told, write } = setUp(t);
  const path = write('web.yaml', deployment('evil.io/app:1'));
  const report = await told(names, [path]);
  assert.equal(report.outcome, 'fail');
  assert.deepEqual(
    report.targets[0]?.images.map(({ image }) => image),
    ['registry.good/init:1', 'evil.io/app:1'],
  );
  assert.deepEqual(
    report.targets[0]?.reasons.map(({ image }) => image),
    ['evil.io/app:1'],
  );
  assert.equal((await check(names, [write('good.yaml', deployment('registry.good/app:1'))])).exitCode, 0);
  const stdin = await check(names, ['-'], deployment('registry.good/app:1'));
  assert.equal(stdin.exitCode, 0, stdin.stderr);
  const prod = 'rules: [{name: pinned, digest: true, match: {namespaces: [prod]}}]';
  assert.equal((await check(prod, [path])).exitCode, 0);
  const shop = 'rules: [{name: pinned, digest: true, match: {namespaces: [shop], labels: {app: web}}}]';
  assert.equal((await check(shop, [path])).exitCode, 1);

  mkdirSync(join(folder, 'k8s'));
  write('k8s/a.yaml', deployment('registry.good/app:1'));
  write(
    'k8s/b.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true, containers: [{name: c, image: "registry.good/x:1"}]}\n',
  );
  const level = 'rules: [{name: level, podSecurity: baseline}]';
  const pods = await told(level, [join(folder, 'k8s')]);
  assert.deepEqual(
    pods.targets.map(({ outcome }) => outcome),
    ['pass', 'fail'],
  );
  const score = await told('rules: [{name: score, kubesec: {minScore: 20}}]', [join(folder, 'k8s')]);
  assert.deepEqual(
    score.targets.map(({ outcome }) => outcome),
    ['fail', 'fail'],
  );
  const findings = await told('rules: [{name: risks, manifest: {rules: [host-network]}}]', [join(folder, 'k8s')]);
  assert.deepEqual(
    findings.targets.map(({ outcome }) => outcome),
    ['pass', 'fail'],
  );
});

test('what cannot be read of a manifest is never passed over', { skip }, async (t) => {
  const { check, told, write } = setUp(t);
  const path = write('broken.yaml', `${deployment('registry.good/app:1')}---\nkind: [Pod\n`);
  const report = await told(names, [path]);
  assert.deepEqual(
    report.targets.map(({ outcome }) => outcome),
    ['pass', 'incomplete'],
  );
  assert.equal((await check(names, [path])).exitCode, 3);
  const noPod = write('no-pod.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {}\n');
  assert.equal((await check(names, [noPod])).exitCode, 3);
  const noImage = write(
    'none.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n',
  );
  assert.equal((await check(names, [noImage])).exitCode, 1);
});

test('images that are named are scanned once, from their registry', { skip }, async (t) => {
  const { check, told, write } = setUp(t);
  const registry = await startRegistry({});
  t.after(() => registry.close());
  registry.addImage('team/app', '1', buildImage(alpineImage));
  const name = `${registry.host}/team/app:1`;
  const { exitCode, stdout, stderr } = await check(content, [name]);
  assert.equal(exitCode, 1, stderr);
  assert.match(stdout, /CVE-2020-1967/);
  const path = write('two.yaml', `${deployment(name)}---\n${deployment(name).replace('name: web', 'name: other')}`);
  const report = await told(content, [path, '--image-src', 'remote', '--offline']);
  assert.equal(report.outcome, 'incomplete');
  const online = await told(content.replace('{severity: HIGH}', '{ids: [CVE-2020-1967]}'), [path]);
  // registry.good is nowhere.
  assert.deepEqual(
    online.targets.map(({ reasons }) => reasons.map(({ rule, code }) => code ?? rule)),
    [
      ['SCAN_FAILED', 'clean'],
      ['SCAN_FAILED', 'clean'],
    ],
  );
  assert.equal((await check(content, [`${registry.host}/team/none:1`])).exitCode, 4);
  assert.equal((await check(content, [name, '--no-scan'])).exitCode, 3);
  assert.equal((await check(`${content}\nincomplete: {action: warn}`, [name, '--no-scan'])).exitCode, 0);
});

test('no registry is asked that the policy does not let in', { skip }, async (t) => {
  const { told } = setUp(t);
  const registry = await startRegistry({});
  t.after(() => registry.close());
  registry.addImage('team/app', '1', buildImage(alpineImage));
  const both = `${names.slice(0, -1)}, {name: clean, vulnerabilities: {}}]`;
  const report = await told(both, [`${registry.host}/team/app:1`, '--image-src', 'remote']);
  assert.deepEqual([report.outcome, registry.accessLog.length], ['fail', 0]);
  assert.deepEqual(
    report.targets[0]?.notAssessed.map(({ rule }) => rule),
    ['clean'],
  );
  const warned = both.replace('name: ours', 'name: ours, action: warn');
  await told(warned, [`${registry.host}/team/app:1`, '--image-src', 'remote']);
  assert.ok(registry.accessLog.length > 0);
});

test('what is wrong with the command or the policy is usage', { skip }, async (t) => {
  const { check, folder } = setUp(t);
  assert.equal((await tidewaiter(['check', 'nginx'])).exitCode, 2);
  assert.equal((await tidewaiter(['check', 'nginx', '--policy', join(folder, 'none.yaml')])).exitCode, 2);
  assert.equal((await check('rules: [{name: r, digset: true}]', ['nginx'])).exitCode, 2);
  assert.equal((await check(names, [])).exitCode, 2);
  assert.equal((await check(names, ['./none.tar'])).exitCode, 2);
  assert.equal((await check(names, ['nginx', '--now', 'soon'])).exitCode, 2);
  assert.equal((await check(names, ['nginx', '--labels', 'app'])).exitCode, 2);
  assert.equal((await check(names, ['nginx', '--platform', 'a/b/c/d'])).exitCode, 2);
});
