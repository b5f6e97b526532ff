import assert from 'node:assert/strict';
import test from 'node:test';
import { endOfLife, type OperatingSystem } from './index.js';

const now = new Date('2026-11-24T09:00:00Z');

const cases: readonly (readonly [OperatingSystem, date: string | undefined, reached: boolean, known: boolean])[] = [
  [{ family: 'alpine', name: '3.11.6' }, '2021-11-01', true, true],
  [{ family: 'alpine', name: '3.21.0_alpha20240807' }, '2026-12-05', false, true],
  [{ family: 'alpine', name: 'edge' }, undefined, false, true],
  [{ family: 'alpine', name: '9.9' }, undefined, false, false],
  [{ family: 'debian', name: '10.3' }, '2024-06-30', true, true],
  [{ family: 'debian', name: '12' }, '2028-06-10', false, true],
  [{ family: 'debian', name: '13.1' }, undefined, false, true],
  [{ family: 'debian', name: '6.0.10' }, '2016-02-29', true, true],
  [{ family: 'debian', name: 'bookworm/sid' }, undefined, false, false],
  [{ family: 'ubuntu', name: '18.04' }, '2023-05-31', true, true],
  [{ family: 'ubuntu', name: '18.04', extended: true }, '2028-03-31', false, true],
  [{ family: 'ubuntu', name: '24.04', extended: true }, '2034-03-31', false, true],
  [{ family: 'centos', name: '7.6.1810' }, '2024-06-30', true, true],
  [{ family: 'amazon', name: '2 (Karoo)' }, '2026-06-30', true, true],
  [{ family: 'amazon', name: '2023.3.20240108 (Amazon Linux)' }, '2028-03-15', false, true],
  [{ family: 'amazon', name: 'AMI release 2018.03' }, '2023-12-31', true, true],
  [{ family: 'photon', name: '5.0' }, undefined, false, true],
  [{ family: 'redhat', name: '9.2' }, undefined, false, true],
  [{ family: 'sles', name: '15.4' }, '2023-12-31', true, true],
  [{ family: 'opensuse-leap', name: '15.6' }, '2025-12-31', true, true],
  [{ family: 'wolfi', name: '20230201' }, undefined, false, true],
  [{ family: 'debian', name: 'constructor' }, undefined, false, false],
  [{ family: 'plan9', name: '4' }, undefined, false, false],
];

test('the end of a release is the last second of its day', () => {
  for (const [os, day, reached, known] of cases) {
    const date = day === undefined ? undefined : `${day}T23:59:59Z`;
    const { date: found, reached: isReached, known: isKnown } = endOfLife(os, now);
    assert.deepEqual([found, isReached, isKnown], [date, reached, known], `${os.family} ${os.name}`);
  }
});

test('support lasts up to the second before the end', () => {
  const os = { family: 'alpine', name: '3.22' };
  assert.equal(endOfLife(os, new Date('2027-04-30T23:59:58Z')).reached, false);
  assert.equal(endOfLife(os, new Date('2027-04-30T23:59:59Z')).reached, true);
});
