import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { severities, severityRank, type Finding } from '../findings/index.js';
import { applyFilters } from './filters.js';
import { parseIgnoreFile } from './ignore-file.js';

const now = new Date('2026-11-24T08:00:00Z');

function finding(members: Partial<Finding>): Finding {
  return {
    vulnerabilityId: 'CVE-1',
    packageId: '',
    packageName: 'a',
    installedVersion: '1',
    fixedVersion: '',
    status: 'affected',
    severity: 'LOW',
    match: { bucket: 'b', lookedUp: 'a', compared: '1', range: 'no fixed version' },
    ...members,
  };
}

const filter = (findings: readonly Finding[], options: Partial<Parameters<typeof applyFilters>[1]> = {}) =>
  applyFilters(findings, { now, target: 't', ...options });

const idsOf = (findings: readonly Finding[]): readonly string[] => findings.map((one) => one.vulnerabilityId);

test('filters: severities and statuses', () => {
  const findings = [
    finding({ vulnerabilityId: 'CVE-1', severity: 'LOW', status: 'fixed' }),
    finding({ vulnerabilityId: 'CVE-2', severity: 'HIGH', status: 'will_not_fix' }),
    finding({ vulnerabilityId: 'CVE-3', severity: 'UNKNOWN', status: 'affected' }),
  ];
  const left = (options: Partial<Parameters<typeof applyFilters>[1]>): readonly string[] =>
    [...idsOf(filter(findings, options).findings)].sort();
  assert.deepEqual(left({ severities: ['HIGH', 'LOW'] }), ['CVE-1', 'CVE-2']);
  assert.deepEqual(left({ severities: [] }), []);
  assert.deepEqual(left({ ignoreUnfixed: true }), ['CVE-1']);
  assert.deepEqual(left({ ignoreStatuses: ['will_not_fix', 'affected'] }), ['CVE-1']);
  assert.deepEqual(
    left({ ignoreStatuses: ['fixed'], ignoreUnfixed: true }),
    ['CVE-2', 'CVE-3'],
    'the list of statuses wins',
  );
});

test('filters: severity and status leave out, exceptions suppress what is left', () => {
  const findings = [
    finding({ vulnerabilityId: 'CVE-1', severity: 'LOW' }),
    finding({ vulnerabilityId: 'CVE-1', severity: 'HIGH', packageName: 'b' }),
    finding({ vulnerabilityId: 'CVE-2', severity: 'HIGH' }),
  ];
  const exceptions = parseIgnoreFile('CVE-1', '.trivyignore');
  const { findings: left, suppressed } = filter(findings, { severities: ['HIGH'], exceptions });
  assert.deepEqual(idsOf(left), ['CVE-2']);
  assert.deepEqual(
    suppressed.map((one) => one.finding.packageName),
    ['b'],
  );
});

test('filters: of duplicates the greater text of a fixed version stays, whatever their order', () => {
  const older = finding({ fixedVersion: '1.10' });
  const newer = finding({ fixedVersion: '1.9' });
  const first = finding({ fixedVersion: '1.9', status: 'fixed' });
  assert.deepEqual(filter([older, newer]).findings, [newer]);
  assert.deepEqual(filter([newer, older]).findings, [newer]);
  assert.deepEqual(filter([newer, first]).findings, [newer], 'of equals the first');
  const apart: readonly Partial<Finding>[] = [
    { packageId: 'x' },
    { packageName: 'x' },
    { packagePath: 'x' },
    { installedVersion: 'x' },
    { vulnerabilityId: 'x' },
  ];
  assert.equal(filter([finding({}), ...apart.map(finding)]).findings.length, apart.length + 1);
});

const purlOf = (one: Finding): string => (one.fixedVersion === '9' ? 'pkg:npm/a' : 'pkg:npm/b');

test('filters: duplicates are sought after exceptions', () => {
  const exceptions = parseIgnoreFile('vulnerabilities:\n  - id: CVE-1\n    purls: ["pkg:npm/a"]\n', 'x.yaml');
  const { findings, suppressed } = filter([finding({ fixedVersion: '9' }), finding({ fixedVersion: '1' })], {
    exceptions,
    purlOf,
  });
  assert.deepEqual(
    findings.map((one) => one.fixedVersion),
    ['1'],
  );
  assert.equal(suppressed.length, 1);
});

test('filters: order', () => {
  const sorted = [
    finding({ packageName: 'B' }),
    finding({ packageName: 'a', packageId: 'a@1', installedVersion: '10' }),
    finding({
      packageName: 'a',
      packageId: 'a@1',
      installedVersion: '9',
      severity: 'CRITICAL',
      vulnerabilityId: 'CVE-99',
    }),
    finding({ packageName: 'a', packageId: 'a@1', installedVersion: '9', vulnerabilityId: 'CVE-10' }),
    finding({ packageName: 'a', packageId: 'a@1', installedVersion: '9', vulnerabilityId: 'CVE-9' }),
    finding({ packageName: 'a', packageId: 'a@1', installedVersion: '9', vulnerabilityId: 'CVE-9', packagePath: 'p' }),
    finding({ packageName: 'a', packageId: 'b' }),
    finding({ packageName: 'é' }),
    finding({ packageName: '\uffee' }),
    finding({ packageName: '\u{10000}' }),
  ];
  assert.deepEqual(filter([...sorted].reverse()).findings, sorted);
});

const keys = (of: readonly Finding[]): readonly string[] =>
  [...new Set(of.map((one) => `${one.vulnerabilityId} ${one.packageName}`))].sort();

test('filters: nothing is lost and nothing is made up', () => {
  const findings = fc.array(
    fc.record({
      vulnerabilityId: fc.constantFrom('CVE-1', 'CVE-2', 'CVE-3'),
      packageName: fc.constantFrom('a', 'b', '\ud800', '😀'),
      fixedVersion: fc.constantFrom('', '1', '2'),
      severity: fc.constantFrom(...severities),
    }),
  );
  fc.assert(
    fc.property(findings, (list) => {
      const given = list.map((members) => finding(members));
      const { findings: left } = filter(given);
      assert.ok(left.every((one) => given.includes(one)));
      assert.deepEqual(keys(left), keys(given));
      assert.equal(left.length, keys(left).length);
      for (const [i, one] of left.entries()) {
        const next = left[i + 1];
        if (next && next.packageName === one.packageName)
          assert.ok(severityRank(next.severity) <= severityRank(one.severity));
      }
    }),
  );
});

test('filters: many findings against many exceptions', () => {
  const findings = Array.from({ length: 20_000 }, (_, i) => finding({ vulnerabilityId: `CVE-${i}` }));
  const exceptions = parseIgnoreFile(Array.from({ length: 50_000 }, (_, i) => `CVE-${2 * i}`).join('\n'), 'x');
  assert.equal(filter(findings, { exceptions }).suppressed.length, 10_000);
});
