import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineFiles } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { startAdmissionProgram, type AdmissionProgram } from '../support/admission-server.js';
import { makeAuthority } from '../support/certificates.js';
import { buildImage } from '../support/image-builder.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { startRegistry } from '../support/registry/index.js';

const skip = notBuilt;

const policy = (host: string, more = ''): string => `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: trusted, registries: {allow: ["${host}"]}}
${more}`;

const review = (image: string, annotations: object = {}): string =>
  JSON.stringify({
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    spec: { containers: [{ image }], annotations, namespace: 'shop' },
  });

interface Status {
  readonly status: { readonly allowed: boolean; readonly reason?: string };
}

async function decide(door: AdmissionProgram, image: string, annotations: object = {}): Promise<Status['status']> {
  const answer = await door.ask({ path: '/image-policy?timeout=30s', body: review(image, annotations) });
  assert.equal(answer.status, 200);
  return (answer.body as Status).status;
}

interface Line {
  readonly allowed: boolean;
  readonly client?: string;
  readonly images: readonly { readonly digest?: string; readonly findings?: number; readonly scannedAt?: string }[];
}

function decisions(door: AdmissionProgram, name = 'decisions.jsonl'): readonly Line[] {
  return readFileSync(join(door.folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

test('it says what is missing, and what cannot be used', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'policy.yaml'), policy('registry.example.com'));
  writeFileSync(join(folder, 'nonsense.pem'), 'nonsense');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 2, /--policy is missing/],
    [['--policy', 'policy.yaml'], 2, /--tls-cert is missing/],
    [['--policy', 'none.yaml', '--tls-cert', 'a', '--tls-key', 'b'], 2, /none\.yaml/],
    [['--policy', 'policy.yaml', '--tls-cert', 'nonsense.pem', '--tls-key', 'nonsense.pem'], 2, /holds no PEM/],
    [['--policy', 'policy.yaml', '--tls-cert', 'none.pem', '--tls-key', 'none.pem'], 2, /cannot read none\.pem/],
  ];
  for (const [words, exitCode, text] of cases) {
    const ended = await tidewaiter(['admission', 'serve', ...words], { cwd: folder, env: { HOME: folder } });
    assert.equal(ended.exitCode, exitCode, ended.stderr);
    assert.match(ended.stderr, text);
  }
});

test('signals: files read again, the log opened anew, and an end without losses', { skip }, async (t) => {
  const door = await startAdmissionProgram({
    folder: temporaryFolder(t),
    policy: policy('registry.example.com'),
    words: ['--no-scan'],
  });
  try {
    assert.equal((await decide(door, 'nginx')).allowed, false);
    writeFileSync(join(door.folder, 'policy.yaml'), policy('docker.io/library'));
    renameSync(join(door.folder, 'decisions.jsonl'), join(door.folder, 'decisions.1'));
    door.child.kill('SIGHUP');
    for (let tries = 0; !existsSync(join(door.folder, 'decisions.jsonl')); tries++) {
      assert.ok(tries < 500);
      await new Promise<void>((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await decide(door, 'nginx')).allowed, true);
    const asked = Array.from({ length: 100 }, () => decide(door, 'nginx'));
    await Promise.all(asked);
  } finally {
    assert.equal(await door.end(), 0, door.said());
  }
  assert.equal(decisions(door, 'decisions.1').length, 1);
  assert.equal(decisions(door).length, 101);
  assert.ok(decisions(door).every(({ client }) => client === 'kube-apiserver'));
});

test('an image is scanned once, and its findings are judged', { skip }, async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const digest = registry.addImage(
    'team/app',
    '1',
    buildImage({ layers: [{ items: alpineFiles }], compression: 'gzip' }),
  );
  const door = await startAdmissionProgram({
    folder: temporaryFolder(t),
    policy: policy(registry.host, '  - {name: clean, vulnerabilities: {severity: CRITICAL}}\n'),
    words: ['--db', repoPath('dist', 'starter'), '--decision-timeout', '25s'],
  });
  try {
    const image = `${registry.host}/team/app:1`;
    const answers = await Promise.all(Array.from({ length: 50 }, () => decide(door, image)));
    for (const { allowed, reason } of answers) {
      assert.equal(allowed, false);
      assert.match(reason ?? '', /CVE-[^]*\[clean\]/);
    }
    const got = registry.accessLog.filter(({ method }) => method === 'GET').map(({ path }) => path);
    assert.equal(new Set(got).size, got.length, 'nothing is fetched twice');
    const absent = await decide(door, `${registry.host}/team/none:1`);
    assert.match(absent.reason ?? '', /its tag cannot be looked up/);
  } finally {
    assert.equal(await door.end(), 0);
  }
  const [first] = decisions(door);
  assert.equal(first?.images[0]?.digest, digest);
  assert.ok((first?.images[0]?.findings ?? 0) > 0);
});

test('a registry that says nothing delays no decision, and no end', { skip }, async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const digest = registry.addImage(
    'team/app',
    '1',
    buildImage({ layers: [{ items: alpineFiles }], compression: 'gzip' }),
  );
  const door = await startAdmissionProgram({
    folder: temporaryFolder(t),
    policy: policy(registry.host, '  - {name: clean, vulnerabilities: {severity: CRITICAL}}\n'),
    words: ['--db', repoPath('dist', 'starter'), '--decision-timeout', '300ms'],
  });
  try {
    registry.faults.add({ stallAfterBytes: 0, times: 100 });
    const byTag = await decide(door, `${registry.host}/team/app:1`);
    assert.match(byTag.reason ?? '', /its tag is being looked up/);
    const byDigest = await decide(door, `${registry.host}/team/app@${digest}`);
    assert.match(byDigest.reason ?? '', /it is being scanned/);
    assert.equal((await decide(door, 'evil.example/x')).allowed, false, 'others are answered meanwhile');
  } finally {
    assert.equal(await door.end(), 0, door.said());
  }
  assert.equal(decisions(door).length, 3);
});

test('a ticket of admission ticket is taken', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'secret'), `${'0123456789abcdef'.repeat(4)}\n`);
  const door = await startAdmissionProgram({
    folder,
    policy: policy('registry.example.com'),
    words: ['--no-scan', '--break-glass-key', 'secret'],
  });
  try {
    const words = [
      'admission',
      'ticket',
      '--key',
      'secret',
      '--namespace',
      'shop',
      '--image',
      'docker.io/library/nginx',
    ];
    const ended = await tidewaiter([...words, '--reason', 'INC-1'], { cwd: folder, env: { HOME: folder } });
    assert.equal(ended.exitCode, 0, ended.stderr);
    const annotations = { 'tidewaiter.image-policy.k8s.io/break-glass': ended.stdout.trim() };
    assert.equal((await decide(door, 'nginx', annotations)).allowed, true);
    assert.equal((await decide(door, 'busybox', annotations)).allowed, false);
    const long = await tidewaiter([...words, '--reason', 'x', '--valid-for', '200h'], { cwd: folder });
    assert.equal(long.exitCode, 2);
    const wordless = await tidewaiter(words, { cwd: folder });
    assert.equal(wordless.exitCode, 2);
  } finally {
    await door.end();
  }
});

test('a disk that takes nothing delays no decision, and no record is lost without a word', { skip }, async (t) => {
  if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
  const door = await startAdmissionProgram({
    folder: temporaryFolder(t),
    policy: policy('registry.example.com'),
    words: ['--no-scan', '--audit-log', '/dev/full'],
  });
  try {
    assert.equal((await decide(door, 'registry.example.com/app')).allowed, true);
    for (let tries = 0; ; tries++) {
      const { text } = await door.ask({ path: '/readyz', method: 'GET' });
      if (text.includes('[!] the audit log')) break;
      assert.ok(tries < 500, text);
      await new Promise<void>((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    assert.equal(await door.end(), 0);
  }
  assert.match(door.said(), /record not written: .*registry\.example\.com/);
});

test('pull secrets: what is missing for them is told before anything is served', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'policy.yaml'), policy('registry.example.com'));
  const issued = await (await makeAuthority()).issue({ names: ['127.0.0.1'] });
  writeFileSync(join(folder, 'tls.crt'), issued.cert);
  writeFileSync(join(folder, 'tls.key'), issued.key);
  writeFileSync(join(folder, 'exec.yaml'), kubeconfigWith('{exec: {command: aws}}'));
  const words = ['--policy', 'policy.yaml', '--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--listen', '127.0.0.1:0'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--pull-secrets', 'cluster'], /CLUSTER_CONFIG_INVALID/],
    [['--pull-secrets', 'cluster', '--kubeconfig', 'none.yaml'], /CLUSTER_CONFIG_INVALID/],
    [['--pull-secrets', 'cluster', '--kubeconfig', 'exec.yaml'], /programs that give credentials are not run/],
    [['--pull-secrets', 'cluster', '--kubeconfig', 'exec.yaml', '--offline'], /CONFLICT/],
    [['--kubeconfig', 'exec.yaml'], /CONFLICT/],
    [['--image-review-service-account', 'default'], /CONFLICT/],
    [['--pull-secrets', 'cluster', '--image-review-service-account', 'A B'], /INVALID_VALUE/],
    [['--pull-secrets', 'everywhere'], /INVALID_VALUE/],
  ];
  for (const [more, text] of cases) {
    const ended = await tidewaiter(['admission', 'serve', ...words, ...more], { cwd: folder, env: { HOME: folder } });
    assert.equal(ended.exitCode, 2, ended.stderr);
    assert.match(ended.stderr, text);
  }
});

function kubeconfigWith(user: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: ${user}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
}
