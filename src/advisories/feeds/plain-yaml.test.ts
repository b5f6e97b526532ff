import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoryDatabase } from '../../../test/support/advisory-database.js';
import { advisoriesOf, databaseOf } from '../../../test/support/advisory-feed.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { AdvisoryError } from '../index.js';

const text = `# a comment first
tidewaiter: advisories/v1
scope: debian 11
source: debian
facts: https://example.com/
reviewed: [zlib]
advisories:
  openssl:
    CVE-2020-1: 1.1.1d-0+deb11u1
    CVE-2020-2: {fixed: 1.1.1e-1, ids: [DSA-1-1]}
    CVE-2020-3: {status: will_not_fix, severity: LOW}
    CVE-2020-4: {}
---
tidewaiter: advisories/v1
scope: pip
source: ghsa
reviewed: [Flask_Thing]
advisories:
  Jinja2:
    CVE-2020-5: {vulnerable: ["<2.11.3"], patched: ["2.11.3"], ids: [GHSA-g3rq-g295-4j3m]}
---
tidewaiter: vulnerabilities/v1
vulnerabilities:
  CVE-2020-1:
    title: short words
    severity: {nvd: HIGH, debian: LOW}
    cvss: {nvd: {v3: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", v2: "AV:N/AC:L/Au:N/C:N/I:N/A:P"}}
    cwe: [CWE-476]
    published: 2020-04-21T14:15:00Z
    references: [https://www.openssl.org/news/]
  CVE-2020-99: {title: nobody mentions it}
`;

test('short and long forms, statuses by name, ranges of languages', async (t) => {
  const database = await databaseOf(t, { 'a.yaml': text });
  assert.deepEqual(advisoriesOf(database, 'debian 11', 'openssl'), {
    'CVE-2020-1': { fixedVersion: '1.1.1d-0+deb11u1' },
    'CVE-2020-2': { fixedVersion: '1.1.1e-1', vendorIds: ['DSA-1-1'] },
    'CVE-2020-3': { severity: 1, status: 5 },
    'CVE-2020-4': {},
  });
  assert.deepEqual(advisoriesOf(database, 'pip::GitHub Security Advisory pip', 'jinja2'), {
    'CVE-2020-5': { vulnerableVersions: ['<2.11.3'], patchedVersions: ['2.11.3'], vendorIds: ['GHSA-g3rq-g295-4j3m'] },
  });
  assert.deepEqual(database.coverage, [
    { scope: 'debian 11', reviewed: ['openssl', 'zlib'] },
    { scope: 'pip::', reviewed: ['flask-thing', 'jinja2'] },
  ]);
});

test('details with scores that are computed from the vectors', async (t) => {
  const detail = (await databaseOf(t, { 'a.yaml': text })).vulnerability('CVE-2020-1');
  assert.equal(detail?.title, 'short words');
  assert.equal(detail?.severity, 'HIGH');
  assert.deepEqual(detail?.vendorSeverity, { debian: 'LOW', nvd: 'HIGH' });
  assert.equal(detail?.cvss?.nvd?.v3Score, 7.5);
  assert.equal(detail?.cvss?.nvd?.v2Score, 5);
  assert.equal(detail?.publishedDate, '2020-04-21T14:15:00Z');
  assert.deepEqual(detail?.cweIds, ['CWE-476']);
});

test('a vulnerability that no advisory mentions is not stored', async (t) => {
  assert.equal((await databaseOf(t, { 'a.yaml': text })).vulnerability('CVE-2020-99'), undefined);
});

test('several documents about the same thing add up', async (t) => {
  const more = `tidewaiter: advisories/v1
scope: debian 11
source: debian
reviewed: [curl]
advisories: {openssl: {CVE-2020-2: {fixed: 1.1.1f-1, ids: [DSA-2-1]}, CVE-2020-9: 3-1}}
---
tidewaiter: vulnerabilities/v1
vulnerabilities: {CVE-2020-1: {title: later words, severity: {nvd: CRITICAL}, references: ["https://b.example/"]}}
`;
  const database = await databaseOf(t, { 'a.yaml': text, 'b.yaml': more });
  const openssl = advisoriesOf(database, 'debian 11', 'openssl');
  assert.deepEqual(openssl['CVE-2020-2'], { fixedVersion: '1.1.1f-1', vendorIds: ['DSA-1-1', 'DSA-2-1'] });
  assert.ok('CVE-2020-9' in openssl);
  assert.equal(database.reviewed('debian 11', 'curl'), true);
  assert.equal(database.reviewed('debian 11', 'zlib'), true);
  const detail = database.vulnerability('CVE-2020-1');
  assert.equal(detail?.title, 'later words');
  assert.deepEqual(detail?.vendorSeverity, { debian: 'LOW', nvd: 'CRITICAL' });
  assert.equal(detail?.references?.length, 2);
});

const broken: Readonly<Record<string, string>> = {
  'another version': 'tidewaiter: advisories/v2\n',
  'no scope': 'tidewaiter: advisories/v1\nsource: alpine\n',
  'an unknown source': 'tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: nobody\n',
  'a misspelt member': 'tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: alpine\nadvisory: {}\n',
  'a misspelt member of an advisory': advisory('{fixd: 1}'),
  'a status that is none': advisory('{status: wontfix}'),
  'a severity that is none': advisory('{severity: high}'),
  'a version that YAML reads as a number': advisory('1.10'),
  'a number in the long form': advisory('{fixed: 1.10}'),
  'ids that are no list': advisory('{ids: DSA-1}'),
  'a list in place of an advisory': advisory('[1]'),
  'a language advisory without ranges':
    'tidewaiter: advisories/v1\nscope: npm\nsource: ghsa\nadvisories: {a: {CVE-1-1: {}}}\n',
  'a vector that is none': vulnerability('{cvss: {nvd: {v3: "CVSS:3.1/AV:N"}}}'),
  'a time that is none': vulnerability('{published: yesterday}'),
  'a severity without a source': vulnerability('{severity: HIGH}'),
  'a second document that is none': `${advisory('{}')}---\n[1]\n`,
};

function advisory(value: string): string {
  return `tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: alpine\nadvisories: {a: {CVE-1-1: ${value}}}\n`;
}

function vulnerability(value: string): string {
  return `tidewaiter: vulnerabilities/v1\nvulnerabilities: {CVE-1-1: ${value}}\n`;
}

for (const [name, content] of Object.entries(broken)) {
  test(`refused: ${name}`, async (t) => {
    const building = advisoryDatabase(temporaryFolder(t), { 'a.yaml': content });
    await assert.rejects(building, (thrown) => thrown instanceof AdvisoryError && thrown.code === 'SOURCE_INVALID');
  });
}
