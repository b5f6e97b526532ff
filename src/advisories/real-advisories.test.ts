import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoriesOf } from '../../test/support/advisory-feed.js';
import { sharedIsAbsent, sharedPath, temporaryFolder } from '../../test/support/paths.js';
import { createContext } from '../core/index.js';
import { buildDatabase, openDatabase } from './index.js';

const now = new Date('2026-01-02T03:04:05Z');

/** What the published files say, counted and looked up by hand; the numbers are keys of (bucket, package, id). */
const expectations: Readonly<Record<string, { readonly packages: number; readonly advisories: number }>> = {
  'alpine-secdb': { packages: 1651, advisories: 11_786 },
  'debian-dsa-dla': { packages: 4402, advisories: 34_388 },
  'osv-go': { packages: 1367, advisories: 6071 },
};

for (const [name, { packages, advisories }] of Object.entries(expectations)) {
  test(`${name} becomes what it says`, async (t) => {
    const source = sharedPath('data', 'advisories', `${name}.tar.zst`);
    if (!source) return t.skip(sharedIsAbsent);
    const built = await buildDatabase(createContext(), { sources: [source], outDir: temporaryFolder(t), now });
    assert.deepEqual([built.packages, built.advisories], [packages, advisories]);
    return undefined;
  });
}

test('all the real advisories in one database', async (t) => {
  const source = sharedPath('data', 'advisories');
  if (!source) return t.skip(sharedIsAbsent);
  const outDir = temporaryFolder(t);
  const built = await buildDatabase(createContext(), { sources: [source], outDir, now });
  assert.deepEqual(built.feeds, [
    { feed: 'alpine-secdb', files: 18 },
    { feed: 'debian-list', files: 2 },
    { feed: 'osv', files: 9971 },
  ]);
  const database = openDatabase(outDir, { kind: 'file' });
  t.after(() => database.close());
  const at = (bucket: string, packageName: string, id: string): unknown =>
    advisoriesOf(database, bucket, packageName)[id];
  assert.deepEqual(at('alpine 3.10', 'apache2', 'CVE-2019-10081'), { fixedVersion: '2.4.41-r0' });
  assert.deepEqual(at('alpine 3.5', 'openssl', 'CVE-2017-3738'), { fixedVersion: '1.0.2o-r0' });
  assert.deepEqual(at('debian 11', 'xorg-server', 'CVE-2023-1393'), {
    fixedVersion: '2:1.20.11-1+deb11u6',
    vendorIds: ['DSA-5380-1'],
  });
  assert.deepEqual(at('debian 10', 'systemd', 'CVE-2023-26604'), {
    fixedVersion: '241-7~deb10u9',
    vendorIds: ['DLA-3377-1'],
  });
  assert.deepEqual(at('debian 11', 'sox', 'DSA-5356-2'), { fixedVersion: '14.4.2+git20190427-2+deb11u2' });
  assert.deepEqual(at('alma 8', 'gupnp', 'CVE-2021-33516'), {
    fixedVersion: '1.0.6-2.el8_4',
    vendorIds: ['ALSA-2021:2363'],
  });
  assert.deepEqual(database.vulnerability('CVE-2021-33516')?.vendorSeverity, { alma: 'HIGH' });
  assert.deepEqual(at('go::The Go Vulnerability Database', 'github.com/coder/coder/v2', 'GO-2024-3228'), {
    vulnerableVersions: ['>=2.3.1, <2.14.4', '>=2.15.0, <2.15.3', '>=2.16.0, <2.16.1'],
    patchedVersions: ['2.14.4', '2.15.3', '2.16.1'],
    vendorIds: ['GHSA-wcx9-ccpj-hx3c'],
  });
  assert.equal(database.hasBucket('alpine 3.14'), false, 'there is no data of this release');
  return undefined;
});
