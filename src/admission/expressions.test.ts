import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '../formats/index.js';
import { loadPolicy } from '../policy/index.js';
import { judgeReview, readAdmissionReview, readImageReview, type AdmissionVerdict } from './index.js';

const maxBytes = 8 * 1024 * 1024;
const time = { now: new Date('2026-12-01T00:00:00Z'), deadline: Number.POSITIVE_INFINITY };
const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

async function judge(expressions: readonly string[], body: JsonObject, top = ''): Promise<AdmissionVerdict> {
  const text = `apiVersion: tidewaiter.dev/v1\nkind: Policy\nrules: [{name: r, expressions: ${JSON.stringify(expressions)}}]\n${top}`;
  const policy = await loadPolicy(text, 'p.yaml');
  const isImageReview = body['kind'] === 'ImageReview';
  const read = isImageReview ? readImageReview(encode(body), maxBytes) : readAdmissionReview(encode(body), maxBytes);
  assert.ok(read.kind === 'review', JSON.stringify(read).slice(0, 300));
  return await judgeReview(read.review, { policy, exemptNamespaces: new Set() }, time);
}

interface Asked {
  readonly kind?: string;
  readonly object: JsonObject;
  readonly old?: JsonObject;
}

function review({ kind = 'Pod', object, old }: Asked): JsonObject {
  const [group, resource] = kind === 'Pod' ? ['', 'pods'] : ['ci.example', 'runners'];
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '11111111-2222-3333-4444-555555555555',
      kind: { group, version: 'v1', kind },
      resource: { group, version: 'v1', resource },
      name: 'x',
      namespace: 'shop',
      operation: old ? 'UPDATE' : 'CREATE',
      userInfo: { username: 'jane', groups: ['dev', 'system:authenticated'] },
      object,
      oldObject: old ?? null,
    },
  };
}

function pod(labels: JsonObject, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  const containers = [{ name: 'web', image: 'nginx:1.27' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', namespace: 'shop', labels, ...metadata },
    spec: { containers, ...spec },
  };
}

test('who asks for what, and the object without what it became, is there in an AdmissionReview', async () => {
  const object = pod({ app: 'web' }, {}, { managedFields: [{ manager: 'x' }], annotations: { a: 'b' } });
  for (const text of [
    'user == "jane" && "dev" in groups && operation == "CREATE" && namespaceName == "shop"',
    'object.metadata.annotations.a == "b" && !has(object.metadata.managedFields) && !has(object.status)',
    'podSpec.containers[0].image == "nginx:1.27" && labels.app == "web"',
    'image.slot == "container" && image.container == "web"',
  ]) {
    const verdict = await judge([text], review({ object: { ...object, status: { phase: 'Running' } } }));
    assert.deepEqual([verdict.outcome, verdict.notAssessed], ['allow', []], text);
    assert.equal((await judge([`!(${text})`], review({ object }))).outcome, 'deny', text);
  }
  const updated = await judge(['operation == "CREATE"'], review({ object, old: pod({ app: 'old' }) }));
  assert.equal(updated.outcome, 'deny');
});

test('an ImageReview tells neither who asks nor of what', async () => {
  const body = {
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    kind: 'ImageReview',
    spec: { containers: [{ image: 'nginx:1.27' }], namespace: 'shop' },
  };
  const open = await judge(['user == "x"', 'podSpec.x == 1', 'labels == {}', 'object == 1', 'image.official'], body);
  assert.equal(open.outcome, 'allow');
  assert.deepEqual(open.notAssessed[0]?.needs, ['labels', 'object', 'request']);
  assert.equal((await judge(['image.registry == "quay.io"'], body)).outcome, 'deny');
  assert.equal((await judge(['namespaceName != "shop"'], body)).outcome, 'deny');
});

test('an update that leaves specification and labels as they were is let through', async () => {
  const before = pod({ app: 'web' });
  const noted = pod({ app: 'web' }, {}, { annotations: { seen: 'yes' } });
  assert.equal((await judge(['user == "x"'], review({ object: noted, old: before }))).outcome, 'allow');
  assert.equal(
    (await judge(['user == "x"'], review({ object: noted, old: before }), 'unchanged: judge\n')).outcome,
    'deny',
  );
  assert.equal((await judge(['"app" in labels'], review({ object: pod({}), old: before }))).outcome, 'deny');
  const other = pod({ app: 'web' }, { hostNetwork: true });
  assert.equal((await judge(['!has(podSpec.hostNetwork)'], review({ object: other, old: before }))).outcome, 'deny');
});

test('an object that is too large to be looked at is no object without faults', async () => {
  const large = pod({}, {}, { annotations: { a: 'x'.repeat(1_100_000) } });
  const verdict = await judge(['has(object.kind)'], review({ object: large }));
  assert.deepEqual([verdict.outcome, verdict.reasons[0]?.code], ['incomplete', 'MANIFEST_UNASSESSED']);
  assert.equal((await judge(['image.official'], review({ object: large }))).outcome, 'allow');
});

test('a hundred templates in one object share one budget', async () => {
  const spec = { containers: [{ name: 'a', image: 'nginx:1' }] };
  const parts = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`part${at}`, { template: { spec } }]));
  const many = Array.from({ length: 5000 }, (_, at) => ({ name: `x${at}` }));
  const object = { apiVersion: 'ci.example/v1', kind: 'Runner', metadata: { name: 'x' }, spec: { ...parts, many } };
  const heavy = 'object.spec.many.all(a, object.spec.many.all(b, a != b.name))';
  const verdict = await judge([heavy], review({ kind: 'Runner', object }));
  assert.deepEqual([verdict.outcome, verdict.reasons[0]?.code], ['incomplete', 'EXPRESSION_FAILED']);
});
