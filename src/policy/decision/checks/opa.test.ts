import assert from 'node:assert/strict';
import test from 'node:test';
import {
  evaluatePolicy,
  needsOf,
  parsePolicy,
  readPolicy,
  type Decision,
  type Policy,
  type PolicyAnswer,
  type ScanKnowledge,
  type WorkloadKnowledge,
} from '../../index.js';

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
    assert.deepEqual(rule?.check, { id: 'opa', url: good, timeoutMs: 500, needs: [] });
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

test('what an engine should be told and nobody knows is a gap beside its answer', () => {
  const policy = parsePolicy(documentOf(`url: "${url}", needs: [workload, scan, scan]`), 'p.yaml');
  const check = policy.rules[0]?.check;
  assert.ok(check?.id === 'opa');
  assert.deepEqual(check.needs, ['scan', 'workload']);
  assert.deepEqual(needsOf(check), ['opa', 'scan', 'podSecurity', 'kubesec', 'manifest']);
  const assessed = { state: 'assessed', podSecurity: 'none', kubesec: 'none', findings: [], unknowns: [] } as const;
  const clean: ScanKnowledge = { state: 'scanned', facts: { findings: [], unknowns: [] } };
  const unknown = { code: 'OUTSIDE_COVERAGE', subject: '', reason: 'x' };
  const codesOf = (scan: ScanKnowledge | undefined, workload: WorkloadKnowledge | undefined, answer = answered({})) => {
    const images = [
      { text: 'nginx:1', scan: clean },
      { text: 'a.io/b:1', scan },
    ];
    const found = evaluatePolicy(policy, { images, workload, answers: new Map([['r', answer]]) }, { now });
    assert.deepEqual(
      found.reasons.filter(({ image }) => image !== undefined && image !== 'a.io/b:1'),
      [],
    );
    return [
      found.outcome,
      ...found.reasons.map(({ code }) => code),
      ...found.notAssessed.flatMap(({ needs }) => needs),
    ];
  };
  assert.deepEqual(codesOf(clean, assessed), ['pass']);
  assert.deepEqual(codesOf({ state: 'pending' }, assessed), ['incomplete', 'SCAN_PENDING']);
  assert.deepEqual(codesOf({ state: 'missing', code: 'SCAN_FAILED', reason: 'x' }, assessed), [
    'incomplete',
    'SCAN_FAILED',
  ]);
  const partly: ScanKnowledge = { state: 'scanned', facts: { findings: [], unknowns: [unknown], narrowing: {} } };
  assert.deepEqual(codesOf(partly, assessed), ['incomplete', 'OUTSIDE_COVERAGE', 'REPORT_NARROWED']);
  assert.deepEqual(codesOf({ state: 'pending' }, assessed, answered({ deny: ['no'] })), [
    'fail',
    'SCAN_PENDING',
    undefined,
  ]);
  assert.deepEqual(codesOf(clean, { state: 'missing', reason: 'x' }), ['incomplete', 'MANIFEST_UNASSESSED']);
  assert.deepEqual(codesOf(clean, { ...assessed, unknowns: ['x'] }), ['incomplete', 'MANIFEST_UNASSESSED']);
  // An ImageReview carries no object, and nobody has asked for a scan yet.
  assert.deepEqual(codesOf(clean, undefined), ['pass', 'kubesec', 'manifest', 'podSecurity']);
  assert.deepEqual(codesOf(undefined, assessed), ['pass', 'scan']);
});

test('with scans, a text that is no image name breaks the rule; the engine is told of all images, whichever it is for', () => {
  const read = (needs: string): Policy =>
    parsePolicy(documentOf(`url: "${url}"${needs}`, ', match: {images: [a.io]}'), 'p.yaml');
  const judge = (needs: string, text: string): Decision =>
    evaluatePolicy(
      read(needs),
      { images: [{ text: 'a.io/b:1', scan: { state: 'pending' } }, { text }], answers: new Map([['r', answered({})]]) },
      { now },
    );
  assert.equal(judge('', 'A/../b').outcome, 'pass');
  assert.deepEqual(
    judge(', needs: [scan]', 'A/../b').reasons.map(({ check }) => check),
    ['incomplete', 'name'],
  );
  assert.deepEqual(judge(', needs: [scan]', 'b.io/x:1').notAssessed, [{ rule: 'r', needs: ['scan'] }]);
  assert.equal(readPolicy(documentOf(`url: "${url}", needs: [scans]`)).problems[0]?.hint, 'did you mean scan?');
  assert.equal(readPolicy(documentOf(`url: "${url}", needs: scan`)).problems[0]?.code, 'WRONG_TYPE');
  assert.equal(readPolicy(documentOf(`url: "${url}", needs: [1]`)).problems[0]?.code, 'WRONG_TYPE');
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
