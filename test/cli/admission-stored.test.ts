import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { alpineFiles } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { startAdmissionProgram, type AdmissionProgram } from '../support/admission-server.js';
import { advisoryDatabase } from '../support/advisory-database.js';
import { buildImage } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { startRegistry, type RegistryServer, type RegistryServerOptions } from '../support/registry/index.js';

const skip = notBuilt;

const secdb = (fixed: string): string => `- bucket: alpine 3.11
  pairs:
    - bucket: openssl
      pairs:
        - {key: CVE-2099-0001, value: {FixedVersion: ${fixed}}}
- bucket: vulnerability
  pairs:
    - {key: CVE-2099-0001, value: {Title: x, Severity: HIGH, PublishedDate: "2020-01-01T00:00:00Z"}}
`;

const imageOf = (version: string) =>
  buildImage({ layers: [{ items: alpineFiles }, [{ path: 'srv/version', content: version }]], compression: 'gzip' });

interface Setting {
  readonly registry: RegistryServer;
  readonly folder: string;
  readonly start: (rule: string, words?: readonly string[]) => Promise<AdmissionProgram>;
}

async function setUp(t: TestContext, options: RegistryServerOptions = {}): Promise<Setting> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  const folder = temporaryFolder(t);
  await advisoryDatabase(join(folder, 'bad'), { 'main.yaml': secdb('9.9.9') });
  await advisoryDatabase(join(folder, 'good'), { 'main.yaml': secdb('0.0.1') });
  return {
    registry,
    folder,
    start: async (rule, words = ['--db', 'bad/out']) =>
      await startAdmissionProgram({
        folder,
        policy: `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules: [{name: clean, vulnerabilities: ${rule}}]
`,
        words: ['--decision-timeout', '25s', ...words],
      }),
  };
}

const imageReview = (image: string): string =>
  JSON.stringify({
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    spec: { containers: [{ image }], annotations: {}, namespace: 'shop' },
  });

const admissionReview = (image: string, dryRun: boolean): string =>
  JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'uid-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      dryRun,
      userInfo: { username: 'jane' },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: { containers: [{ name: 'a', image }] },
      },
    },
  });

/** The answer of either route in words: `allowed`, or why not. */
async function decide(
  door: AdmissionProgram,
  image: string,
  how: 'image' | 'pod' | 'dry' = 'image',
  query = '',
): Promise<string> {
  const answer =
    how === 'image'
      ? await door.ask({ path: `/image-policy${query}`, body: imageReview(image) })
      : await door.ask({ path: '/validate', body: admissionReview(image, how === 'dry') });
  assert.equal(answer.status, 200);
  return answer.text.includes('"allowed":true') ? 'allowed' : answer.text;
}

void test('after a restart and with its registry down, a known digest is judged, against a new database, too', {
  skip,
}, async (t) => {
  const { registry, folder, start } = await setUp(t);
  const digest = registry.addImage('team/app', '1', imageOf('1'));
  const image = `${registry.host}/team/app`;
  let door = await start('{severity: HIGH}');
  assert.match(await decide(door, `${image}:1`), /CVE-2099-0001/);
  assert.equal(await door.end(), 0);
  const before = registry.accessLog.length;
  door = await start('{severity: HIGH}');
  assert.match(await decide(door, `${image}@${digest}`), /CVE-2099-0001/);
  assert.equal(registry.accessLog.length, before, 'nothing is asked of the registry');
  assert.equal(await door.end(), 0);
  // Nor does it wait for scans of a registry that says nothing.
  const others = ['2', '3'].map((version) => registry.addImage('team/app', undefined, imageOf(version)));
  registry.faults.add({ stallAfterBytes: 0, times: 100 });
  door = await start('{severity: HIGH}', ['--db', 'bad/out', '--scans-at-once', '1', '--scans-waiting', '1']);
  const slow = others.map(async (other) => await decide(door, `${image}@${other}`, 'image', '?timeout=2s'));
  assert.match(await decide(door, `${image}@${digest}`), /CVE-2099-0001/);
  for (const answer of await Promise.all(slow)) assert.match(answer, /being scanned/);
  assert.equal(await door.end(), 0);
  await registry.close();
  door = await start('{severity: HIGH}', ['--db', 'good/out']);
  assert.equal(await decide(door, `${image}@${digest}`), 'allowed');
  assert.match(await decide(door, `${image}:1`), /its tag cannot be looked up/);
  assert.equal(await door.end(), 0);
  const cleaned = await tidewaiter(['clean'], { env: { HOME: folder } });
  assert.equal(cleaned.exitCode, 0, cleaned.stderr);
  door = await start('{severity: HIGH}', ['--db', 'good/out']);
  assert.match(await decide(door, `${image}@${digest}`), /the scan failed/);
  assert.equal(await door.end(), 0);
});

void test('a cache that takes nothing: one warning, and every decision', { skip }, async (t) => {
  const { registry, folder, start } = await setUp(t);
  mkdirSync(join(folder, 'cache'));
  writeFileSync(join(folder, 'cache', 'facts'), 'in the way');
  const door = await start('{severity: HIGH}', [
    '--db',
    'bad/out',
    '--cache-dir',
    'cache',
    '--state-dir',
    'cache/facts',
  ]);
  try {
    for (const version of ['1', '2', '3']) {
      registry.addImage('team/app', version, imageOf(version));
      assert.match(await decide(door, `${registry.host}/team/app:${version}`), /CVE-2099-0001/);
    }
    const { text } = await door.ask({ method: 'GET', path: '/readyz' });
    assert.match(text, /\[!\] the record of first sights: /);
  } finally {
    assert.equal(await door.end(), 0);
  }
  assert.equal(door.said().match(/what scans read is not kept/g)?.length, 1, door.said());
  assert.equal(door.said().match(/were first seen cannot be kept/g)?.length, 1, door.said());
});

void test('a grace from first sight on: the same for both routes and check, over restarts; dry runs record nothing', {
  skip,
}, async (t) => {
  const { registry, folder, start } = await setUp(t);
  registry.addImage('team/app', '1', imageOf('1'));
  registry.addImage('team/app', '2', imageOf('2'));
  const image = `${registry.host}/team/app`;
  const rule = '{severity: HIGH, grace: 14d, graceFrom: firstSeen}';
  const records = join(folder, '.local', 'state', 'tidewaiter', 'first-seen');
  const words = ['check', `${image}:1`, '--policy', 'policy.yaml', '--db', 'bad/out', '--image-src', 'remote'];
  const check = async (): Promise<number | null> =>
    (await tidewaiter(words, { cwd: folder, env: { HOME: folder } })).exitCode;
  let door = await start(rule);
  assert.equal(await decide(door, `${image}:1`, 'dry'), 'allowed');
  assert.throws(() => readdirSync(records));
  assert.equal(await decide(door, `${image}:1`), 'allowed');
  assert.equal(await door.end(), 0);
  const [name = ''] = readdirSync(records);
  const path = join(records, name);
  const record = readFileSync(path, 'utf8');
  assert.match(record, /CVE-2099-0001/);
  assert.equal(await check(), 0);
  assert.equal(readFileSync(path, 'utf8'), record);
  // Twenty days later.
  const now = new Date();
  const then = new Date(now.getTime() - 20 * 86_400_000);
  writeFileSync(path, record.replaceAll(now.toISOString().slice(0, 10), then.toISOString().slice(0, 10)));
  door = await start(rule);
  for (const how of ['image', 'pod', 'dry'] as const) {
    // A new tag of the same repository is no new first sight.
    assert.match(await decide(door, `${image}:2`, how), /CVE-2099-0001/);
  }
  assert.equal(await check(), 1);
  writeFileSync(path, record.slice(0, 50));
  assert.equal(await door.end(), 0);
  door = await start(rule);
  assert.match(await decide(door, `${image}:2`), /CVE-2099-0001/);
  assert.equal(await door.end(), 0);
  assert.match(door.said(), /was damaged/);
  rmSync(records, { recursive: true });
  assert.equal(await check(), 0);
  assert.equal(readdirSync(records).length, 1);
});

void test('credentials that change are used at once, and broken ones leave the last good ones', { skip }, async (t) => {
  const { registry, folder, start } = await setUp(t, { auth: { kind: 'basic', users: { ann: 'right' } } });
  const secret = (password: string): string => {
    const auths = { [registry.host]: { username: 'ann', password } };
    const data = Buffer.from(JSON.stringify({ auths })).toString('base64');
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': data },
    });
  };
  for (const version of ['1', '2']) registry.addImage('team/app', version, imageOf(version));
  const image = `${registry.host}/team/app`;
  const path = join(folder, 'secret.json');
  writeFileSync(path, secret('wrong'));
  const door = await start('{severity: CRITICAL}', ['--db', 'bad/out', '--registry-secret', 'secret.json']);
  /** Has the files read again, and waits until the text of a place says so. */
  const reload = async (text: () => Promise<string> | string, expected: RegExp): Promise<void> => {
    door.child.kill('SIGHUP');
    for (let tries = 0; !expected.test(await text()); tries++) {
      assert.ok(tries < 500, door.said());
      await new Promise<void>((resolve) => setTimeout(resolve, 10));
    }
  };
  const readiness = async (): Promise<string> => (await door.ask({ method: 'GET', path: '/readyz' })).text;
  try {
    assert.match(await decide(door, `${image}:1`), /cannot be looked up/);
    writeFileSync(path, secret('right'));
    await reload(() => door.said(), /the access to registries was read again/);
    assert.equal(await decide(door, `${image}:1`), 'allowed');
    rmSync(path);
    await reload(readiness, /\[!\] the access to registries: /);
    assert.equal(await decide(door, `${image}:2`), 'allowed');
    writeFileSync(path, secret('right'));
    await reload(readiness, /\[\+\] the access to registries: ok/);
  } finally {
    assert.equal(await door.end(), 0);
  }
  assert.ok(!door.said().includes('wrong') && !door.said().includes('right'), 'no password is told');
});
