import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { maxAnswerBytes, readOpaAnswer } from './read-opa-answer.js';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const answered = (members: object): object => ({ state: 'answered', deny: [], warn: [], ...members });

test('every form in which a policy says yes or no', () => {
  const cases: readonly (readonly [unknown, object])[] = [
    [true, { allow: true }],
    [false, { allow: false }],
    [[], {}],
    [['a', { msg: 'b', details: { x: 1 } }], { deny: ['a', 'b'] }],
    [{ allow: true }, { allow: true }],
    [
      { allow: true, deny: ['a'], warn: [{ msg: 'w' }] },
      { allow: true, deny: ['a'], warn: ['w'] },
    ],
    [{ deny: [], allowed: ['docker.io/library'] }, {}],
    [{ deny: ['a'], violation: [{ msg: 'v' }] }, { deny: ['a', 'v'] }],
    [{ deny: [' '] }, { deny: ['no reason is given'] }],
  ];
  for (const [result, members] of cases) {
    const { allow, ...rest } = readOpaAnswer(200, encode({ result })) as { allow?: boolean };
    const told = allow === undefined ? rest : { allow, ...rest };
    assert.deepEqual(told, answered(members), JSON.stringify(result));
  }
});

test('whatever else comes is no answer', () => {
  const notAnswers: readonly (readonly [number, unknown])[] = [
    [200, {}],
    [200, { result: null }],
    [200, { result: 'true' }],
    [200, { result: 1 }],
    [200, { result: {} }],
    [200, { result: { warn: [] } }],
    [200, { result: { allow: 'true' } }],
    [200, { result: { allow: null } }],
    [200, { result: { allow: true, deny: 'a' } }],
    [200, { result: { allow: true, deny: null } }],
    [200, { result: { allow: true, deny: { a: true } } }],
    [200, { result: { deny: [1] } }],
    [200, { result: { deny: [{ message: 'x' }] } }],
    [200, { result: [['x']] }],
    [200, { result: Array.from({ length: 1001 }, () => 'x') }],
    [200, { result: true, warning: { code: 'api_usage_warning', message: "'input' key missing from the request" } }],
    [200, []],
    [200, 'allowed'],
    [201, { result: true }],
    [204, { result: true }],
    [302, { result: true }],
    [400, { code: 'invalid_parameter', message: 'body contains malformed input document' }],
    [401, { code: 'unauthorized', message: 'request rejected by administrative policy' }],
    [404, { result: true }],
    [500, { result: true }],
  ];
  for (const [status, body] of notAnswers) {
    assert.equal(
      readOpaAnswer(status, encode(body)).state,
      'missing',
      `${status} ${JSON.stringify(body).slice(0, 80)}`,
    );
  }
  const bytes: readonly Uint8Array[] = [
    new Uint8Array(),
    new TextEncoder().encode('<html>'),
    new TextEncoder().encode(`${'['.repeat(5000)}${']'.repeat(5000)}`),
    new Uint8Array(maxAnswerBytes + 1).fill(0x20),
    new Uint8Array([0xff, 0xfe, 0x00]),
  ];
  for (const body of bytes) assert.equal(readOpaAnswer(200, body).state, 'missing');
});

test("OPA's own words are told, in bounds", () => {
  const reasonOf = (status: number, body: unknown): string => {
    const answer = readOpaAnswer(status, encode(body));
    assert.ok(answer.state === 'missing');
    return answer.reason;
  };
  const conflict = {
    code: 'internal_error',
    message: 'error(s) occurred while evaluating query',
    errors: [{ code: 'eval_conflict_error', message: 'complete rules must not produce multiple outputs' }],
  };
  assert.match(reasonOf(500, conflict), /500: error\(s\) occurred.*complete rules must not/);
  assert.match(reasonOf(401, { code: 'unauthorized', message: 'rejected' }), /401: rejected/);
  assert.match(reasonOf(307, {}), /elsewhere/);
  assert.ok(reasonOf(500, { message: 'x'.repeat(100_000) }).length < 400);
  assert.doesNotMatch(reasonOf(500, { message: 'two\nlines\tof it' }), /[\n\t]/);
});

test('no document makes it throw, and only an explicit yes, or a list, is an answer', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(200, 200, 200, 404, 500), (body, status) => {
      const answer = readOpaAnswer(status, encode(body));
      if (answer.state === 'missing') return assert.ok(answer.reason.length > 0);
      const { result } = body as { result?: unknown };
      return assert.ok(status === 200 && (typeof result === 'boolean' || typeof result === 'object'));
    }),
    { numRuns: 500 },
  );
});
