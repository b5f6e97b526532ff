import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryAdvisories, type MemoryDatabase } from '../../test/support/memory-advisories.js';
import type { OperatingSystem, Package, SourcePackage } from '../ecosystems/index.js';
import { type MatchResult, matchOsPackages, type OsMatchInput } from './index.js';

const now = new Date('2026-11-24T09:00:00Z');
const alpine: OperatingSystem = { family: 'alpine', name: '3.11.6' };
const debian: OperatingSystem = { family: 'debian', name: '10.3' };

function pack(name: string, version: string, more: Partial<Package> = {}): Package {
  return { id: `${name}@${version}`, name, version, source: { name, version }, ...more };
}

/** A binary package of a Debian source, with the release apart. */
function deb(name: string, version: string, release: string, source: Partial<SourcePackage> = {}): Package {
  const id = `${name}@${version}-${release}`;
  return { id, name, version, release, source: { name, version, release, ...source } };
}

function match(
  database: MemoryDatabase,
  input: Partial<OsMatchInput> & Pick<OsMatchInput, 'packages'>,
  severitySources = ['auto'],
): MatchResult {
  return matchOsPackages(memoryAdvisories(database), { operatingSystem: alpine, ...input }, { severitySources, now });
}

function codes({ unknowns }: MatchResult): readonly string[] {
  return unknowns.map(({ code }) => code);
}

function ids({ findings }: MatchResult): readonly string[] {
  return findings.map(({ packageName, vulnerabilityId }) => `${packageName} ${vulnerabilityId}`);
}

test('Alpine: the source version below the fixed one is affected, with everything a report says', () => {
  const dataSource = { id: 'alpine', name: 'Alpine Secdb', url: 'https://secdb.alpinelinux.org/' };
  const libssl = pack('libssl1.1', '1.1.1d-r3', { source: { name: 'openssl', version: '1.1.1d-r3' } });
  const { findings, unknowns, coverage } = match(
    {
      buckets: { 'alpine 3.11': { openssl: { 'CVE-2020-1967': { fixedVersion: '1.1.1g-r0', vendorIds: ['x'] } } } },
      dataSources: { 'alpine 3.11': dataSource },
      vulnerabilities: { 'CVE-2020-1967': { title: 'crash', vendorSeverity: { nvd: 3 } } },
    },
    { packages: [libssl] },
  );
  assert.deepEqual(findings, [
    {
      packageId: 'libssl1.1@1.1.1d-r3',
      packageName: 'libssl1.1',
      packagePath: undefined,
      installedVersion: '1.1.1d-r3',
      vulnerabilityId: 'CVE-2020-1967',
      vendorIds: undefined,
      fixedVersion: '1.1.1g-r0',
      status: 'fixed',
      severity: 'HIGH',
      severitySource: 'nvd',
      detail: { title: 'crash', vendorSeverity: { nvd: 'HIGH' } },
      primaryUrl: 'https://avd.aquasec.com/nvd/cve-2020-1967',
      dataSource,
      custom: undefined,
      match: { bucket: 'alpine 3.11', lookedUp: 'openssl', compared: '1.1.1d-r3', range: '< 1.1.1g-r0' },
    },
  ]);
  assert.deepEqual(unknowns, []);
  assert.deepEqual(coverage, [{ scope: 'alpine 3.11', packages: 1, reviewed: 1 }]);
});

test('Alpine: which advisories hold', () => {
  const cases: readonly (readonly [advisory: object, isAffected: boolean, range?: string])[] = [
    [{ fixedVersion: '1.1.1d-r3' }, false],
    [{ fixedVersion: '1.1.1d-r4' }, true, '< 1.1.1d-r4'],
    [{ fixedVersion: '1.1.1c-r9' }, false],
    [{ fixedVersion: '0' }, false],
    [{}, true, 'no fixed version'],
    [{ affectedVersion: '1.1.1d-r3', fixedVersion: '1.1.1g-r0' }, true, '>= 1.1.1d-r3, < 1.1.1g-r0'],
    [{ affectedVersion: '1.1.1e-r0', fixedVersion: '1.1.1g-r0' }, false],
    [{ affectedVersion: '1.1.1a-r0' }, true, '>= 1.1.1a-r0, no fixed version'],
    [{ affectedVersion: '1.1.1e-r0' }, false],
    [{ status: 5, severity: 1 }, true, 'no fixed version'],
  ];
  for (const [advisory, isAffected, range] of cases) {
    const database = { buckets: { 'alpine 3.11': { openssl: { 'CVE-1': advisory } } } };
    const { findings, unknowns } = match(database, { packages: [pack('openssl', '1.1.1d-r3')] });
    assert.equal(findings.length, isAffected ? 1 : 0, JSON.stringify(advisory));
    assert.equal(findings[0]?.match.range, range);
    assert.deepEqual(unknowns, []);
    if (isAffected) assert.equal(findings[0]?.severity, 'UNKNOWN');
    if (isAffected && !('fixedVersion' in advisory)) assert.equal(findings[0]?.status, 'affected');
  }
});

test('Alpine: the repository decides the release, unless the user named the distribution', () => {
  const buckets = {
    'alpine 3.11': { musl: { 'CVE-OLD': {} } },
    'alpine 3.12': { musl: { 'CVE-NEW': {} } },
    'alpine edge': { musl: { 'CVE-EDGE': {} } },
  };
  const packages = [pack('musl', '1.1.24-r2')];
  const of = (release: string, more: Partial<OsMatchInput> = {}): MatchResult =>
    match({ buckets }, { packages, repository: { family: 'alpine', release }, ...more });
  assert.deepEqual(ids(of('3.11')), ['musl CVE-OLD']);
  assert.deepEqual(of('3.11').notices, []);
  assert.deepEqual(ids(of('3.12.1')), ['musl CVE-NEW']);
  assert.equal(of('3.12').notices?.length, 1);
  assert.deepEqual(ids(of('edge')), ['musl CVE-EDGE']);
  assert.deepEqual(of('edge').notices, []);
  assert.deepEqual(ids(of('latest-stable')), ['musl CVE-OLD']);
  assert.deepEqual(ids(of('3.12', { distroOverridden: true })), ['musl CVE-OLD']);
});

test('Wolfi, Chainguard and MinimOS compare the binary version, and an advisory without a fix says nothing', () => {
  for (const family of ['wolfi', 'chainguard', 'minimos']) {
    const item = pack('libcurl4', '8.0.0-r1', { source: { name: 'curl', version: '7.0.0-r0' } });
    const result = match(
      {
        buckets: {
          [family]: {
            curl: { 'CVE-1': { fixedVersion: '8.0.0-r1' }, 'CVE-2': { fixedVersion: '8.0.0-r2' }, 'CVE-3': {} },
          },
        },
      },
      { operatingSystem: { family, name: '20230201' }, packages: [item] },
    );
    assert.deepEqual(ids(result), ['libcurl4 CVE-2']);
    assert.equal(result.findings[0]?.match.compared, '8.0.0-r1');
  }
});

test('Debian: status, severity of the package and vendor ids', () => {
  const records = {
    'CVE-0': {},
    'CVE-2': { status: 2 },
    'CVE-5': { status: 5, severity: 1 },
    'CVE-6': { status: 6 },
    'CVE-7': { status: 7 },
    'CVE-8': { status: 8 },
    'CVE-9': { fixedVersion: '5.0-5', status: 5, vendorIds: ['DSA-1-1'], severity: 4 },
  };
  const { findings } = match(
    {
      buckets: { 'debian 10': { bash: records } },
      dataSources: { 'debian 10': { id: 'debian', name: 'Debian', url: '' } },
      vulnerabilities: { 'CVE-5': { vendorSeverity: { nvd: 3, debian: 2 } }, 'CVE-6': { vendorSeverity: { nvd: 4 } } },
    },
    { operatingSystem: debian, packages: [deb('bash', '5.0', '4')] },
  );
  const told = findings.map((each) => [each.vulnerabilityId, each.status, each.severity, each.severitySource]);
  assert.deepEqual(told, [
    ['CVE-0', 'affected', 'UNKNOWN', undefined],
    ['CVE-2', 'affected', 'UNKNOWN', undefined],
    ['CVE-5', 'will_not_fix', 'LOW', 'debian'],
    ['CVE-6', 'fix_deferred', 'CRITICAL', 'nvd'],
    ['CVE-7', 'end_of_life', 'UNKNOWN', undefined],
    ['CVE-8', 'unknown', 'UNKNOWN', undefined],
    ['CVE-9', 'fixed', 'CRITICAL', 'debian'],
  ]);
  assert.deepEqual(findings.at(2)?.detail?.vendorSeverity, { nvd: 'HIGH', debian: 'LOW' });
  assert.deepEqual(findings.at(-1)?.vendorIds, ['DSA-1-1']);
  assert.equal(findings.at(-1)?.detail, undefined);
  assert.equal(findings.at(-1)?.primaryUrl, undefined);
});

test('Debian: the source decides, the binary is shown, and shared sources are looked up once', () => {
  const index = memoryAdvisories({
    buckets: { 'debian 10': { glibc: { 'CVE-1': { fixedVersion: '2.28-10+deb10u1' } } } },
  });
  const source = { name: 'glibc' };
  const packages = [
    deb('libc6', '2.28', '10', source),
    deb('libc-bin', '2.28', '10', source),
    deb('libc6-other', '2.28', '10+b1', { name: 'glibc', version: '2.28', release: '10' }),
    deb('locales', '2.28', '11', source),
  ];
  const result = matchOsPackages(index, { operatingSystem: debian, packages }, { severitySources: ['auto'], now });
  assert.deepEqual(ids(result), ['libc6 CVE-1', 'libc-bin CVE-1', 'libc6-other CVE-1']);
  assert.equal(result.findings[2]?.installedVersion, '2.28-10+b1');
  assert.equal(result.findings[2]?.match.compared, '2.28-10');
  assert.deepEqual(index.lookups, ['debian 10 / glibc', 'debian 10 / glibc']);
  assert.deepEqual(result.coverage, [{ scope: 'debian 10', packages: 2, reviewed: 2 }]);
});

test('Debian: epochs count', () => {
  const database = {
    buckets: { 'debian 10': { vim: { 'CVE-1': { fixedVersion: '2:8.1.0-1' }, 'CVE-2': { fixedVersion: '1:9-1' } } } },
  };
  const item: Package = { ...deb('vim', '8.1', '0', { epoch: 2 }), epoch: 2 };
  const result = match(database, { operatingSystem: debian, packages: [item] });
  assert.deepEqual(ids(result), ['vim CVE-1']);
  assert.equal(result.findings[0]?.installedVersion, '2:8.1-0');
});

test('Ubuntu: extended maintenance has its own bucket; no status, no severity of the package, no vendor ids', () => {
  const record = { status: 5, severity: 4, vendorIds: ['USN-1-1'] };
  const buckets = { 'ubuntu 18.04-ESM': { bash: { 'CVE-ESM': record } }, 'ubuntu 18.04': { bash: { 'CVE-STD': {} } } };
  const packages = [deb('bash', '4.4', '1')];
  const result = match({ buckets }, { operatingSystem: { family: 'ubuntu', name: '18.04', extended: true }, packages });
  assert.deepEqual(ids(result), ['bash CVE-ESM']);
  const { status, severity, vendorIds } = result.findings[0] ?? {};
  assert.deepEqual([status, severity, vendorIds], ['affected', 'UNKNOWN', undefined]);
  const standard = match({ buckets }, { operatingSystem: { family: 'ubuntu', name: '18.04' }, packages });
  assert.deepEqual(ids(standard), ['bash CVE-STD']);
});

test('Echo: the source version is shown, too, and third-party packages are matched', () => {
  const item: Package = { ...deb('gh', '2', '1+b1', { version: '2', release: '1' }), origin: 'third-party' };
  const result = match(
    { buckets: { echo: { gh: { 'CVE-1': { status: 6, severity: 3 } } } } },
    { operatingSystem: { family: 'echo', name: '1' }, packages: [item] },
  );
  const { installedVersion, status, severitySource } = result.findings[0] ?? {};
  assert.deepEqual([installedVersion, status, severitySource], ['2-1', 'fix_deferred', 'echo']);
});

test('signing keys and packages of third parties are not matched, and the latter are said', () => {
  const buckets = { 'debian 10': { 'gpg-pubkey': { 'CVE-1': {} }, nginx: { 'CVE-2': {} } } };
  const foreign: Package = { ...deb('nginx', '1.18.0', '2~buster'), origin: 'third-party' };
  const result = match({ buckets }, { operatingSystem: debian, packages: [deb('gpg-pubkey', '1', '1'), foreign] });
  assert.deepEqual(result.findings, []);
  assert.equal(result.notices?.length, 1);
});

test('a package that names no source is its own', () => {
  const item: Package = { id: 'a', name: 'musl', version: '1.0-r0' };
  const result = match(
    { buckets: { 'alpine 3.11': { musl: { 'CVE-1': { fixedVersion: '1.0-r1' } } } } },
    { packages: [item] },
  );
  assert.deepEqual(ids(result), ['musl CVE-1']);
});

test('what cannot be assessed is said, never passed over', () => {
  const packages = [pack('musl', '1.0-r0'), pack('zlib', '1.0-r0')];
  const nothing = match({}, { packages });
  assert.deepEqual(codes(nothing), ['NO_ADVISORIES_FOR_RELEASE']);
  assert.equal(nothing.unknowns[0]?.subject, 'alpine 3.11.6');
  assert.match(nothing.unknowns[0]?.reason ?? '', /alpine 3\.11/);
  assert.deepEqual(nothing.coverage, [{ scope: 'alpine 3.11', packages: 2, reviewed: 0 }]);

  const sid = match(
    { buckets: { 'debian 12': {} } },
    { operatingSystem: { family: 'debian', name: 'bookworm/sid' }, packages },
  );
  assert.deepEqual(codes(sid), ['NO_ADVISORIES_FOR_RELEASE']);

  assert.deepEqual(codes(match({}, { operatingSystem: { family: 'none', name: '' }, packages })), ['NO_OS']);
  assert.deepEqual(codes(match({}, { operatingSystem: undefined, packages })), ['NO_OS']);
  for (const family of ['redhat', 'fedora', 'coreos', 'plan9']) {
    assert.deepEqual(codes(match({}, { operatingSystem: { family, name: '9' }, packages: [] })), ['UNSUPPORTED_OS']);
  }
});

test('an installed version that cannot be read is an unknown once, where an advisory asks for it', () => {
  const advisories = { 'CVE-1': { fixedVersion: '2-r0' }, 'CVE-2': { fixedVersion: '3-r0' }, 'CVE-3': {} };
  const strange = pack('musl', 'not a version');
  const result = match({ buckets: { 'alpine 3.11': { musl: advisories } } }, { packages: [strange, strange] });
  assert.deepEqual(codes(result), ['VERSION_UNPARSABLE']);
  assert.equal(result.unknowns[0]?.subject, 'musl@not a version');
  assert.deepEqual(ids(result), ['musl CVE-3', 'musl CVE-3']);
  assert.deepEqual(codes(match({ buckets: { 'alpine 3.11': {} } }, { packages: [strange] })), []);
});

test('an advisory that cannot be read is an unknown, and the others still count', () => {
  const buckets = {
    'alpine 3.11': {
      musl: { 'CVE-1': 'unreadable', 'CVE-2': { fixedVersion: '!' }, 'CVE-3': { fixedVersion: '9-r0' } },
    },
  } as const;
  const result = match({ buckets }, { packages: [pack('musl', '1-r0')] });
  assert.deepEqual(codes(result), ['ADVISORY_UNREADABLE', 'ADVISORY_UNREADABLE']);
  assert.deepEqual(
    result.unknowns.map(({ subject }) => subject),
    ['CVE-1 of musl', 'CVE-2 of musl'],
  );
  assert.deepEqual(ids(result), ['musl CVE-3']);
});

test('packages outside the coverage are one unknown with their number and some names', () => {
  const packages = Array.from({ length: 9 }, (_, i) => pack(`p${i}`, '1-r0'));
  const result = match({ buckets: { 'alpine 3.11': {} }, coverage: { 'alpine 3.11': ['p0', 'p1'] } }, { packages });
  assert.deepEqual(codes(result), ['OUTSIDE_COVERAGE']);
  assert.match(result.unknowns[0]?.reason ?? '', /^7 of 9 packages.*p2, p3, p4, p5, p6 and 2 more/);
  assert.deepEqual(result.coverage, [{ scope: 'alpine 3.11', packages: 9, reviewed: 2 }]);
});

test('an image without packages asks for no advisories', () => {
  assert.deepEqual(match({}, { packages: [] }), { findings: [], unknowns: [], coverage: [], notices: [] });
});
