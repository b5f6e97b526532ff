import assert from 'node:assert/strict';
import test from 'node:test';
import { type OperatingSystem, type Package, purlOf } from './index.js';

interface Case {
  readonly type: string;
  readonly os?: OperatingSystem;
  readonly item: Partial<Package>;
  readonly purl: string | undefined;
}

const cases: readonly Case[] = [
  {
    type: 'apk',
    os: { family: 'alpine', name: '3.9.4' },
    item: { name: 'musl', version: '1.1.20-r4', arch: 'x86_64' },
    purl: 'pkg:apk/alpine/musl@1.1.20-r4?arch=x86_64&distro=3.9.4',
  },
  {
    type: 'apk',
    os: { family: 'alpine', name: '3.11.6' },
    item: { name: 'libstdc++', version: '9.2.0-r4', arch: 'x86_64' },
    purl: 'pkg:apk/alpine/libstdc%2B%2B@9.2.0-r4?arch=x86_64&distro=3.11.6',
  },
  {
    type: 'apk',
    os: { family: 'wolfi', name: '20230201' },
    item: { name: 'Upper', version: '1-r0' },
    purl: 'pkg:apk/wolfi/upper@1-r0?distro=20230201',
  },
  {
    type: 'dpkg',
    os: { family: 'debian', name: '9.9' },
    item: { name: 'libssl1.1', version: '1.1.0k', release: '1~deb9u1', arch: 'amd64' },
    purl: 'pkg:deb/debian/libssl1.1@1.1.0k-1~deb9u1?arch=amd64&distro=debian-9.9',
  },
  {
    type: 'dpkg',
    os: { family: 'ubuntu', name: '18.04', extended: true },
    item: { name: 'g++', version: '7.4.0', release: '1ubuntu2.3', epoch: 4, arch: 'amd64' },
    purl: 'pkg:deb/ubuntu/g%2B%2B@7.4.0-1ubuntu2.3?arch=amd64&distro=ubuntu-18.04&epoch=4',
  },
  {
    type: 'dpkg',
    os: { family: 'debian', name: 'bookworm/sid' },
    item: { name: 'tar', version: '1.34' },
    purl: 'pkg:deb/debian/tar@1.34?distro=debian-bookworm%2Fsid',
  },
  {
    type: 'apk',
    os: { family: 'debian', name: '12' },
    item: { name: 'musl', version: '1.1.20-r4', arch: 'x86_64' },
    purl: 'pkg:deb/debian/musl@1.1.20-r4?arch=x86_64&distro=debian-12',
  },
  {
    type: 'rpm',
    os: { family: 'redhat', name: '7.7' },
    item: { name: 'openssl-libs', version: '1.0.2k', release: '16.el7', epoch: 1, arch: 'x86_64' },
    purl: 'pkg:rpm/redhat/openssl-libs@1.0.2k-16.el7?arch=x86_64&distro=redhat-7.7&epoch=1',
  },
  {
    type: 'rpm',
    os: { family: 'amazon', name: '2 (Karoo)' },
    item: { name: 'curl', version: '7.61.1', release: '9.amzn2.0.1', arch: 'x86_64' },
    purl: 'pkg:rpm/amazon/curl@7.61.1-9.amzn2.0.1?arch=x86_64&distro=amazon-2%20%28Karoo%29',
  },
  {
    type: 'rpm',
    os: { family: 'sles', name: '15.4' },
    item: { name: 'npm', version: '1', release: '2', modularityLabel: 'nodejs:12:80:x' },
    purl: 'pkg:rpm/suse/npm@1-2?distro=sles-15.4&modularitylabel=nodejs:12:80:x',
  },
  { type: 'node-pkg', item: { name: '@babel/core', version: '7.0.0' }, purl: 'pkg:npm/%40babel/core@7.0.0' },
  { type: 'npm', item: { name: 'JSONStream', version: '1.0.3+b1' }, purl: 'pkg:npm/jsonstream@1.0.3%2Bb1' },
  {
    type: 'node-pkg',
    os: { family: 'alpine', name: '3.11' },
    item: { name: 'lodash', version: '4.17.4' },
    purl: 'pkg:npm/lodash@4.17.4',
  },
  { type: 'python-pkg', item: { name: 'Flask_Login', version: '1!0.5' }, purl: 'pkg:pypi/flask-login@1%210.5' },
  { type: 'python-pkg', item: { name: 'zope.interface', version: '' }, purl: 'pkg:pypi/zope.interface' },
  { type: 'python-pkg', item: { name: 'x\ud800y', version: '1' }, purl: 'pkg:pypi/x%EF%BF%BDy@1' },
  { type: 'apk', os: { family: 'none', name: '' }, item: { name: 'musl', version: '1' }, purl: undefined },
  { type: 'apk', item: { name: 'musl', version: '1' }, purl: undefined },
];

test('package URLs are spelt as the specification and other tools spell them', () => {
  for (const { type, os, item, purl } of cases) {
    const whole: Package = { id: '', name: '', version: '', ...item };
    assert.equal(purlOf(whole, { type, operatingSystem: os }), purl);
  }
});
