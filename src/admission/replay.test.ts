import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parsePolicy } from '../policy/index.js';
import { JsonCutter, type JsonPiece } from './replay-texts.js';
import { readReplayCases } from './replay-cases.js';
import { replayReview, withoutRules } from './replay.js';
import type { Judge } from './judge-review.js';
import { decisionRecord } from './record.js';
import type { JsonValue } from '../formats/index.js';

function cut(text: string, size = text.length, maxLength = 10_000): readonly JsonPiece[] {
  const cutter = new JsonCutter(maxLength);
  const pieces: JsonPiece[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(...cutter.push(text.slice(at, at + size)));
  return [...pieces, ...cutter.finish()];
}

const texts = (pieces: readonly JsonPiece[]): readonly string[] =>
  pieces.map(({ text, broken }) => (broken === undefined ? text.replace(/\s/g, '') : 'broken'));

test('texts of JSON are cut apart, and lists into their elements', () => {
  assert.deepEqual(texts(cut('{"a":1}\n{"b":["}",{"c":2}]}\n\n{"d":"\\"]"}')), [
    '{"a":1}',
    '{"b":["}",{"c":2}]}',
    '{"d":"\\"]"}',
  ]);
  const list = cut('{\n "kind": "PodList",\n "items": [\n  {"a": [1]},\n  {"b": 2}\n ],\n "x": {"items": [3]}\n}');
  assert.deepEqual(texts(list), ['{"a":[1]}', '{"b":2}', '{"kind":"PodList","items":[],"x":{"items":[3]}}']);
  assert.deepEqual(
    list.map(({ line }) => line),
    [4, 5, 1],
  );
  assert.ok(list[0]?.around?.includes('PodList'));
  assert.deepEqual(texts(cut('[{"a":1},\n{"b":2}]')), ['{"a":1}', '{"b":2}']);
  assert.deepEqual(texts(cut('{"x":{"items":[{"a":1}]}}')), ['{"x":{"items":[{"a":1}]}}']);
});

test('what is broken or too long does not touch the others', () => {
  assert.deepEqual(texts(cut('{"a":{"b"\n{"c":1}\n{"d":"x\n{"e":[]}\nwords\n{"f":1}\n{"g":')), [
    'broken',
    '{"c":1}',
    'broken',
    '{"e":[]}',
    'broken',
    '{"f":1}',
    'broken',
  ]);
  assert.deepEqual(texts(cut(`{"a":"${'x'.repeat(200)}"}\n{"b":1}`, 10, 100)), ['broken', '{"b":1}']);
  assert.deepEqual(texts(cut('{"items":[1,{"a":1}]}')), ['broken', '{"a":1}', '{"items":[1,]}'.replace('1,', '')]);
  const big = cut(`{"items":[{"a":"${'x'.repeat(200)}"},{"b":1}]}`, 7, 100);
  assert.deepEqual(texts(big), ['broken', '{"b":1}', '{"items":[]}']);
});

test('the same pieces wherever the input is cut; each value comes back', () => {
  const value = fc.dictionary(fc.constantFrom('a', 'items', 'kind', 'metadata'), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (values, size, wide) => {
        const text = values.map((one) => JSON.stringify(one, undefined, wide ? 2 : undefined)).join('\n');
        const whole = cut(text);
        assert.deepEqual(cut(text, size), whole);
        const expected = values.flatMap((one): unknown[] => {
          const { items } = one;
          if (!Array.isArray(items)) return [one];
          return [
            ...(items as unknown[]).filter((item) => typeof item === 'object' && item !== null),
            { ...one, items: [] },
          ];
        });
        const found = whole.filter(({ broken }) => broken === undefined).map((one): unknown => JSON.parse(one.text));
        assert.deepEqual(found, JSON.parse(JSON.stringify(expected)));
      },
    ),
    { numRuns: 300 },
  );
});

const reading = { namespace: undefined };
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
};
const imageReview = {
  apiVersion: 'imagepolicy.k8s.io/v1alpha1',
  kind: 'ImageReview',
  spec: { namespace: 'shop', containers: [{ image: 'nginx:1' }] },
};
const rules = (text: string): Judge => ({
  policy: parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\nrules: ${text}\n`, 'p.yaml'),
  exemptNamespaces: new Set(),
});
const time = { now: new Date('2026-12-01T00:00:00Z'), deadline: Number.POSITIVE_INFINITY };

async function changes(value: JsonValue, after: Judge, before?: Judge): Promise<readonly string[]> {
  const told: string[] = [];
  for (const one of readReplayCases(value, reading)) {
    told.push(one.kind === 'case' ? (await replayReview(one.review, after, before, time)).change : one.kind);
  }
  return told;
}

test('reviews, recordings, objects and lists are judged', async () => {
  const judge = rules('[{name: r, registries: {allow: [quay.io]}}]');
  const good: readonly JsonValue[] = [
    pod,
    imageReview,
    { body: JSON.stringify(imageReview) },
    { what: 'x', body: imageReview },
  ];
  for (const value of good) {
    assert.deepEqual(await changes(value, judge), ['refused'], JSON.stringify(value));
  }
  const list: JsonValue = {
    apiVersion: 'v1',
    kind: 'List',
    items: [pod, { apiVersion: 'v1', kind: 'PodList', items: [{ spec: pod.spec }] }, { kind: 'x' }],
  };
  assert.deepEqual(await changes(list, judge), ['refused', 'refused', 'unreadable']);
  const bad: readonly JsonValue[] = [
    1,
    {},
    { body: '{' },
    { apiVersion: 'audit.k8s.io/v1', kind: 'Event', requestObject: pod },
    { body: { body: {} } },
    { ...imageReview, spec: 1 },
    { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: {} },
    { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: 1 },
  ];
  for (const value of bad) assert.deepEqual(await changes(value, judge), ['unreadable'], JSON.stringify(value));
});

test('what changes between two policies', async () => {
  const open = rules('[{name: r, registries: {allow: [docker.io]}}]');
  const closed = rules('[{name: r, registries: {allow: [quay.io]}}]');
  const warning = rules('[{name: r, registries: {allow: [quay.io]}, action: warn}]');
  assert.deepEqual(await changes(pod, closed, open), ['refused']);
  assert.deepEqual(await changes(pod, open, closed), ['admitted']);
  assert.deepEqual(await changes(pod, closed, closed), ['same']);
  assert.deepEqual(await changes(pod, warning, open), ['otherwise']);
  assert.deepEqual(await changes(pod, warning), ['warned']);
  assert.deepEqual(await changes(pod, open), ['admitted']);
});

test('a line of the audit log is judged by what it holds, and only if it holds all images', async () => {
  const judge = rules('[{name: r, registries: {allow: [quay.io]}}, {name: l, digest: true, match: {labels: {a: b}}}]');
  const [one] = readReplayCases(pod, reading);
  assert.ok(one?.kind === 'case');
  const { verdict } = await replayReview(one.review, judge, undefined, time);
  const record = JSON.parse(
    JSON.stringify(
      decisionRecord(
        one.review.envelope ? { envelope: one.review.envelope, review: one.review } : { envelope: undefined },
        verdict,
        {
          route: 'admissionReview',
          at: time.now,
          durationMs: 1,
          policy: 'p',
          client: undefined,
        },
      ),
    ),
  ) as Record<string, JsonValue>;
  const [again] = readReplayCases(record, reading);
  assert.ok(again?.kind === 'case');
  assert.equal(again.from, 'record');
  const replayed = await replayReview(again.review, judge, undefined, time);
  assert.equal(replayed.change, 'refused');
  assert.deepEqual(
    replayed.verdict.notAssessed.map(({ rule }) => rule),
    ['l'],
  );
  const bad: readonly Readonly<Record<string, JsonValue>>[] = [
    { imageCount: 2 },
    { images: [{ image: 'x'.repeat(1000) }] },
    { outcome: 'error' },
    { images: null },
  ];
  for (const other of bad) {
    assert.deepEqual(await changes({ ...record, ...other }, judge), ['unreadable'], JSON.stringify(other));
  }
});

test('rules can be left out, and are named', () => {
  const { policy, leftOut } = withoutRules(
    rules('[{name: a, vulnerabilities: {severity: HIGH}}, {name: b, digest: true}, {name: c, scan: {maxAge: 7d}}]')
      .policy,
    ({ name }) => name !== 'b',
  );
  assert.deepEqual(
    leftOut.map(({ name }) => name),
    ['a', 'c'],
  );
  assert.deepEqual(
    policy.rules.map(({ name }) => name),
    ['b'],
  );
});
