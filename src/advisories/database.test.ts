import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { advisoryDatabase } from '../../test/support/advisory-database.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { AdvisoryError, type AdvisoryErrorCode, openDatabase, type OpenedDatabase } from './index.js';

const records = `
- bucket: alpine 3.10
  pairs:
    - bucket: openssl
      pairs:
        - key: CVE-2019-1549
          value: {FixedVersion: 1.1.1d-r0}
        - key: CVE-2019-1547
          value: {}
        - key: CVE-2019-1551
          value: null
        - key: CVE-2020-0001
          value: {Severity: 9, Status: 2.0, State: old, VendorIDs: [A-1], Custom: {any: thing}}
        - key: CVE-2020-0002
          value: {FixedVersion: 7}
        - key: CVE-2020-0003
          value: [1]
- bucket: rocky 8
  pairs:
    - bucket: bind
      pairs:
        - key: CVE-2021-25215
          value:
            FixedVersion: "32:1-4"
            Entries: [{FixedVersion: "32:1-4", Arches: [x86_64], VendorIDs: ["RLSA-2021:1989"]}]
- bucket: npm::A
  pairs:
    - bucket: lodash
      pairs:
        - key: CVE-2019-10744
          value: {VulnerableVersions: ["<4.17.12"], PatchedVersions: ["4.17.12"]}
- bucket: npm::B
  pairs:
    - bucket: other
      pairs: [{key: CVE-1-1, value: {}}]
- bucket: seal npm::C
- bucket: data-source
  pairs:
    - key: alpine 3.10
      value: {ID: alpine, Name: Alpine Secdb, URL: "https://secdb.alpinelinux.org/"}
- bucket: vulnerability
  pairs:
    - key: CVE-2019-1549
      value:
        Title: a title
        Severity: HIGH
        VendorSeverity: {nvd: 3.0, odd: 77, broken: x}
        CVSS: {nvd: {V3Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H", V3Score: 9.1}}
        CweIDs: [CWE-330]
        References: ["https://example.com/"]
        PublishedDate: "2019-09-10T17:15:00Z"
    - key: CVE-2019-1547
      value: [not an object]
`;

async function opened(
  t: { after(run: () => void): void },
  texts: Readonly<Record<string, string>>,
): Promise<OpenedDatabase> {
  const database = openDatabase(await advisoryDatabase(temporaryFolder(t), texts), { kind: 'file' });
  t.after(() => database.close());
  return database;
}

const fails = (code: AdvisoryErrorCode) => (thrown: unknown) =>
  thrown instanceof AdvisoryError && thrown.code === code && thrown.hint !== undefined;

test('advisories are found with their feed, and records that cannot be taken are named', async (t) => {
  const database = await opened(t, { 'records.yaml': records });
  const { advisories, unreadable } = database.advisories('alpine 3.10', 'openssl');
  assert.deepEqual(
    advisories.map(({ vulnerabilityId, fixedVersion, severity, status }) => [
      vulnerabilityId,
      fixedVersion,
      severity,
      status,
    ]),
    [
      ['CVE-2019-1547', undefined, undefined, undefined],
      ['CVE-2019-1549', '1.1.1d-r0', undefined, undefined],
      ['CVE-2019-1551', undefined, undefined, undefined],
      ['CVE-2020-0001', undefined, 0, 2],
    ],
  );
  assert.deepEqual(advisories[3]?.vendorIds, ['A-1']);
  assert.deepEqual(advisories[3]?.custom, { any: 'thing' });
  assert.equal(advisories[0]?.dataSource?.name, 'Alpine Secdb');
  assert.equal(advisories[0]?.bucket, 'alpine 3.10');
  assert.deepEqual(
    unreadable.map(({ bucket, packageName, vulnerabilityId }) => [bucket, packageName, vulnerabilityId]),
    [
      ['alpine 3.10', 'openssl', 'CVE-2020-0002'],
      ['alpine 3.10', 'openssl', 'CVE-2020-0003'],
    ],
  );
});

test('entries keep their own versions and architectures; without a data source there is none', async (t) => {
  const [advisory] = (await opened(t, { 'records.yaml': records })).advisories('rocky 8', 'bind').advisories;
  assert.equal(advisory?.dataSource, undefined);
  assert.deepEqual(
    advisory?.entries?.map(({ fixedVersion, arches, vendorIds }) => [fixedVersion, arches, vendorIds]),
    [['32:1-4', ['x86_64'], ['RLSA-2021:1989']]],
  );
});

test('what is not there is nothing, not an error', async (t) => {
  const database = await opened(t, { 'records.yaml': records });
  for (const [bucket, name] of [
    ['alpine 3.99', 'openssl'],
    ['alpine 3.10', 'none'],
    ['', ''],
    ['alpine 3.10', ''],
  ] as const) {
    assert.deepEqual(database.advisories(bucket, name), { advisories: [], unreadable: [] });
  }
  assert.equal(database.hasBucket('alpine 3.10'), true);
  assert.equal(database.hasBucket('alpine 3.9'), false);
  assert.equal(database.vulnerability('CVE-0'), undefined);
  assert.equal(database.reviewed('alpine 3.10', 'openssl'), undefined);
  assert.deepEqual(database.bucketsWithPrefix('npm::'), ['npm::A', 'npm::B']);
  assert.deepEqual(database.bucketsWithPrefix('zzz'), []);
});

test('a vulnerability is read as far as it can be, a broken one is missing', async (t) => {
  const database = await opened(t, { 'records.yaml': records });
  const detail = database.vulnerability('CVE-2019-1549');
  assert.equal(detail?.title, 'a title');
  assert.equal(detail?.severity, 'HIGH');
  assert.deepEqual(detail?.vendorSeverity, { nvd: 'HIGH', odd: 'UNKNOWN' });
  assert.equal(detail?.cvss?.nvd?.v3Score, 9.1);
  assert.deepEqual(detail?.cweIds, ['CWE-330']);
  assert.equal(detail?.publishedDate, '2019-09-10T17:15:00Z');
  assert.equal(database.vulnerability('CVE-2019-1547'), undefined);
});

test('the facts of a database come from its metadata', async (t) => {
  const database = await opened(t, { 'records.yaml': records });
  const info = database.info();
  assert.equal(info.kind, 'file');
  assert.equal(info.schemaVersion, 2);
  assert.equal(info.updatedAt, '2026-01-02T03:04:05.000Z');
  assert.equal(info.digest, undefined);
  assert.deepEqual(database.meta()?.feeds, [{ feed: 'trivy-yaml', files: 1 }]);
  assert.deepEqual(
    database.sources().map(({ bucket }) => bucket),
    ['alpine 3.10'],
  );
});

test('without metadata the database still opens; another schema version does not', async (t) => {
  const folder = temporaryFolder(t);
  const out = await advisoryDatabase(folder, { 'records.yaml': records });
  const alone = join(folder, 'alone');
  mkdirSync(alone);
  copyFileSync(join(out, 'trivy.db'), join(alone, 'any-name.db'));
  const database = openDatabase(join(alone, 'any-name.db'), { kind: 'file' });
  assert.equal(database.info().schemaVersion, 2);
  database.close();
  for (const metadata of ['{"Version":1}', '{"Version":3}', '{}']) {
    writeFileSync(join(alone, 'metadata.json'), metadata);
    assert.throws(() => openDatabase(join(alone, 'any-name.db'), { kind: 'file' }), fails('DATABASE_SCHEMA'));
  }
  writeFileSync(join(alone, 'metadata.json'), '{"Version":');
  assert.throws(() => openDatabase(join(alone, 'any-name.db'), { kind: 'file' }), fails('DATABASE_CORRUPT'));
});

test('what is no database is refused with a hint', async (t) => {
  const folder = temporaryFolder(t);
  const open = (path: string) => () => openDatabase(path, { kind: 'file' });
  assert.throws(open(join(folder, 'none')), fails('DATABASE_MISSING'));
  assert.throws(open(folder), fails('DATABASE_MISSING'));
  assert.throws(open(join(folder, 'none', 'below')), fails('DATABASE_MISSING'));
  for (const content of ['', 'x', 'a text that is no database'.repeat(500), '\x1f\x8bpacked']) {
    writeFileSync(join(folder, 'file'), content, 'latin1');
    assert.throws(open(join(folder, 'file')), fails('DATABASE_CORRUPT'));
  }
  const out = await advisoryDatabase(folder, { 'records.yaml': records });
  truncateSync(join(out, 'trivy.db'), 8192);
  assert.throws(open(out), fails('DATABASE_CORRUPT'));
});

test('a flipped byte in a bare file ends in an answer or in an error of ours', async (t) => {
  const folder = temporaryFolder(t);
  const out = await advisoryDatabase(folder, { 'records.yaml': records });
  const whole = readFileSync(join(out, 'trivy.db'));
  const path = join(folder, 'flipped.db');
  for (let i = 0; i < 500; i++) {
    const copy = Buffer.from(whole);
    const at = (i * 7919 * 31) % copy.length;
    copy[at] = (copy[at] ?? 0) ^ (1 << (i % 8));
    writeFileSync(path, copy);
    try {
      askEverything(openDatabase(path, { kind: 'file' }));
    } catch (thrown) {
      assert.ok(thrown instanceof AdvisoryError, `byte ${at}: ${String(thrown)}`);
    }
  }
});

function askEverything(database: OpenedDatabase): void {
  try {
    for (const bucket of database.bucketsWithPrefix('')) {
      for (const name of ['openssl', 'bind', 'lodash', 'other']) database.advisories(bucket, name);
    }
    database.vulnerability('CVE-2019-1549');
    database.reviewed('alpine 3.10', 'openssl');
    database.info();
    database.sources();
    void database.coverage;
  } finally {
    database.close();
  }
}

test('a list of reviewed packages answers yes and no; a broken one is an error', async (t) => {
  const database = await opened(t, {
    'plain.yaml':
      'tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: alpine\nreviewed: [musl, zlib]\nadvisories: {openssl: {CVE-2020-1967: 1.1.1g-r0}}\n',
  });
  assert.equal(database.reviewed('alpine 3.11', 'musl'), true);
  assert.equal(database.reviewed('alpine 3.11', 'openssl'), true);
  assert.equal(database.reviewed('alpine 3.11', 'curl'), false);
  assert.equal(database.reviewed('alpine 3.12', 'curl'), undefined);
  assert.deepEqual(database.coverage, [{ scope: 'alpine 3.11', reviewed: ['musl', 'openssl', 'zlib'] }]);
  const broken = await opened(t, {
    'records.yaml': `${records}\n- bucket: tidewaiter\n  pairs: [{bucket: coverage, pairs: [{key: 'npm::', value: {}}]}]\n`,
  });
  assert.equal(broken.reviewed('npm::', 'lodash'), undefined, 'the builder alone writes its own bucket');
});

test('a closed database answers nothing', async (t) => {
  const database = openDatabase(await advisoryDatabase(temporaryFolder(t), { 'records.yaml': records }), {
    kind: 'file',
  });
  database.close();
  database.close();
  assert.throws(() => database.vulnerability('CVE-2019-1549'));
});
