import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluatePolicy, parsePolicy, readPolicy, type Decision, type PolicyAnswer } from '../../index.js';

const now = new Date('2026-12-01T12:00:00Z');
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';
const url = 'https://opa.example.com:8181/v1/data/tidewaiter/verdict';

const documentOf = (check: string, more = ''): string => `${header}rules: [{name: r, opa: {${check}}${more}}]\n`;

function decide(answer: PolicyAnswer | undefined, more = '', top = ''): Decision {
  const policy = parsePolicy(`${documentOf(`url: "${url}"`, more)}${top}`, 'p.yaml');
  const answers = answer && new Map([['r', answer]]);
  return evaluatePolicy(policy, { images: [{ text: 'nginx:1' }, { text: 'a.io/b:1' }], answers }, { now });
}

const answered = (given: Partial<Extract<PolicyAnswer, { state: 'answered' }>>): PolicyAnswer => ({
  state: 'answered',
  deny: [],
  warn: [],
  ...given,
});

test('an URL is one of decisions, and its answer cannot be forged on the way', () => {
  for (const good of [
    url,
    'http://127.0.0.1:8181/v1/data/x',
    'http://localhost/v1/data/x/y',
    'http://[::1]:8181/v1/data/x',
  ]) {
    const [rule] = parsePolicy(documentOf(`url: "${good}", timeout: 500ms`), 'p.yaml').rules;
    assert.deepEqual(rule?.check, { id: 'opa', url: good, timeoutMs: 500 });
  }
  for (const bad of [
    'http://opa.example.com/v1/data/x',
    'http://127.0.0.1.example.com/v1/data/x',
    'http://128.0.0.1/v1/data/x',
    'ftp://127.0.0.1/v1/data/x',
    'file:///v1/data/x',
    'https://user@opa.example.com/v1/data/x',
    'https://user:hidden-word@opa.example.com/v1/data/x',
    'https://@opa.example.com/v1/data/x',
    'https://opa.example.com/v1/data/',
    'https://opa.example.com/v1/data',
    'https://opa.example.com/v1/data/../query/x',
    'https://opa.example.com/v0/data/x',
    'https://opa.example.com/v1/data/x?pretty',
    'https://opa.example.com/v1/data/x#y',
    'https://opa.example.com/v1/data/x y',
    'opa.example.com/v1/data/x',
    '',
  ]) {
    const { policy, problems } = readPolicy(documentOf(`url: "${bad}"`));
    assert.equal(policy, undefined, bad);
    assert.ok(problems.every(({ code, message }) => code === 'WRONG_VALUE' && !message.includes('hidden-word')));
  }
  for (const timeout of ['0s', '11s', '10001ms', '3', '1m', '-1s']) {
    assert.equal(readPolicy(documentOf(`url: "${url}", timeout: "${timeout}"`)).policy, undefined, timeout);
  }
  assert.equal(readPolicy(documentOf('')).problems[0]?.code, 'MISSING');
});

test('what it refuses is refused, once for the whole, whatever else it says', () => {
  for (const [given, outcome] of [
    [{}, 'pass'],
    [{ allow: true }, 'pass'],
    [{ allow: false }, 'fail'],
    [{ deny: ['no owner'] }, 'fail'],
    [{ allow: true, deny: ['no owner'] }, 'fail'],
    [{ allow: true, warn: ['old'] }, 'pass'],
    [{ deny: [''] }, 'fail'],
  ] as const) {
    const decision = decide(answered(given));
    assert.deepEqual(
      [decision.outcome, decision.reasons.length],
      [outcome, outcome === 'fail' ? 1 : 0],
      JSON.stringify(given),
    );
    assert.ok(decision.reasons.every(({ check, image }) => check === 'opa' && image === undefined));
  }
});

test('warnings are told, and never do more than the rule', () => {
  const given = answered({ deny: ['a'], warn: ['b', 'c'] });
  const counts = ({ reasons, warnings, audits }: Decision): readonly number[] => [
    reasons.length,
    warnings.length,
    audits.length,
  ];
  assert.deepEqual(counts(decide(given)), [1, 2, 0]);
  assert.deepEqual(counts(decide(given, ', action: warn')), [0, 3, 0]);
  assert.deepEqual(counts(decide(given, ', action: audit')), [0, 0, 3]);
});

test('foreign texts are bounded and cannot forge lines', () => {
  const texts = Array.from({ length: 1000 }, () => `x\n\u001b[2Jdeny${'y'.repeat(5000)}`);
  const decision = decide(answered({ deny: texts, warn: texts }));
  const said = [...decision.reasons, ...decision.warnings].map(({ message }) => message);
  assert.ok(said.length < 10 && said.every((one) => one.length < 2500 && !/\p{Cc}/u.test(one)));
});

test('nobody asked: not assessed; no answer: a gap, which the policy weighs', () => {
  assert.deepEqual(decide(undefined).notAssessed, [{ rule: 'r', needs: ['opa'] }]);
  const missing: PolicyAnswer = { state: 'missing', reason: 'it did not answer in 2 s' };
  const denied = decide(missing);
  assert.deepEqual([denied.outcome, denied.reasons[0]?.code], ['incomplete', 'OPA_UNAVAILABLE']);
  assert.equal(decide(missing, '', 'incomplete: {codes: {OPA_UNAVAILABLE: warn}}\n').outcome, 'pass');
  assert.equal(decide(missing, ', action: warn').warnings.length, 1);
});

test('what an update leaves as it was is let off as a whole or not at all', () => {
  const policy = parsePolicy(documentOf(`url: "${url}"`), 'p.yaml');
  const answers = new Map([['r', answered({ deny: ['no'] })]]);
  const images = (unchanged: boolean): { text: string; unchanged: boolean }[] => [
    { text: 'a:1', unchanged: true },
    { text: 'b:1', unchanged },
  ];
  const outcome = (same: boolean, unchanged: boolean | undefined): string =>
    evaluatePolicy(policy, { images: images(same), unchanged, answers }, { now }).outcome;
  assert.equal(outcome(true, true), 'pass');
  assert.equal(outcome(false, true), 'fail');
  assert.equal(outcome(true, false), 'fail');
  assert.equal(outcome(true, undefined), 'fail');
});

test('selectors and exceptions are those of every rule', () => {
  const policy = parsePolicy(
    `${documentOf(`url: "${url}"`, ', match: {namespaces: [prod]}')}exceptions: [{rules: [r], images: [a.io]}]\n`,
    'p.yaml',
  );
  const answers = new Map([['r', answered({ deny: ['no'] })]]);
  const outcome = (namespace: string, text: string): string =>
    evaluatePolicy(policy, { images: [{ text }], namespace, answers }, { now }).outcome;
  assert.deepEqual(
    [outcome('prod', 'b.io/x:1'), outcome('prod', 'a.io/x:1'), outcome('dev', 'b.io/x:1')],
    ['fail', 'pass', 'pass'],
  );
});
