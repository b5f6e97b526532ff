import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogTree } from '../../../test/support/cataloger-tester.js';

/** `family name`, for one file; `?name` for a distribution that we do not know. */
function system(path: string, text: string): string | undefined {
  const { facts } = catalogTree({ [path]: text });
  assert.deepEqual(facts.unknowns, []);
  const fact = facts.operatingSystems[0];
  if (!fact) return undefined;
  assert.equal(fact.path, path);
  return fact.unrecognized === undefined ? `${fact.family} ${fact.name}` : `?${fact.unrecognized}`;
}

const cases: readonly (readonly [path: string, text: string, expected: string | undefined])[] = [
  ['etc/alpine-release', '3.11.6\n', 'alpine 3.11.6'],
  ['etc/alpine-release', '3.17_alpha20221110\nmore', 'alpine 3.17_alpha20221110'],
  ['etc/alpine-release', '', undefined],
  ['etc/debian_version', '10.3\n', 'debian 10.3'],
  ['etc/debian_version', 'bookworm/sid\n', 'debian bookworm/sid'],
  ['etc/debian_version', '\n', 'debian '],
  ['etc/lsb-release', 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\nDISTRIB_CODENAME=bionic\n', 'ubuntu 18.04'],
  ['etc/lsb-release', 'DISTRIB_RELEASE=18.04\nDISTRIB_ID=Ubuntu\n', undefined],
  ['etc/lsb-release', 'DISTRIB_ID=LinuxMint\nDISTRIB_RELEASE=20\n', undefined],
  ['etc/system-release', 'Amazon Linux release 2 (Karoo)\n', 'amazon 2 (Karoo)'],
  [
    'usr/lib/system-release',
    'Amazon Linux release 2023.3.20240108 (Amazon Linux)\n',
    'amazon 2023.3.20240108 (Amazon Linux)',
  ],
  ['etc/system-release', 'Amazon Linux AMI release 2018.03\n', 'amazon AMI release 2018.03'],
  ['etc/system-release', 'Fedora release 31\n', undefined],
  ['etc/centos-release', 'CentOS Linux release 7.6.1810 (Core) \n', 'centos 7.6.1810'],
  ['etc/centos-release', 'CentOS Stream release 8\n', undefined],
  ['etc/centos-release', '\nCentOS Linux release 7.6.1810 (Core)\n', undefined],
  ['etc/rocky-release', 'Rocky Linux release 8.4 (Green Obsidian)\n', 'rocky 8.4'],
  ['etc/almalinux-release', 'AlmaLinux release 8.4 (Electric Cheetah)\n', 'alma 8.4'],
  ['etc/oracle-release', 'Oracle Linux Server release 7.6\n', 'oracle 7.6'],
  ['etc/fedora-release', 'Fedora release 35 (Thirty Five)\n', 'fedora 35'],
  ['usr/lib/fedora-release', 'Fedora Linux release 35\n', 'fedora 35'],
  ['etc/redhat-release', 'Red Hat Enterprise Linux Server release 7.6 (Maipo)\n', 'redhat 7.6'],
  ['etc/redhat-release', 'CentOS release 6.10 (Final)\n', 'centos 6.10'],
  ['etc/redhat-release', 'Scientific Linux release 7.9 (Nitrogen)\n', 'redhat 7.9'],
  ['etc/redhat-release', 'constructor release 7\n', 'redhat 7'],
  ['etc/redhat-release', 'no number here\n', undefined],
  ['etc/os-release', 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.11.6\n', 'alpine 3.11.6'],
  ['usr/lib/os-release', 'ID=\'wolfi\'\nVERSION_ID="20230201"\n', 'wolfi 20230201'],
  ['etc/os-release', 'ID=rhel\nVERSION_ID="8.4"\n', 'redhat 8.4'],
  ['etc/os-release', 'NAME="CentOS Stream"\nID="centos"\nVERSION_ID="9"\n', 'centos-stream 9'],
  ['etc/os-release', 'ID="opensuse"\nVERSION_ID="42.3"\n', 'opensuse-leap 42.3'],
  ['etc/os-release', 'ID=sle-micro-rancher\nVERSION_ID=5.2\n', 'slem 5.2'],
  ['etc/os-release', 'ID=mariner\nVERSION_ID="2.0"\n', 'cbl-mariner 2.0'],
  ['etc/os-release', 'ID = debian \nVERSION_ID = "11" \n', 'debian 11'],
  ['etc/os-release', 'ID=ubuntu\nVERSION_ID="20.04"\n', 'ubuntu 20.04'],
  ['etc/os-release', 'ID=arch\n', '?arch'],
  ['etc/os-release', 'ID=sled\nVERSION_ID=15\n', '?sled'],
  ['etc/os-release', 'ID=debian\n', '?debian without a release'],
  ['etc/os-release', 'VERSION_ID=3\n', undefined],
  ['etc/os-release', 'ID=\0\0\n', undefined],
];
for (const [path, text, expected] of cases) {
  test(`${path}: ${JSON.stringify(text.slice(0, 60))} is ${expected ?? 'nothing'}`, () => {
    assert.equal(system(path, text), expected);
  });
}

test('extended maintenance of Ubuntu', () => {
  const path = 'var/lib/ubuntu-advantage/status.json';
  const status = (name: string, value: string) => JSON.stringify({ services: [1, { name, status: value }] });
  const extended = (text: string) => catalogTree({ [path]: text }).facts.operatingSystems[0]?.extended;
  assert.equal(extended(status('esm-infra', 'enabled')), true);
  assert.equal(extended(status('esm-infra', 'disabled')), undefined);
  assert.equal(extended(status('esm-apps', 'enabled')), undefined);
  const broken = catalogTree({ [path]: '{' }).facts.unknowns;
  assert.deepEqual(
    broken.map((each) => [each.code, each.subject]),
    [['FILE_UNREADABLE', path]],
  );
});

const repositories: readonly (readonly [text: string, expected: string | undefined])[] = [
  [
    'http://dl-cdn.alpinelinux.org/alpine/v3.11/main\nhttp://dl-cdn.alpinelinux.org/alpine/v3.11/community\n',
    'alpine 3.11',
  ],
  ['https://x/alpine/v3.9/main\nhttps://x/alpine/v3.10/main\nhttps://x/alpine/v3.2/main\n', 'alpine 3.10'],
  ['https://x/alpine/v3.9/main\n@edge https://x/alpine/edge/testing\n', 'alpine edge'],
  ['https://x/alpine/latest-stable/main\nhttps://x/alpine/v3.9/main\n', 'alpine latest-stable'],
  ['#http://x/alpine/v3.9/main\n', 'alpine 3.9'],
  ['https://x/alpine/v3.9/main\nhttps://y/postmarketos/v21/main\n', undefined],
  ['/media/cdrom/apks\n', undefined],
  [`${'http://'.repeat(100_000)}\n`, undefined],
];
for (const [text, expected] of repositories) {
  test(`etc/apk/repositories: ${JSON.stringify(text.slice(0, 70))} is ${expected ?? 'nothing'}`, () => {
    const { repository } = catalogTree({ 'etc/apk/repositories': text }).facts;
    assert.equal(repository && `${repository.family} ${repository.release}`, expected);
  });
}

test('package databases that are not read are said, without their bytes', () => {
  const path = 'var/lib/rpm/rpmdb.sqlite';
  const { facts, asked } = catalogTree({ [path]: 'x'.repeat(100), 'var/lib/rpm/other': 'x' });
  assert.deepEqual(asked, []);
  assert.deepEqual(
    facts.unknowns.map((each) => [each.code, each.subject]),
    [['PACKAGE_DATABASE_UNSUPPORTED', path]],
  );
});
