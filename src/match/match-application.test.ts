import assert from 'node:assert/strict';
import test from 'node:test';
import { type AdvisoryRecord, memoryAdvisories, type MemoryDatabase } from '../../test/support/memory-advisories.js';
import type { Package } from '../ecosystems/index.js';
import { matchApplication, type MatchResult } from './index.js';

const ghsaNpm = 'npm::GitHub Security Advisory npm';

function pack(name: string, version: string): Package {
  return { id: `${name}@${version}`, name, version, filePath: `app/node_modules/${name}/package.json` };
}

function match(database: MemoryDatabase, packages: readonly Package[], type = 'node-pkg'): MatchResult {
  return matchApplication(
    memoryAdvisories(database),
    { type, packages },
    { severitySources: ['auto'], now: new Date(0) },
  );
}

function codes({ unknowns }: MatchResult): readonly string[] {
  return unknowns.map(({ code }) => code);
}

test('a finding says all that a report needs', () => {
  const dataSource = { id: 'ghsa', name: 'GitHub Security Advisory npm', url: 'https://github.com/advisories' };
  const record = {
    vulnerableVersions: ['<4.17.12'],
    patchedVersions: ['4.17.12'],
    vendorIds: ['GHSA-jf85-cpcp-j695'],
    custom: { a: 1 },
  };
  const { findings, unknowns, coverage } = match(
    {
      buckets: { [ghsaNpm]: { lodash: { 'CVE-2019-10744': record } } },
      dataSources: { [ghsaNpm]: dataSource },
      vulnerabilities: { 'CVE-2019-10744': { vendorSeverity: { ghsa: 4, nvd: 3 } } },
    },
    [pack('Lodash', '4.17.4')],
  );
  assert.deepEqual(findings, [
    {
      packageId: 'Lodash@4.17.4',
      packageName: 'Lodash',
      packagePath: 'app/node_modules/Lodash/package.json',
      installedVersion: '4.17.4',
      vulnerabilityId: 'CVE-2019-10744',
      vendorIds: ['GHSA-jf85-cpcp-j695'],
      fixedVersion: '4.17.12',
      status: 'fixed',
      severity: 'CRITICAL',
      severitySource: 'ghsa',
      detail: { vendorSeverity: { ghsa: 'CRITICAL', nvd: 'HIGH' } },
      primaryUrl: 'https://avd.aquasec.com/nvd/cve-2019-10744',
      dataSource,
      custom: { a: 1 },
      match: { bucket: ghsaNpm, lookedUp: 'lodash', compared: '4.17.4', range: '<4.17.12' },
    },
  ]);
  assert.deepEqual(unknowns, []);
  assert.deepEqual(coverage, [{ scope: 'npm', packages: 1, reviewed: 1 }]);
});

test('when an advisory of a language holds, and what it names as fixed', () => {
  const cases: readonly (readonly [record: AdvisoryRecord, version: string, isAffected: boolean, fixed?: string])[] = [
    [{ vulnerableVersions: ['<2.0.0'], patchedVersions: ['2.0.0'] }, '1.0.0', true, '2.0.0'],
    [{ vulnerableVersions: ['<2.0.0'], patchedVersions: ['2.0.0'] }, '2.0.0', false],
    // An empty text stands for all versions, whatever else is said.
    [{ vulnerableVersions: [''] }, '1.0.0', true, ''],
    [{ vulnerableVersions: ['<0.1.0', ''] }, '1.0.0', true, '0.1.0'],
    [{ vulnerableVersions: ['<0.1.0'], patchedVersions: [''] }, '1.0.0', true, ''],
    // Ranges are alternatives.
    [{ vulnerableVersions: ['<1.0.0', '>=2.0.0, <2.3.0'] }, '2.1.0', true, '1.0.0, 2.3.0'],
    [{ vulnerableVersions: ['<1.0.0', '>=2.0.0, <2.3.0'] }, '1.5.0', false],
    [{ vulnerableVersions: ['<= 1.5.0'] }, '1.5.0', true, ''],
    [{ vulnerableVersions: ['>=1.0.0 <2.0.0'] }, '1.5.0', true, ''],
    // Secure versions as constraints take what the ranges give.
    [{ vulnerableVersions: ['<3.0.0'], patchedVersions: ['>=2.5.0'] }, '2.6.0', false],
    [{ vulnerableVersions: ['<3.0.0'], unaffectedVersions: ['<1.0.0'] }, '0.9.0', false],
    [{ vulnerableVersions: ['<3.0.0'], unaffectedVersions: ['<1.0.0'] }, '1.0.0', true, '3.0.0'],
    // Without ranges everything that is not secure is affected.
    [{ patchedVersions: ['>=2.0.0', '~1.5.3'] }, '1.4.0', true, '>=2.0.0, ~1.5.3'],
    [{ patchedVersions: ['>=2.0.0', '~1.5.3'] }, '1.5.4', false],
    [{ patchedVersions: ['2.0.0', '2.0.0', '1.5.3'] }, '1.0.0', true, '2.0.0, 1.5.3'],
    // Nothing said is nothing affected.
    [{}, '1.0.0', false],
    [{ vulnerableVersions: [], patchedVersions: [] }, '1.0.0', false],
    // A status and a severity of the package do not exist here.
    [{ vulnerableVersions: ['*'], status: 5, severity: 4 }, '1.0.0', true, ''],
    [{ vulnerableVersions: ['*'], vendorIds: [] }, '1.0.0-alpha', true, ''],
  ];
  for (const [record, version, isAffected, fixed] of cases) {
    const { findings, unknowns } = match({ buckets: { [ghsaNpm]: { p: { 'CVE-1': record } } } }, [pack('p', version)]);
    assert.equal(findings.length, isAffected ? 1 : 0, JSON.stringify([record, version]));
    assert.equal(findings[0]?.fixedVersion, fixed, JSON.stringify(record));
    assert.deepEqual(unknowns, []);
    const expected = fixed === '' ? 'affected' : 'fixed';
    if (isAffected) assert.deepEqual([findings[0]?.status, findings[0]?.severity], [expected, 'UNKNOWN']);
  }
});

test('what cannot be compared is said', () => {
  const cases: readonly (readonly [record: AdvisoryRecord, version: string, code: string])[] = [
    [{ vulnerableVersions: ['<2.0.0'] }, '1.2', 'VERSION_UNPARSABLE'],
    [{ vulnerableVersions: ['<2.0.0'] }, '', 'VERSION_UNPARSABLE'],
    [{ vulnerableVersions: [''] }, '', 'VERSION_UNPARSABLE'],
    [{ vulnerableVersions: ['1.2 - 1.5'] }, '1.2.0', 'ADVISORY_UNREADABLE'],
    [{ vulnerableVersions: ['<2.0.0'], patchedVersions: ['!= 1'] }, '1.2.0', 'ADVISORY_UNREADABLE'],
    ['unreadable', '1.2.0', 'ADVISORY_UNREADABLE'],
  ];
  for (const [record, version, code] of cases) {
    const result = match({ buckets: { [ghsaNpm]: { p: { 'CVE-1': record } } } }, [pack('p', version)]);
    assert.deepEqual(result.findings, []);
    assert.deepEqual(codes(result), [code], JSON.stringify(record));
  }
});

test('all buckets of the ecosystem count, and of the same id the last', () => {
  const buckets = {
    'npm::A': {
      p: { 'CVE-1': { vulnerableVersions: ['*'], patchedVersions: ['9.0.0'] }, 'CVE-2': { vulnerableVersions: ['*'] } },
    },
    'npm::B': { p: { 'CVE-1': { vulnerableVersions: ['*'], patchedVersions: ['8.0.0'] } } },
    npm: { p: { 'CVE-3': { vulnerableVersions: ['*'] } } },
    'pip::A': { p: { 'CVE-4': { vulnerableVersions: ['*'] } } },
  };
  const { findings } = match({ buckets }, [pack('p', '1.0.0')]);
  assert.deepEqual(
    findings.map(({ vulnerabilityId, fixedVersion, match: { bucket } }) => [vulnerabilityId, fixedVersion, bucket]),
    [
      ['CVE-1', '8.0.0', 'npm::B'],
      ['CVE-2', '', 'npm::A'],
    ],
  );
});

test('Python: names are normalised, versions are PEP 440', () => {
  const database = {
    buckets: { 'pip::A': { 'flask-login': { 'CVE-1': { vulnerableVersions: ['>=0.1,<1.0'] } } } },
    coverage: { 'pip::': ['flask-login'] },
  };
  const result = match(database, [pack('Flask_Login', '1.0rc1'), pack('Flask.Login', '0.5')], 'python-pkg');
  assert.deepEqual(
    result.findings.map(({ packageName }) => packageName),
    ['Flask_Login'],
  );
  assert.deepEqual(codes(result), ['OUTSIDE_COVERAGE']);
  assert.deepEqual(result.coverage, [{ scope: 'pip', packages: 2, reviewed: 1 }]);
});

test('an ecosystem that the database has nothing of, and a type that is not matched', () => {
  const missing = match({ buckets: { 'npm::A': {} } }, [pack('p', '1')], 'python-pkg');
  assert.deepEqual(codes(missing), ['NO_ADVISORIES_FOR_ECOSYSTEM']);
  assert.deepEqual(missing.coverage, [{ scope: 'pip', packages: 1, reviewed: 0 }]);
  assert.deepEqual(codes(match({}, [pack('p', '1')], 'conda-pkg')), ['NO_ADVISORIES_FOR_ECOSYSTEM']);
  assert.deepEqual(match({}, [], 'node-pkg'), { findings: [], unknowns: [], coverage: [] });
});

test('the same package in many places is compared once and found everywhere', () => {
  const index = memoryAdvisories({ buckets: { 'npm::A': { p: { 'CVE-1': { vulnerableVersions: ['*'] } } } } });
  const packages = [pack('p', '1.0.0'), { ...pack('p', '1.0.0'), filePath: 'other' }];
  const { findings } = matchApplication(
    index,
    { type: 'npm', packages },
    { severitySources: ['auto'], now: new Date(0) },
  );
  assert.deepEqual(
    findings.map(({ packagePath }) => packagePath),
    ['app/node_modules/p/package.json', 'other'],
  );
  assert.equal(index.lookups.length, 1);
});
