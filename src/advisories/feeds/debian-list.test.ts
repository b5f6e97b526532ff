import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoriesOf, databaseOf } from '../../../test/support/advisory-feed.js';

const list = `[29 Mar 2023] DSA-5380-1 xorg-server - security update
	{CVE-2023-1393}
	[bullseye] - xorg-server 2:1.20.11-1+deb11u6
	[buster] - xorg-server <end-of-life>
	[stretch] - xorg-server <not-affected> (Vulnerable code not present)
	NOTE: words
[17 Mar 2023] DSA-5356-2 sox - regression update
	[bullseye] - sox 14.4.2+git20190427-2+deb11u2
[16 Mar 2023] DSA-5355-1 sox - security update
	{CVE-2020-1 CVE-2020-2 CVE-2020-XXXX }
	[bullseye] - sox 14.4.2-3 (medium)
	[bullseye] - other <unfixed>
	[sid] - sox 99
[01 Jan 2010] DSA-1-1 old - security update
	{CVE-2020-1}
	[bullseye] - sox 14.4.2-10
	[sarge] - old 1.0-1
	[woody] - old 0.9-1
`;

test('each CVE of an advisory, with the advisory as vendor id', async (t) => {
  const database = await databaseOf(t, { 'DSA.list': list });
  assert.deepEqual(advisoriesOf(database, 'debian 11', 'xorg-server'), {
    'CVE-2023-1393': { fixedVersion: '2:1.20.11-1+deb11u6', vendorIds: ['DSA-5380-1'] },
  });
  assert.deepEqual(advisoriesOf(database, 'debian 10', 'xorg-server'), {
    'CVE-2023-1393': { status: 7, vendorIds: ['DSA-5380-1'] },
  });
  assert.deepEqual(advisoriesOf(database, 'debian 9', 'xorg-server'), {});
  assert.equal(database.advisories('debian 11', 'sox').advisories[0]?.dataSource?.id, 'debian');
});

test('of several fixes the highest counts, an advisory without CVEs stands under its own id', async (t) => {
  const database = await databaseOf(t, { 'DSA.list': list });
  assert.deepEqual(advisoriesOf(database, 'debian 11', 'sox'), {
    'CVE-2020-1': { fixedVersion: '14.4.2-10', vendorIds: ['DSA-5355-1', 'DSA-1-1'] },
    'CVE-2020-2': { fixedVersion: '14.4.2-3', vendorIds: ['DSA-5355-1'] },
    'DSA-5356-2': { fixedVersion: '14.4.2+git20190427-2+deb11u2' },
  });
  assert.equal(database.vulnerability('DSA-5356-2')?.title, 'sox - regression update');
  assert.deepEqual(Object.keys(advisoriesOf(database, 'debian 11', 'other')), ['CVE-2020-1', 'CVE-2020-2']);
});

test('releases of one major number are kept apart, and sid is none', async (t) => {
  const database = await databaseOf(t, { 'DSA.list': list });
  assert.deepEqual(database.bucketsWithPrefix('debian '), ['debian 10', 'debian 11', 'debian 3.0', 'debian 3.1']);
});
