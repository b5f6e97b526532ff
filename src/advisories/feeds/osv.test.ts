import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoriesOf, databaseOf } from '../../../test/support/advisory-feed.js';

const record = (id: string, ecosystem: string, name: string, members: object = {}, affected: object = {}): object => ({
  id,
  modified: '2024-01-01T00:00:00Z',
  affected: [{ package: { ecosystem, name }, ranges: [range(['introduced', '0'], ['fixed', '2.0'])], ...affected }],
  ...members,
});
const range = (...events: readonly (readonly [string, string])[]): object => ({
  type: 'ECOSYSTEM',
  events: events.map(([kind, version]) => ({ [kind]: version })),
});
const files = (...records: readonly object[]): Record<string, string> =>
  Object.fromEntries(records.map((item, i) => [`${i}.json`, JSON.stringify(item)]));

test('language records stand under each CVE alias, in a bucket of their source', async (t) => {
  const database = await databaseOf(
    t,
    files(
      record('GHSA-jf85-cpcp-j695', 'npm', 'Lodash', {
        aliases: ['CVE-2019-10744', 'SNYK-1'],
        summary: 'Prototype pollution',
        details: 'words',
        published: '2019-07-10T00:00:00Z',
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H' }],
        database_specific: { severity: 'CRITICAL', cwe_ids: ['CWE-1321'] },
        references: [
          { type: 'WEB', url: 'HTTPS://GitHub.com/lodash' },
          { type: 'WEB', url: 'https://a.example/' },
        ],
      }),
      record('PYSEC-2020-1', 'PyPI', 'Zope_Page.X', {}),
      record('GO-2020-1', 'Go', 'golang.org/x/Net', { related: ['CVE-2020-9'] }),
      record('RUSTSEC-2020-1', 'crates.io', 'Tar'),
      record('GHSA-x', 'SwiftURL', 'https://github.com/Org/Thing.git'),
    ),
  );
  assert.deepEqual(advisoriesOf(database, 'npm::GitHub Security Advisory npm', 'lodash'), {
    'CVE-2019-10744': {
      vulnerableVersions: ['<2.0'],
      patchedVersions: ['2.0'],
      vendorIds: ['SNYK-1', 'GHSA-jf85-cpcp-j695'],
    },
  });
  const detail = database.vulnerability('CVE-2019-10744');
  assert.equal(detail?.title, 'Prototype pollution');
  assert.deepEqual(detail?.vendorSeverity, { ghsa: 'CRITICAL' });
  assert.equal(detail?.cvss?.ghsa?.v3Score, 9.1);
  assert.deepEqual(detail?.references, ['https://a.example/', 'https://github.com/lodash']);
  assert.equal(detail?.publishedDate, undefined, 'a date of GitHub’s is none of the CVE');
  const go = database.advisories('go::The Go Vulnerability Database', 'golang.org/x/Net').advisories;
  assert.deepEqual(
    go.map(({ vulnerabilityId }) => vulnerabilityId),
    ['GO-2020-1'],
    'related is no alias here',
  );
  assert.ok('PYSEC-2020-1' in advisoriesOf(database, 'pip::Python Packaging Advisory Database', 'zope-page.x'));
  assert.ok('RUSTSEC-2020-1' in advisoriesOf(database, 'cargo::RustSec Advisory Database', 'tar'));
  assert.ok('GHSA-x' in advisoriesOf(database, 'swift::GitHub Security Advisory Swift', 'github.com/Org/Thing'));
});

test('ranges and versions become constraint texts', async (t) => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['a', { ranges: [range(['introduced', '1.0.0'], ['fixed', '2.0.0'])] }, ['>=1.0.0, <2.0.0']],
    ['b', { ranges: [range(['introduced', '0'], ['last_affected', '3.0.0'])] }, ['<=3.0.0']],
    ['c', { ranges: [range(['introduced', '4.0.0'])] }, ['>=4.0.0']],
    ['d', { ranges: [range(['introduced', '5.0.0'], ['last_affected', '5.0.0'])] }, ['=5.0.0']],
    ['e', { ranges: [range(['introduced', '0'])] }, ['>=0']],
    [
      'f',
      { ranges: [range(['introduced', '0'], ['fixed', '1.0.0'], ['introduced', '2.0.0'], ['fixed', '2.1.0'])] },
      ['<1.0.0', '>=2.0.0, <2.1.0'],
    ],
    [
      'g',
      { ranges: [range(['introduced', '1.0.0'], ['fixed', '2.0.0'])], versions: ['1.5.0', '2.0.0', '0.9.0'] },
      ['>=1.0.0, <2.0.0', '=2.0.0', '=0.9.0'],
    ],
    ['h', { ranges: [], versions: ['1.0.0'] }, ['=1.0.0']],
    ['i', { ranges: [{ type: 'GIT', events: [{ introduced: 'abc' }] }], versions: ['1.0.0'] }, ['=1.0.0']],
  ];
  const database = await databaseOf(
    t,
    files(...cases.map(([name, affected]) => record(`GHSA-${name}`, 'npm', name, {}, affected))),
  );
  for (const [name, , expected] of cases) {
    const [advisory] = database.advisories('npm::GitHub Security Advisory npm', name).advisories;
    assert.deepEqual(advisory?.vulnerableVersions, expected, name);
  }
});

test('two records about the same CVE and package add up', async (t) => {
  const database = await databaseOf(
    t,
    files(
      record('GHSA-1', 'npm', 'a', { aliases: ['CVE-1-1'] }),
      record('GHSA-2', 'npm', 'a', { aliases: ['CVE-1-1'] }, { ranges: [range(['introduced', '3'], ['fixed', '4'])] }),
    ),
  );
  assert.deepEqual(advisoriesOf(database, 'npm::GitHub Security Advisory npm', 'a'), {
    'CVE-1-1': {
      vulnerableVersions: ['<2.0', '>=3, <4'],
      patchedVersions: ['2.0', '4'],
      vendorIds: ['GHSA-1', 'GHSA-2'],
    },
  });
});

test('errata of distributions: the related CVEs, the lowest fix, the stream of a module', async (t) => {
  const fixed = (version: string): object => ({ ranges: [range(['introduced', '0'], ['fixed', version])] });
  const database = await databaseOf(
    t,
    files(
      record(
        'ALSA-2021:2',
        'AlmaLinux:8',
        'bash',
        { related: ['CVE-2021-1'], summary: 'Important: bash security update' },
        fixed('4.4-20.el8'),
      ),
      record(
        'ALSA-2021:1',
        'AlmaLinux:8',
        'bash',
        { related: ['CVE-2021-1'], summary: 'Moderate: bash security update' },
        fixed('4.4-9.el8'),
      ),
      record('ALBA-2021:3', 'AlmaLinux:9', 'bash', { related: [], summary: 'bash bug fix update' }, fixed('5-1')),
      record(
        'ALSA-2021:4',
        'AlmaLinux:8',
        'npm',
        { related: ['CVE-2021-2'], summary: 'Low: nodejs:12 security update' },
        fixed('1:6-1.module_el8.3.0+1'),
      ),
    ),
  );
  assert.deepEqual(advisoriesOf(database, 'alma 8', 'bash'), {
    'CVE-2021-1': { fixedVersion: '4.4-9.el8', vendorIds: ['ALSA-2021:1'] },
  });
  assert.deepEqual(advisoriesOf(database, 'alma 9', 'bash'), { 'ALBA-2021:3': { fixedVersion: '5-1' } });
  assert.ok('CVE-2021-2' in advisoriesOf(database, 'alma 8', 'nodejs:12::npm'));
  assert.deepEqual(database.vulnerability('CVE-2021-1')?.vendorSeverity, { alma: 'HIGH' });
});

test('records of distributions go where their release stands', async (t) => {
  const database = await databaseOf(
    t,
    files(
      record('ALPINE-CVE-2024-1', 'Alpine:v3.18', 'zlib', { upstream: ['CVE-2024-1'] }),
      record('DEBIAN-CVE-2024-2', 'Debian:11', 'zlib', { upstream: ['CVE-2024-2'] }),
      record('DSA-1-1', 'Debian:12', 'zlib', { related: ['CVE-2024-3'] }),
      record('UBUNTU-CVE-2024-4', 'Ubuntu:22.04:LTS', 'zlib', {}, { ranges: [range(['introduced', '0'])] }),
      record('UBUNTU-CVE-2024-5', 'Ubuntu:Pro:18.04:LTS', 'zlib', { upstream: ['CVE-2024-5'] }),
      record('RLSA-1', 'Rocky Linux:9', 'zlib', { related: ['CVE-2024-6'] }),
      record('X-1', 'Hackage', 'zlib'),
    ),
  );
  assert.deepEqual(advisoriesOf(database, 'alpine 3.18', 'zlib'), { 'CVE-2024-1': { fixedVersion: '2.0' } });
  assert.deepEqual(advisoriesOf(database, 'debian 11', 'zlib'), { 'CVE-2024-2': { fixedVersion: '2.0' } });
  assert.deepEqual(advisoriesOf(database, 'debian 12', 'zlib'), {
    'CVE-2024-3': { fixedVersion: '2.0', vendorIds: ['DSA-1-1'] },
  });
  assert.deepEqual(advisoriesOf(database, 'ubuntu 22.04', 'zlib'), { 'CVE-2024-4': {} });
  assert.deepEqual(advisoriesOf(database, 'ubuntu 18.04-ESM', 'zlib'), { 'CVE-2024-5': { fixedVersion: '2.0' } });
  assert.deepEqual(advisoriesOf(database, 'rocky 9', 'zlib'), {
    'CVE-2024-6': { fixedVersion: '2.0', vendorIds: ['RLSA-1'] },
  });
});

test('withdrawn and rejected records are left out; an array holds several', async (t) => {
  const database = await databaseOf(t, {
    'all.json': JSON.stringify([
      record('GHSA-1', 'npm', 'a', { withdrawn: '2024-01-01T00:00:00Z' }),
      record('GHSA-2', 'npm', 'a', { details: '** REJECT ** not a flaw' }),
      record('GHSA-3', 'npm', 'a'),
    ]),
  });
  assert.deepEqual(Object.keys(advisoriesOf(database, 'npm::GitHub Security Advisory npm', 'a')), ['GHSA-3']);
});
