import assert from 'node:assert/strict';
import test from 'node:test';
import type { Finding, Unknown, UnknownCode } from '../findings/index.js';
import { describeFindings, judge, maxReasons, worstVerdict } from './verdict.js';

const finding = { vulnerabilityId: 'CVE-1' } as Finding;
const unknown = (code: UnknownCode, subject = 'x'): Unknown => ({
  code,
  subject,
  reason: `${subject} could not be read.`,
});

const clean = { results: [{ findings: [] }], unknowns: [] };
const found = { results: [{ findings: [finding] }, { findings: [finding, finding] }], unknowns: [] };

test('verdict: findings fail only where a gate is set', () => {
  assert.deepEqual(judge(found), { outcome: 'pass', reasons: [] });
  assert.deepEqual(judge(clean, { failOnFindings: true }), { outcome: 'pass', reasons: [] });
  const verdict = judge(found, { failOnFindings: true, severities: ['HIGH', 'CRITICAL'] });
  assert.deepEqual(verdict, { outcome: 'fail', reasons: ['3 findings at or above HIGH'] });
});

test('verdict: an end of life fails where it was asked for', () => {
  const subject = { ...clean, operatingSystem: { family: 'alpine', name: '3.11.5', endOfLife: true } };
  assert.equal(judge(subject).outcome, 'pass');
  assert.deepEqual(judge(subject, { failOnEndOfLife: true }), {
    outcome: 'fail',
    reasons: ['alpine 3.11.5 is past its end of life'],
  });
});

test('verdict: what could not be assessed is incomplete, unless it is allowed', () => {
  const subject = { ...clean, unknowns: [unknown('FILE_UNREADABLE')] };
  assert.equal(judge(subject).outcome, 'incomplete');
  assert.equal(judge(subject).reasons.length, 1);
  assert.deepEqual(judge(subject, { allowIncomplete: true }), { outcome: 'pass', reasons: [] });
});

test('verdict: a failure beats what is incomplete, and both say why', () => {
  const verdict = judge({ ...found, unknowns: [unknown('NO_OS')] }, { failOnFindings: true });
  assert.equal(verdict.outcome, 'fail');
  assert.deepEqual(verdict.reasons, ['3 findings', 'x could not be read']);
});

test('verdict: reasons are grouped, the gravest first, and bounded', () => {
  const unknowns = [
    ...Array.from({ length: 50 }, (_, i) => unknown('FILE_UNREADABLE', `f${i}`)),
    unknown('PACKAGE_DATABASE_CORRUPT', 'db'),
  ];
  assert.deepEqual(judge({ ...clean, unknowns }).reasons, [
    'db could not be read',
    'f0 could not be read (and 49 more like it)',
  ]);
  const many = Array.from({ length: 40 }, (_, i) => ({ outcome: 'incomplete', reasons: [`reason ${i}`] }) as const);
  const { reasons } = worstVerdict(many);
  assert.equal(reasons.length, maxReasons);
  assert.match(reasons.at(-1) ?? '', /33 more/);
});

test('verdict: the worst of several', () => {
  const pass = { outcome: 'pass', reasons: [] } as const;
  const incomplete = { outcome: 'incomplete', reasons: ['i'] } as const;
  const fail = { outcome: 'fail', reasons: ['f'] } as const;
  assert.equal(worstVerdict([]).outcome, 'pass');
  assert.equal(worstVerdict([pass, incomplete]).outcome, 'incomplete');
  assert.deepEqual(worstVerdict([incomplete, pass, fail]), { outcome: 'fail', reasons: ['f', 'i'] });
  assert.deepEqual(worstVerdict([incomplete, incomplete]).reasons, ['i']);
});

test('verdict: findings in words', () => {
  assert.equal(describeFindings(1), '1 finding');
  assert.equal(describeFindings(2, ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN']), '2 findings');
  assert.equal(describeFindings(2, ['CRITICAL', 'MEDIUM', 'HIGH']), '2 findings at or above MEDIUM');
  assert.equal(describeFindings(2, ['LOW', 'CRITICAL']), '2 findings of severity LOW or CRITICAL');
  assert.equal(describeFindings(2, ['CRITICAL']), '2 findings of severity CRITICAL');
});
