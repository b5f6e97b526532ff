import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { podSecurityCases } from '../../../test/kubernetes/pod-security-cases.js';
import { repoPath } from '../../../test/support/paths.js';
import type { JsonValue } from '../../formats/index.js';
import {
  evaluatePodSecurity,
  forbiddingControls,
  parsePodSecurityVersion,
  podSecurityControls,
  podSecuritySummary,
  type PodSecurityResult,
} from './index.js';

const hardened = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const container = { name: 'app', image: 'a', securityContext: hardened };
const ofSpec = (spec: JsonValue): PodSecurityResult => evaluatePodSecurity({ spec });

test('the standard: what each level forbids', async (t) => {
  assert.ok(podSecurityCases.length >= 150);
  for (const { name, version, pod, baseline, restricted } of podSecurityCases) {
    await t.test(name, () => {
      const result = evaluatePodSecurity(pod, parsePodSecurityVersion(version));
      assert.deepEqual([...forbiddingControls(result, 'baseline')].sort(), [...baseline].sort());
      assert.deepEqual([...forbiddingControls(result, 'restricted')].sort(), [...restricted].sort());
      const reached = restricted.length > 0 ? 'baseline' : 'restricted';
      assert.equal(result.level, baseline.length > 0 ? 'privileged' : reached);
      assert.deepEqual(result.unassessed, []);
    });
  }
});
