import assert from 'node:assert/strict';
import test from 'node:test';
import { mayLeadTo, reachOfAddress, reachOfHost, type Reach } from './addresses.js';

const reaches: Readonly<Record<Reach, readonly string[]>> = {
  public: [
    '1.2.3.4',
    '172.32.0.1',
    '192.169.0.1',
    '2606:4700::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fd12::1',
    '::ffff:10.1.1.1',
    '64:ff9b::a01:101',
  ],
  loopback: [
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
  ],
  special: [
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    '[febf::1]',
    'ff02::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:0.0.0.0',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '::a9fe:a9fe',
    'no address',
    '',
  ],
};

for (const [reach, addresses] of Object.entries(reaches)) {
  test(`addresses that are ${reach}`, () => {
    for (const address of addresses) assert.equal(reachOfAddress(address), reach, address);
  });
}

test('hosts of URLs, however they are spelt', () => {
  const cases: readonly (readonly [string, Reach | undefined])[] = [
    ['http://2852039166/', 'special'],
    ['http://0xa9fea9fe/', 'special'],
    ['http://0251.0376.0251.0376/', 'special'],
    ['http://169.254.43518/', 'special'],
    ['http://169.254.169.254./', 'special'],
    ['http://[::ffff:169.254.169.254]/', 'special'],
    ['http://0/', 'special'],
    ['http://127.1/', 'loopback'],
    ['http://0x7f.1/', 'loopback'],
    ['http://LOCALHOST/', 'loopback'],
    ['http://localhost./', 'loopback'],
    ['http://registry.localhost/', 'loopback'],
    ['http://metadata.google.internal/', 'special'],
    ['http://METADATA.google.internal./', 'special'],
    ['http://instance-data/', 'special'],
    ['http://0xa/', 'special'],
    ['http://10.1/', 'private'],
    ['http://registry.example/', undefined],
    ['http://localhost.example/', undefined],
    ['http://notlocalhost/', undefined],
  ];
  for (const [url, reach] of cases) assert.equal(reachOfHost(new URL(url).hostname), reach, url);
});

test('nobody leads to special addresses, and none nearer than itself', () => {
  const all: readonly Reach[] = ['public', 'private', 'loopback', 'special'];
  const allowed = all.map((from) => all.filter((to) => mayLeadTo(from, to)));
  assert.deepEqual(allowed, [
    ['public'],
    ['public', 'private'],
    ['public', 'private', 'loopback'],
    ['public', 'private'],
  ]);
});
