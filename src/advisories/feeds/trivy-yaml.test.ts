import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoryDatabase } from '../../../test/support/advisory-database.js';
import { advisoriesOf, databaseOf } from '../../../test/support/advisory-feed.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { AdvisoryError } from '../index.js';

const text = `- bucket: alpine 3.10
  pairs:
    - bucket: openssl
      pairs:
        - key: CVE-2019-1549
          value: {FixedVersion: 1.1.1d-r0}
- bucket: Red Hat CPE
  pairs:
    - bucket: cpe
      pairs:
        - key: 1
          value: cpe:/o:redhat:enterprise_linux:8
    - bucket: repository
      pairs:
        - key: rhel-8
          value: [1, 2]
- bucket: vulnerability
  pairs:
    - key: CVE-2019-1549
      value: {Title: its own title, VendorSeverity: {nvd: 3}, References: ["https://b.example/"]}
    - key: CVE-2019-9999
      value: {Title: mentioned by nobody}
`;

test('buckets become what they say, also those that hold no advisories', async (t) => {
  const database = await databaseOf(t, {
    'a.yaml': text,
    'b.yaml': '- bucket: alpine 3.10\n  pairs:\n    - bucket: zlib\n      pairs: [{key: CVE-1-1, value: {}}]\n',
  });
  assert.deepEqual(database.bucketsWithPrefix(''), [
    'Red Hat CPE',
    'alpine 3.10',
    'data-source',
    'tidewaiter',
    'vulnerability',
  ]);
  assert.deepEqual(advisoriesOf(database, 'alpine 3.10', 'zlib'), { 'CVE-1-1': {} });
  assert.equal(database.vulnerability('CVE-2019-9999')?.title, 'mentioned by nobody');
});

test('details of other sources are added to a ready-made record', async (t) => {
  const other =
    'tidewaiter: vulnerabilities/v1\nvulnerabilities: {CVE-2019-1549: {title: other, cwe: [CWE-1], severity: {debian: LOW}, references: ["https://a.example/"]}}\n';
  const detail = (await databaseOf(t, { 'a.yaml': text, 'b.yaml': other })).vulnerability('CVE-2019-1549');
  assert.equal(detail?.title, 'its own title');
  assert.deepEqual(detail?.cweIds, ['CWE-1']);
  assert.deepEqual(detail?.vendorSeverity, { debian: 'LOW', nvd: 'HIGH' });
  assert.deepEqual(detail?.references, ['https://a.example/', 'https://b.example/']);
});

for (const [name, broken] of Object.entries({
  'a bucket without a name': '- bucket:\n  pairs: []\n',
  'pairs that are no list': '- bucket: a\n  pairs: {}\n',
  'a pair without a key': '- bucket: a\n  pairs: [{bucket: b, pairs: [{value: 1}]}]\n',
  'a bucket in the third level': '- bucket: a\n  pairs: [{bucket: b, pairs: [{bucket: c, pairs: []}]}]\n',
  'a bucket that is a key too':
    '- bucket: a\n  pairs: [{bucket: b, pairs: [{key: c, value: 1}]}, {key: b, value: 1}]\n',
})) {
  test(`refused: ${name}`, async (t) => {
    const building = advisoryDatabase(temporaryFolder(t), { 'a.yaml': broken });
    await assert.rejects(building, (thrown) => thrown instanceof AdvisoryError && thrown.code === 'SOURCE_INVALID');
  });
}
