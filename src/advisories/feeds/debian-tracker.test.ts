import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoriesOf, databaseOf } from '../../../test/support/advisory-feed.js';

const release = (members: object): object => ({
  repositories: { bookworm: '1-1' },
  urgency: 'not yet assigned',
  ...members,
});
const tracker = JSON.stringify({
  bash: {
    'CVE-2019-18276': {
      description: 'An issue was discovered',
      scope: 'local',
      releases: {
        bookworm: release({ status: 'resolved', fixed_version: '5.1-1', urgency: 'medium' }),
        bullseye: release({ status: 'open', urgency: 'unimportant' }),
        buster: release({ status: 'open', nodsa: 'Minor issue', nodsa_reason: 'ignored', urgency: 'low**' }),
        stretch: release({ status: 'open', nodsa: 'Minor issue', nodsa_reason: 'postponed' }),
        jessie: release({ status: 'open', urgency: 'end-of-life', fixed_version: '9' }),
        wheezy: release({ status: 'undetermined' }),
        squeeze: release({ status: 'resolved', fixed_version: '0' }),
        sid: release({ status: 'resolved', fixed_version: '5.1-1' }),
      },
    },
    'TEMP-0000001-ABCDEF': { releases: { bookworm: release({ status: 'open', nodsa: 'x', nodsa_reason: '' }) } },
    'CVE-2000-1': { description: 'Rejected reason: not a flaw', releases: { bookworm: release({ status: 'open' }) } },
  },
});

test('state, fix and urgency of each release', async (t) => {
  const database = await databaseOf(t, { 'debian.json': tracker });
  const of = (bucket: string): unknown => advisoriesOf(database, bucket, 'bash')['CVE-2019-18276'];
  assert.deepEqual(of('debian 12'), { fixedVersion: '5.1-1', severity: 2 });
  assert.deepEqual(of('debian 11'), { status: 2, severity: 1 });
  assert.deepEqual(of('debian 10'), { status: 5, severity: 1 });
  assert.deepEqual(of('debian 9'), { status: 6 });
  assert.deepEqual(of('debian 8'), { status: 7 });
  assert.equal(of('debian 7'), undefined);
  assert.equal(of('debian 6'), undefined);
  assert.equal(database.hasBucket('debian 6'), true, 'reviewed, with nothing known');
  assert.equal(database.vulnerability('CVE-2019-18276')?.description, 'An issue was discovered');
});

test('temporary ids are kept, rejected ones go', async (t) => {
  const database = await databaseOf(t, { 'debian.json': tracker });
  assert.deepEqual(Object.keys(advisoriesOf(database, 'debian 12', 'bash')), ['CVE-2019-18276', 'TEMP-0000001-ABCDEF']);
  assert.equal(database.vulnerability('CVE-2000-1'), undefined);
});
