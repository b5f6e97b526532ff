import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { memoryAdvisories } from '../../test/support/memory-advisories.js';
import type { Package } from '../ecosystems/index.js';
import { type AdvisoryIndex, matchApplication, matchOsPackages } from './index.js';

const options = { severitySources: ['auto'], now: new Date(0) };

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', '1.0.0', '1.0-r0', '<2', '>=1.0.0, <2.0.0', '*', '||', '~>', '__proto__'),
);
const texts = fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined });
const record = fc.record({
  fixedVersion: fc.option(text, { nil: undefined }),
  affectedVersion: fc.option(text, { nil: undefined }),
  vulnerableVersions: texts,
  patchedVersions: texts,
  unaffectedVersions: texts,
  status: fc.option(fc.integer({ min: -2, max: 12 }), { nil: undefined }),
  severity: fc.option(fc.integer({ min: -2, max: 12 }), { nil: undefined }),
});

test('whatever packages and advisories say, there is an answer, and each is a finding, silence or an unknown', () => {
  fc.assert(
    fc.property(text, text, record, (name, version, advisory) => {
      const item: Package = { id: '', name, version };
      const index = memoryAdvisories({
        buckets: Object.fromEntries(
          ['alpine 3.11', 'debian 10', 'npm::x', 'pip::x'].map((bucket) => [
            bucket,
            { [name]: { 'CVE-1': advisory }, [name.toLowerCase()]: { 'CVE-1': advisory } },
          ]),
        ),
      });
      const results = [
        matchOsPackages(index, { operatingSystem: { family: 'alpine', name: '3.11' }, packages: [item] }, options),
        matchOsPackages(index, { operatingSystem: { family: 'debian', name: '10' }, packages: [item] }, options),
        matchApplication(index, { type: 'node-pkg', packages: [item] }, options),
        matchApplication(index, { type: 'python-pkg', packages: [item] }, options),
      ];
      for (const { findings, unknowns } of results) assert.ok(findings.length + unknowns.length <= 1);
    }),
    { numRuns: 500 },
  );
});

test('a database that turns out to be corrupt ends the matching', () => {
  const broken: AdvisoryIndex = {
    ...memoryAdvisories({ buckets: { 'alpine 3.11': {} } }),
    advisories: () => {
      throw new Error('corrupt');
    },
  };
  const input = {
    operatingSystem: { family: 'alpine', name: '3.11' },
    packages: [{ id: '', name: 'a', version: '1' }],
  };
  assert.throws(() => matchOsPackages(broken, input, options), /corrupt/);
});
