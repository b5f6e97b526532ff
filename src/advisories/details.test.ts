import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalReference, isRejected, mergeDetails, overlayRecord } from './details.js';

const network = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H';

test('title, description and CWE ids come from the most trusted source that has them', () => {
  const record = mergeDetails([
    { source: 'ghsa', title: 'of GitHub', description: 'of GitHub', cweIds: ['CWE-1'], severity: 'LOW' },
    { source: '', title: 'our own words' },
    { source: 'redhat', title: 'of Red Hat', cweIds: [], severity: 'MEDIUM' },
    { source: 'nvd', description: 'of the NVD' },
    { source: 'nobody', title: 'of nobody', severity: 'HIGH' },
  ]);
  assert.equal(record.Title, 'of Red Hat');
  assert.equal(record.Description, 'of the NVD');
  assert.deepEqual(record.CweIDs, ['CWE-1']);
  assert.equal(record.Severity, 'MEDIUM');
  assert.deepEqual(record.VendorSeverity, { ghsa: 1, nobody: 3, redhat: 2 });
});

test('without a word of the source its score decides, the newest version first', () => {
  const severity = (detail: object): unknown => mergeDetails([{ source: 'nvd', ...detail }]).VendorSeverity?.['nvd'];
  assert.equal(severity({ v3Vector: network }), 4);
  assert.equal(severity({ severity: 'LOW', v3Vector: network }), 1);
  assert.equal(severity({ severity: 'UNKNOWN', v3Vector: network }), 4);
  assert.equal(severity({ v2Vector: 'AV:N/AC:L/Au:N/C:N/I:N/A:P' }), 2);
  assert.equal(severity({ v2Vector: 'AV:N/AC:L/Au:N/C:N/I:N/A:P', v3Vector: network }), 4);
  assert.equal(severity({ v3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N' }), undefined);
  assert.equal(severity({ v3Vector: 'nonsense' }), undefined);
});

test('vectors are kept with their scores, unless they are worth nothing', () => {
  const record = mergeDetails([
    { source: 'nvd', v3Vector: network, v2Vector: 'nonsense' },
    { source: 'redhat', v3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N' },
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(record.CVSS)), { nvd: { V3Vector: network, V3Score: 9.1 } });
});

test('the worst of several errata counts, of other sources the later word', () => {
  const of = (source: string): unknown =>
    mergeDetails([
      { source, severity: 'HIGH' },
      { source, severity: 'LOW' },
    ]).VendorSeverity?.[source];
  assert.equal(of('alma'), 3);
  assert.equal(of('nvd'), 1);
});

test('references are united, cleaned and sorted; those of one source are left out', () => {
  const record = mergeDetails([
    { source: 'nvd', references: ['https://b.example/x', ' HTTPS://A.example/%2fPath \nhttps://c.example/'] },
    { source: 'amazon', references: ['https://alas.example/'] },
    { source: 'debian', references: ['https://b.example/x', ''] },
  ]);
  assert.deepEqual(record.References, ['https://a.example/%2FPath', 'https://b.example/x', 'https://c.example/']);
});

test('an address keeps its path, query and fragment', () => {
  assert.equal(canonicalReference('HTTP://Example.COM/A b?Q=x#F'), 'http://example.com/A%20b?Q=x#F');
  assert.equal(canonicalReference('https://Example.com?Q'), 'https://example.com?Q');
  assert.equal(canonicalReference('no address'), 'no address');
  assert.equal(canonicalReference('://x'), '://x');
});

test('rejected identifiers are known by their words', () => {
  const rejected = (description: string): boolean => isRejected({ source: 'nvd', description });
  assert.ok(rejected('** REJECT ** DO NOT USE'));
  assert.ok(rejected('... DO NOT USE THIS CANDIDATE NUMBER ...'));
  assert.ok(rejected('Rejected reason: none'));
  assert.ok(!rejected('The server answers "Rejected reason: none".'));
  assert.ok(!rejected(''));
});

test('a ready-made record wins over what is merged', () => {
  const record = overlayRecord(
    { Title: 'own' },
    { Title: 'other', Description: 'other', References: ['https://a.example/'] },
  );
  assert.deepEqual(JSON.parse(JSON.stringify(record)), {
    Title: 'own',
    Description: 'other',
    References: ['https://a.example/'],
  });
});
