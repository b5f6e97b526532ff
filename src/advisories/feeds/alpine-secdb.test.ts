import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoriesOf, databaseOf } from '../../../test/support/advisory-feed.js';

const yaml = `---
# comment
distroversion: v3.10
reponame: main
archs:
  - x86_64
packages:
  - pkg:
      name: xen
      secfixes:
        4.11.1-r0:
          - CVE-2018-1   XSA-297
          - XSA-207
          - CVE_2018-2
        0:
          - CVE-2018-3
        4.12-r1: [CVE-2018-1, GHSA-aaaa]
  - pkg:
      name: none
      secfixes: []
`;
const json = (urlprefix: string): string =>
  JSON.stringify({
    apkurl: '{{urlprefix}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
    archs: ['x86_64'],
    reponame: 'os',
    urlprefix,
    packages: [{ pkg: { name: 'curl', secfixes: { '8.0-r0': ['CVE-2023-1 GHSA-1', 'GHSA-2'], '0': ['CVE-2023-2'] } } }],
  });

test('fixed versions by package; of a cell the first CVE, of several fixes the last', async (t) => {
  const database = await databaseOf(t, { 'main.yaml': yaml });
  assert.deepEqual(advisoriesOf(database, 'alpine 3.10', 'xen'), {
    'CVE-2018-1': { fixedVersion: '4.12-r1' },
    'CVE-2018-2': { fixedVersion: '4.11.1-r0' },
    'CVE-2018-3': { fixedVersion: '0' },
    'GHSA-aaaa': { fixedVersion: '4.12-r1' },
  });
  assert.deepEqual(advisoriesOf(database, 'alpine 3.10', 'none'), {});
  assert.equal(database.advisories('alpine 3.10', 'xen').advisories[0]?.dataSource?.id, 'alpine');
});

test('main and community of one release add up; JSON says the same', async (t) => {
  const other = JSON.stringify({
    distroversion: 'v3.10',
    reponame: 'community',
    packages: [{ pkg: { name: 'xen', secfixes: { '5.0-r0': ['CVE-2018-9'] } } }],
  });
  const database = await databaseOf(t, { 'main.yaml': yaml, 'community.json': other });
  assert.equal(Object.keys(advisoriesOf(database, 'alpine 3.10', 'xen')).length, 5);
});

test('those who took over the form are told by where they publish, and store CVEs only', async (t) => {
  const database = await databaseOf(t, {
    'wolfi.json': json('https://packages.wolfi.dev'),
    'chainguard.json': json('https://packages.cgr.dev/chainguard'),
    'minimos.json': json('https://packages.mini.dev'),
  });
  for (const bucket of ['wolfi', 'chainguard', 'minimos']) {
    assert.deepEqual(advisoriesOf(database, bucket, 'curl'), {
      'CVE-2023-1': { fixedVersion: '8.0-r0' },
      'CVE-2023-2': { fixedVersion: '0' },
    });
    assert.equal(database.advisories(bucket, 'curl').advisories[0]?.dataSource?.id, bucket);
  }
});

test('a release with no packages exists all the same', async (t) => {
  const database = await databaseOf(t, { 'main.yaml': 'distroversion: edge\nreponame: main\npackages:\n' });
  assert.equal(database.hasBucket('alpine edge'), true);
});
