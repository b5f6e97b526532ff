import assert from 'node:assert/strict';
import test from 'node:test';
import type { ScanSource } from '../admission/index.js';
import type { FindingFact, ScanKnowledge } from '../policy/index.js';
import { withFirstSeen } from './first-seen-scans.js';

const finding: FindingFact = {
  vulnerabilityId: 'CVE-1',
  packageName: 'openssl',
  installedVersion: '1',
  fixedVersion: '',
  severity: 'HIGH',
};
const scanned: ScanKnowledge = { state: 'scanned', facts: { findings: [finding], unknowns: [] } };
const sourceOf = (found: ScanKnowledge): ScanSource => ({ findScan: () => Promise.resolve(found) });
const later = Number.POSITIVE_INFINITY;

void test('findings get the time of their repository, and dry runs are not recorded', async () => {
  const asked: unknown[] = [];
  const firstSeen = {
    withTimes: async <Finding>(
      { registry, repository }: { registry: string; repository: string },
      all: readonly Finding[],
      how: object,
    ) => {
      asked.push([registry, repository, Reflect.get(how, 'record')]);
      return all.map((one) => ({ ...one, firstSeenAt: '2026-11-24T00:00:00Z' }));
    },
  };
  const source = withFirstSeen({ source: sourceOf(scanned), firstSeen, log: assert.fail });
  const found = await source.findScan('nginx:1', later);
  assert.equal(found.state === 'scanned' && found.facts.findings[0]?.firstSeenAt, '2026-11-24T00:00:00Z');
  await source.findScan('nginx:2', later, { dryRun: true });
  assert.deepEqual(asked, [
    ['docker.io', 'library/nginx', true],
    ['docker.io', 'library/nginx', false],
  ]);
  const pending: ScanKnowledge = { state: 'pending' };
  assert.deepEqual(
    await withFirstSeen({ source: sourceOf(pending), firstSeen, log: assert.fail }).findScan('x', later),
    pending,
  );
});

void test('what goes wrong there is told, and leaves the findings without a time', async () => {
  const told: string[] = [];
  const firstSeen = { withTimes: () => Promise.reject(new Error('no')) };
  const source = withFirstSeen({ source: sourceOf(scanned), firstSeen, log: (text) => void told.push(text) });
  assert.deepEqual(await source.findScan('nginx', later), scanned);
  assert.equal(told.length, 1);
});
