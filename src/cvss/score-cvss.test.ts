import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { scoreCvss } from './index.js';

// Scores as the National Vulnerability Database, the CVSS guides and the FIRST calculator publish them.
const published: readonly (readonly [vector: string, version: string, score: number, severity: string])[] = [
  ['AV:N/AC:L/Au:N/C:N/I:N/A:C', '2.0', 7.8, 'HIGH'], // CVE-2002-0392
  ['AV:N/AC:L/Au:N/C:C/I:C/A:C', '2.0', 10, 'HIGH'], // CVE-2003-0818
  ['AV:L/AC:H/Au:N/C:C/I:C/A:C', '2.0', 6.2, 'MEDIUM'], // CVE-2003-0062
  ['AV:N/AC:L/Au:N/C:P/I:N/A:N', '2.0', 5, 'MEDIUM'], // CVE-2014-0160
  ['AV:N/AC:L/Au:N/C:N/I:P/A:P', '2.0', 6.4, 'MEDIUM'], // CVE-2019-10744
  ['AV:N/AC:M/Au:N/C:P/I:N/A:N', '2.0', 4.3, 'MEDIUM'], // CVE-2014-3566
  ['AV:L/AC:L/Au:N/C:N/I:N/A:N', '2.0', 0, 'LOW'],
  ['AV:L/AC:L/Au:N/C:P/I:N/A:N', '2.0', 2.1, 'LOW'],
  ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', '3.0', 7.5, 'HIGH'],
  ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', '3.0', 6.4, 'MEDIUM'], // CVE-2013-0375
  ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', '3.0', 8.8, 'HIGH'],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', '3.1', 7.5, 'HIGH'], // CVE-2020-1967
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', '3.1', 10, 'CRITICAL'], // CVE-2021-44228
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 9.8, 'CRITICAL'], // CVE-2014-6271
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H', '3.1', 9.1, 'CRITICAL'], // CVE-2019-10744
  ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', '3.1', 3.1, 'LOW'], // CVE-2014-3566 (3.4 with S:C)
  ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:L/I:N/A:N', '3.1', 3.4, 'LOW'],
  ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', '3.1', 7.8, 'HIGH'], // CVE-2021-4034
  ['CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 6.8, 'MEDIUM'], // CVE-2014-2019 has 4.6 with C:N, A:N
  ['CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N', '3.1', 4.6, 'MEDIUM'],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', '3.1', 6.1, 'MEDIUM'], // the usual cross-site scripting
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', '3.1', 0, 'UNKNOWN'],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O', '3.1', 9.8, 'CRITICAL'],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3, 'CRITICAL'],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', '4.0', 10, 'CRITICAL'],
  ['CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 7.3, 'HIGH'], // CVE-2022-41741
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N', '4.0', 5.3, 'MEDIUM'],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N', '4.0', 0, 'UNKNOWN'],
];

test('vectors have the scores that are published for them', () => {
  for (const [vector, version, score, severity] of published) {
    assert.deepEqual(scoreCvss(vector), { version, score, severity }, vector);
  }
});

test('what is no complete vector has no score', () => {
  const wrong = [
    '',
    'x',
    'AV:N',
    'AV:N/AC:L/Au:N/C:P/I:P',
    'AV:N/AC:L/Au:N/C:P/I:P/A:Q',
    'AV:N/AC:L/Au:N/C:P/I:P/A:P/A:P',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:N',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/ZZ:H',
    'CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:5.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'cvss:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N',
    'AV:N/'.repeat(100_000),
  ];
  for (const vector of wrong) assert.equal(scoreCvss(vector), undefined, vector.slice(0, 80));
});

test('no text makes it throw', () => {
  const metrics = fc.constantFrom(
    'AV:N',
    'AC:L',
    'PR:N',
    'UI:N',
    'S:C',
    'C:H',
    'I:H',
    'A:X',
    'Au:N',
    'VC:H',
    'E:X',
    '__proto__:N',
  );
  const vector = fc
    .tuple(fc.constantFrom('', 'CVSS:3.1/', 'CVSS:4.0/', 'CVSS:3.0/'), fc.array(metrics))
    .map(([prefix, list]) => prefix + list.join('/'));
  fc.assert(
    fc.property(fc.oneof(fc.string(), vector), (text) => {
      const scored = scoreCvss(text);
      assert.ok(scored === undefined || (scored.score >= 0 && scored.score <= 10));
    }),
    { numRuns: 300 },
  );
});
