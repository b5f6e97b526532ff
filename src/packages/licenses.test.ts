import assert from 'node:assert/strict';
import test from 'node:test';
import { normalizeLicense, splitLicenseExpression, splitLicenses } from './licenses.js';

const prose: readonly (readonly [text: string, names: readonly string[]])[] = [
  ['', []],
  ['GPL-2+', ['GPL-2+']],
  ['GPL-2+ and MIT', ['GPL-2+', 'MIT']],
  ['GPL-2+ or MIT, ISC', ['GPL-2+', 'MIT', 'ISC']],
  ['Apache License, Version 2.0', ['Apache License, Version 2.0']],
  ['GPL_or_MIT_and_ISC', ['GPL', 'MIT', 'ISC']],
  ['GPL v2 or later', ['GPL v2 or later']],
  ['GNU Library or Lesser General Public License, MIT', ['GNU Library or Lesser General Public License', 'MIT']],
  ['see https://example.com', ['text://see https://example.com']],
  ['Permission is hereby granted', ['text://Permission is hereby granted']],
];
for (const [text, names] of prose) {
  test(`divides ${JSON.stringify(text)}`, () => assert.deepEqual(splitLicenses(text), names));
}

test('divides expressions leniently', () => {
  assert.deepEqual(splitLicenseExpression('GPL-2.0-or-later AND (MIT or BSD)'), ['GPL-2.0-or-later', 'MIT', 'BSD']);
  assert.deepEqual(splitLicenseExpression('GPL-3.0 WITH GCC-exception-3.1 LGPL-2.1'), [
    'GPL-3.0 WITH GCC-exception-3.1',
    'LGPL-2.1',
  ]);
  assert.deepEqual(splitLicenseExpression(' WITH '), ['WITH']);
});

const names: readonly (readonly [name: string, id: string])[] = [
  ['Apache License, Version 2.0', 'Apache-2.0'],
  ['The Apache Software License, Version 2.0', 'Apache-2.0'],
  ['Expat', 'MIT'],
  ['MIT License', 'MIT'],
  ['BSD-3-clause', 'BSD-3-Clause'],
  ['GPLv2+', 'GPL-2.0-or-later'],
  ['GPL-2.0', 'GPL-2.0-only'],
  ['GPL-2.0-only', 'GPL-2.0-only'],
  ['LGPL-2.1+', 'LGPL-2.1-or-later'],
  ['GPL-3', 'GPL-3.0-only'],
  ['GNU General Public License v3 or later', 'GPL-3.0-or-later'],
  ['MPL 2.0', 'MPL-2.0'],
  ['zlib', 'Zlib'],
  ['GPL-3.0+ WITH GCC-exception-3.1', 'GPL-3.0-or-later WITH GCC-exception-3.1'],
  ['Our own words', 'Our own words'],
  ['constructor', 'constructor'],
];
for (const [name, id] of names) test(`${name} is ${id}`, () => assert.equal(normalizeLicense(name), id));

test('long texts cost no time worth speaking of', () => {
  assert.equal(splitLicenses(' or '.repeat(500_000)).length, 1);
  assert.ok(splitLicenseExpression('('.repeat(500_000)).length === 0);
  normalizeLicense('-'.repeat(500_000));
});
