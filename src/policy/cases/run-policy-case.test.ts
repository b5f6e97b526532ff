import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  explainImage,
  explainPolicy,
  loadPolicy,
  parsePolicy,
  parsePolicyCases,
  PolicyError,
  runPolicyCase,
} from '../index.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();
const now = new Date('2026-12-01T00:00:00Z');
const policy = parsePolicy(
  `apiVersion: tidewaiter.dev/v1
kind: Policy
rules:
  - {name: ours, registries: {allow: [a.io]}}
  - {name: pinned, digest: true, action: warn, match: {namespaces: [prod]}}
  - {name: clean, vulnerabilities: {severity: HIGH}}
`,
  'p.yaml',
);

test('the cases of the examples come out as they say', async () => {
  for (const name of ['allowlist', 'production', 'audit-first', 'expressions', 'policy-engine']) {
    const read = (file: string): string => readFileSync(join(repoRoot, 'examples', 'policies', file), 'utf8');
    const example = await loadPolicy(read(`${name}.yaml`), name);
    for (const one of parsePolicyCases(read(`${name}.test.yaml`), name).cases) {
      assert.deepEqual(runPolicyCase(example, one, { now }).differences, [], `${name}: ${one.name}`);
    }
  }
});

test('a difference is told: the outcome, rules that should speak, and rules that should not', () => {
  const { cases } = parsePolicyCases(
    `cases:
  - {name: a, image: b.io/x:1, expect: pass}
  - {name: b, image: b.io/x:1, namespace: prod, expect: {outcome: fail, denies: [clean], warns: []}}
  - {image: a.io/x:1, scan: pending, expect: {outcome: incomplete, denies: [clean]}}
  - {image: a.io/x:1, scan: {findings: [{severity: HIGH}]}, expect: {outcome: fail, denies: [clean]}}
  - {image: "", expect: fail}
`,
    'cases.yaml',
  );
  const counts = cases.map((one) => runPolicyCase(policy, one, { now }).differences.length);
  assert.deepEqual(counts, [1, 3, 0, 0, 0]);
  assert.deepEqual(
    cases.map(({ name, line }) => [name, line]),
    [
      ['a', 2],
      ['b', 3],
      ['case 3', 4],
      ['case 4', 5],
      ['case 5', 6],
    ],
  );
});

test('cases that cannot be read are an error with a line', () => {
  for (const text of [
    '',
    'cases: x\n',
    'case: []\n',
    'cases: [{image: a}]\n',
    'cases: [{image: a, expect: passes}]\n',
    'cases: [{image: a, expect: {denies: [x]}}]\n',
    'cases: [{image: 1, expect: pass}]\n',
    'cases: [{image: a, scan: soon, expect: pass}]\n',
    'cases: [{image: a, scan: {unknowns: [NONE]}, expect: pass}]\n',
    'cases: [{image: a, now: today, expect: pass}]\n',
    'cases: [{image: a, object: [], expect: pass}]\n',
    'cases: [{image: a, object: gone, expect: pass}]\n',
    'cases: [{image: a, request: {verb: x}, expect: pass}]\n',
    'cases: [{image: a, request: {groups: x}, expect: pass}]\n',
    'cases: [{image: a, opa: {allow: 1}, expect: pass}]\n',
    'cases: [{image: a, opa: {r: {denied: []}}, expect: pass}]\n',
    'cases: [{image: a, opa: later, expect: pass}]\n',
    'cases: [\n',
  ]) {
    assert.throws(
      () => parsePolicyCases(text, 'cases.yaml'),
      (error) =>
        error instanceof PolicyError && error.code === 'INVALID_CASES' && /^cases\.yaml:\d+: /.test(error.message),
      text,
    );
  }
});

test('a policy is explained rule by rule, and a name by the entry that decides', () => {
  const rules = explainPolicy(policy, { now });
  assert.deepEqual(
    rules.map(({ rule, action }) => [rule, action]),
    [
      ['ours', 'deny'],
      ['pinned', 'warn'],
      ['clean', 'deny'],
    ],
  );
  const answers = (image: string, namespace?: string): readonly string[] =>
    explainImage(policy, image, { now, namespace }).map(({ answer }) => answer);
  assert.deepEqual(answers('a.io/x:1'), ['met', 'open', 'open']);
  assert.deepEqual(answers('b.io/x:1', 'prod'), ['broken', 'broken', 'open']);
  assert.deepEqual(answers('a.io/x:1', 'dev'), ['met', 'not for it', 'open']);
  assert.deepEqual(answers('a.io/X'), ['broken', 'open', 'broken']);
  assert.match(explainImage(policy, 'a.io/x:1', { now })[0]?.why ?? '', /a\.io\/x is allowed by the entry a\.io/);
});
