import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogTree, type LayerTree, whiteout } from '../../test/support/cataloger-tester.js';
import { operatingSystemOf } from './distribution-of-layers.js';

const osRelease = (id: string, version: string): string => `ID=${id}\nVERSION_ID=${version}\n`;
const lsb = 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\n';
const esm = JSON.stringify({ services: [{ name: 'esm-infra', status: 'enabled' }] });
const rhel = 'Red Hat Enterprise Linux Server release 7.6 (Maipo)\n';

const cases: readonly (readonly [what: string, layers: readonly LayerTree[], expected: string | undefined])[] = [
  ['nothing', [{}], undefined],
  [
    'Ubuntu, whose debian_version names a branch of Debian',
    [{ 'etc/debian_version': 'buster/sid\n', 'etc/lsb-release': lsb, 'etc/os-release': osRelease('ubuntu', '18.04') }],
    'ubuntu 18.04',
  ],
  [
    'Ubuntu without lsb-release',
    [{ 'etc/debian_version': 'buster/sid\n', 'etc/os-release': osRelease('ubuntu', '18.04') }],
    'ubuntu 18.04',
  ],
  [
    'Ubuntu with extended maintenance',
    [{ 'etc/debian_version': 'buster/sid\n', 'etc/lsb-release': lsb, 'var/lib/ubuntu-advantage/status.json': esm }],
    'ubuntu 18.04 extended',
  ],
  [
    'extended maintenance in an upper layer',
    [{ 'etc/lsb-release': lsb }, { 'var/lib/ubuntu-advantage/status.json': esm }],
    'ubuntu 18.04 extended',
  ],
  [
    'extended maintenance below',
    [{ 'var/lib/ubuntu-advantage/status.json': esm }, { 'etc/lsb-release': lsb }],
    'ubuntu 18.04 extended',
  ],
  [
    'Debian in both files',
    [{ 'etc/debian_version': '11.6\n', 'etc/os-release': osRelease('debian', '11') }],
    'debian 11.6',
  ],
  ['Debian in os-release alone', [{ 'usr/lib/os-release': osRelease('debian', '11') }], 'debian 11'],
  [
    'Debian, os-release again in an upper layer',
    [{ 'etc/debian_version': '11.6\n' }, { 'etc/os-release': osRelease('debian', '11') }],
    'debian 11.6',
  ],
  ['Debian, upgraded', [{ 'etc/debian_version': '11.6\n' }, { 'etc/debian_version': '11.7\n' }], 'debian 11.7'],
  [
    'Debian by os-release, then by its own file',
    [{ 'etc/os-release': osRelease('debian', '11') }, { 'etc/debian_version': '11.6\n' }],
    'debian 11.6',
  ],
  [
    'a derivative of Debian in an upper layer',
    [{ 'etc/debian_version': '11.6\n' }, { 'etc/lsb-release': lsb }],
    'ubuntu 18.04',
  ],
  [
    'Alpine, upgraded: the lowest layer decides',
    [{ 'etc/alpine-release': '3.11.5\n' }, { 'etc/alpine-release': '3.12.0\n' }],
    'alpine 3.11.5',
  ],
  [
    'Alpine in both files',
    [{ 'etc/os-release': osRelease('alpine', '3.11'), 'etc/alpine-release': '3.11.5\n' }],
    'alpine 3.11.5',
  ],
  [
    'CentOS: the longer release',
    [
      {
        'etc/os-release': osRelease('centos', '7'),
        'etc/centos-release': 'CentOS Linux release 7.6.1810 (Core)\n',
        'etc/redhat-release': 'CentOS Linux release 7.6.1810 (Core)\n',
      },
    ],
    'centos 7.6.1810',
  ],
  [
    'Oracle over Red Hat',
    [{ 'etc/oracle-release': 'Oracle Linux Server release 7.6\n', 'etc/redhat-release': rhel }],
    'oracle 7.6',
  ],
  [
    'Oracle in a layer above Red Hat',
    [{ 'etc/redhat-release': rhel }, { 'etc/oracle-release': 'Oracle Linux Server release 7.6\n' }],
    'oracle 7.6',
  ],
  [
    'Red Hat: os-release over redhat-release',
    [{ 'etc/redhat-release': rhel, 'etc/os-release': osRelease('rhel', '7.6.1') }],
    'redhat 7.6.1',
  ],
  [
    'a removed file takes nothing back',
    [{ 'etc/alpine-release': '3.11.5\n' }, { 'etc/alpine-release': whiteout }],
    'alpine 3.11.5',
  ],
  [
    'Amazon in its own file',
    [{ 'etc/system-release': 'Amazon Linux release 2 (Karoo)\n', 'etc/os-release': osRelease('amzn', '2') }],
    'amazon 2 (Karoo)',
  ],
  ['Echo over Debian', [{ 'etc/debian_version': '12.5\n', 'etc/os-release': osRelease('echo', '1') }], 'echo 1'],
];
for (const [what, layers, expected] of cases) {
  test(`${what}: ${expected ?? 'no system'}`, () => {
    const facts = layers.map((tree) => catalogTree(tree).facts.operatingSystems);
    const { operatingSystem } = operatingSystemOf(facts);
    const text =
      operatingSystem &&
      `${operatingSystem.family} ${operatingSystem.name}${operatingSystem.extended ? ' extended' : ''}`;
    assert.equal(text, expected);
    assert.deepEqual(operatingSystemOf(facts.map((layer) => layer.toReversed())).operatingSystem, operatingSystem);
  });
}
