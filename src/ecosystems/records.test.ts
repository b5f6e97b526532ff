import assert from 'node:assert/strict';
import test from 'node:test';
import { distributionOf, distributions, ecosystemOf, ecosystems, families, type OperatingSystem } from './index.js';

const now = new Date('2026-11-24T09:00:00Z');

function bucketOf(operatingSystem: OperatingSystem, release?: string): string | undefined {
  const repository = release === undefined ? undefined : { family: 'alpine', release };
  return distributionOf(operatingSystem.family)?.matching?.bucket({ operatingSystem, repository, now });
}

test('a release has the bucket that the database names it by', () => {
  assert.equal(bucketOf({ family: 'alpine', name: '3.11.6' }), 'alpine 3.11');
  assert.equal(bucketOf({ family: 'alpine', name: '3.21.0_alpha20240807' }), 'alpine 3.21');
  assert.equal(bucketOf({ family: 'alpine', name: 'edge' }), 'alpine edge');
  assert.equal(bucketOf({ family: 'debian', name: '11.6' }), 'debian 11');
  assert.equal(bucketOf({ family: 'debian', name: 'bookworm/sid' }), 'debian bookworm/sid');
  assert.equal(bucketOf({ family: 'ubuntu', name: '22.04' }), 'ubuntu 22.04');
  assert.equal(bucketOf({ family: 'ubuntu', name: '18.04', extended: true }), 'ubuntu 18.04-ESM');
  assert.equal(bucketOf({ family: 'ubuntu', name: '24.04', extended: true }), 'ubuntu 24.04');
  assert.equal(bucketOf({ family: 'ubuntu', name: '22.10', extended: true }), 'ubuntu 22.10-ESM');
  assert.equal(bucketOf({ family: 'ubuntu', name: '99.04', extended: true }), 'ubuntu 99.04-ESM');
  assert.equal(bucketOf({ family: 'wolfi', name: '20230201' }), 'wolfi');
  assert.equal(bucketOf({ family: 'chainguard', name: '20230214' }), 'chainguard');
  assert.equal(bucketOf({ family: 'minimos', name: '1' }), 'minimos');
  assert.equal(bucketOf({ family: 'echo', name: '1' }), 'echo');
});

test('the repository decides the release of Alpine, if it names one', () => {
  const os = { family: 'alpine', name: '3.11.6' };
  assert.equal(bucketOf(os, '3.12'), 'alpine 3.12');
  assert.equal(bucketOf(os, '3.12.1'), 'alpine 3.12');
  assert.equal(bucketOf(os, 'edge'), 'alpine edge');
  assert.equal(bucketOf(os, 'latest-stable'), 'alpine 3.11');
  assert.equal(bucketOf(os, ''), 'alpine 3.11');
  assert.equal(
    distributionOf('alpine')?.matching?.bucket({
      operatingSystem: os,
      repository: { family: 'wolfi', release: '3.12' },
      now,
    }),
    'alpine 3.11',
  );
});

test('every family of the specification has a record, and only some are matched', () => {
  assert.deepEqual(families, distributions.map(({ family }) => family).toSorted());
  assert.equal(new Set(families).size, families.length);
  const matched = distributions.flatMap((record) => ('matching' in record ? [record.family] : []));
  assert.deepEqual(matched, ['alpine', 'chainguard', 'debian', 'echo', 'minimos', 'ubuntu', 'wolfi']);
  for (const family of [
    'redhat',
    'centos',
    'rocky',
    'alma',
    'oracle',
    'amazon',
    'photon',
    'azurelinux',
    'cbl-mariner',
    'sles',
    'slem',
    'opensuse-leap',
    'opensuse-tumbleweed',
    'bottlerocket',
    'coreos',
    'fedora',
  ]) {
    assert.ok(distributionOf(family), family);
  }
  assert.equal(distributionOf('none'), undefined);
  assert.equal(distributionOf('constructor'), undefined);
});

test('names are normalised as the keys of the database are', () => {
  assert.equal(ecosystemOf('python-pkg')?.normalizeName('Zope.Interface_X'), 'zope.interface-x');
  assert.equal(ecosystemOf('node-pkg')?.normalizeName('@Babel/Core'), '@babel/core');
  assert.equal(ecosystemOf('jar'), undefined);
  assert.equal(ecosystemOf('toString'), undefined);
});

test('installed packages share a target', () => {
  assert.equal(ecosystemOf('node-pkg')?.aggregatedTarget, 'Node.js');
  assert.equal(ecosystemOf('python-pkg')?.aggregatedTarget, 'Python');
  assert.equal(ecosystemOf('npm')?.aggregatedTarget, undefined);
  assert.equal(new Set(ecosystems.map(({ id }) => id)).size, ecosystems.length);
});
