import assert from 'node:assert/strict';
import test from 'node:test';
import type { OpaNeed, PolicySubject } from '../policy/index.js';
import { policyInput } from './policy-input.js';

const digest = `sha256:${'a'.repeat(64)}`;

/** As OPA is sent it. */
function sent(subject: PolicySubject, needs: readonly OpaNeed[] = []): unknown {
  return JSON.parse(JSON.stringify(policyInput(subject, { policy: 'door', rule: 'engine', needs })));
}

test('an ImageReview tells names and the namespace', () => {
  assert.deepEqual(sent({ images: [{ text: 'nginx', place: { slot: 'container' } }], namespace: 'shop' }), {
    apiVersion: 'tidewaiter.dev/v1',
    kind: 'PolicyInput',
    policy: 'door',
    rule: 'engine',
    needs: [],
    namespace: 'shop',
    images: [
      {
        text: 'nginx',
        name: 'docker.io/library/nginx:latest',
        registry: 'docker.io',
        repository: 'library/nginx',
        tag: 'latest',
        official: true,
        slot: 'container',
      },
    ],
  });
});

test('names that are none, files, and digests without tags', () => {
  const { images } = sent({
    images: [{ text: 'Nginx' }, { text: '/tmp/a.tar', nameless: true }, { text: `quay.io/team/app@${digest}` }],
  }) as { images: readonly Readonly<Record<string, unknown>>[] };
  const [broken, file, pinned] = images;
  assert.equal(typeof broken?.['problem'], 'string');
  assert.equal(broken?.['registry'], undefined);
  assert.deepEqual(file, { text: '/tmp/a.tar', nameless: true });
  assert.equal(pinned?.['tag'], undefined);
  assert.equal(pinned?.['digest'], digest);
  assert.equal(pinned?.['official'], false);
});

test('all that is known is told', () => {
  const subject: PolicySubject = {
    images: [
      {
        text: 'registry.example.com/shop/web:1',
        place: { slot: 'initContainer', name: 'wait', field: 'spec.initContainers[0].image' },
        unchanged: false,
        scan: {
          state: 'scanned',
          facts: {
            digest,
            scannedAt: '2026-11-24T00:00:00Z',
            databaseUpdatedAt: '2026-11-23T00:00:00Z',
            findings: [
              {
                vulnerabilityId: 'CVE-2026-1',
                packageName: 'openssl',
                installedVersion: '1',
                fixedVersion: '2',
                severity: 'CRITICAL',
                cvss: 9.8,
              },
            ],
            unknowns: [{ code: 'OUTSIDE_COVERAGE', subject: 'x', reason: 'y.' }],
          },
        },
      },
      { text: 'other:1', scan: { state: 'pending' } },
      { text: 'third:1', scan: { state: 'missing', code: 'SCAN_FAILED', reason: 'down' } },
    ],
    labels: { app: 'web' },
    object: { apiVersion: 'v1', kind: 'Pod', name: 'web' },
    request: { operation: 'CREATE', user: 'jane', groups: ['dev'] },
    workload: { state: 'assessed', podSecurity: 'none', kubesec: { score: 3 }, unknowns: [] },
  };
  const document = sent(subject, ['scan', 'workload']) as Record<string, unknown> & {
    images: Record<string, unknown>[];
  };
  const [web, other, third] = document.images;
  assert.deepEqual([web?.['slot'], web?.['container'], web?.['unchanged']], ['initContainer', 'wait', false]);
  assert.deepEqual(web?.['scan'], {
    state: 'scanned',
    digest,
    scannedAt: '2026-11-24T00:00:00Z',
    databaseUpdatedAt: '2026-11-23T00:00:00Z',
    findings: [{ id: 'CVE-2026-1', package: 'openssl', installed: '1', fixed: '2', severity: 'CRITICAL', cvss: 9.8 }],
    unknowns: [{ code: 'OUTSIDE_COVERAGE', subject: 'x', reason: 'y.' }],
  });
  assert.deepEqual(other?.['scan'], { state: 'pending' });
  assert.deepEqual(third?.['scan'], { state: 'missing', code: 'SCAN_FAILED', reason: 'down' });
  assert.deepEqual(document['object'], { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } });
  assert.deepEqual(document['request'], { operation: 'CREATE', user: 'jane', groups: ['dev'] });
  assert.deepEqual(document['workload'], {
    state: 'assessed',
    podSecurity: 'none',
    kubesec: { score: 3 },
    findings: [],
    unknowns: [],
  });
  const source = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: {} };
  assert.deepEqual((sent({ ...subject, source }) as { object: unknown }).object, source);
  // Whatever other rules need: an engine that was not told of findings finds out on the first try.
  const plain = sent(subject) as { images: object[] };
  assert.ok(!('workload' in plain) && plain.images.every((image) => !('scan' in image)));
});
