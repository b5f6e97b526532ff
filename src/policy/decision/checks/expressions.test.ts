import assert from 'node:assert/strict';
import test from 'node:test';
import {
  evaluatePolicy,
  loadPolicy,
  needsOf,
  parsePolicy,
  PolicyError,
  type Decision,
  type FindingFact,
  type PolicySubject,
  type ScanFacts,
  type SubjectImage,
} from '../../index.js';

const now = new Date('2026-12-01T12:00:00Z');
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';
const hex = 'c'.repeat(64);

function documentOf(expressions: readonly (string | object)[], more = '', top = ''): string {
  return `${header}rules: [{name: r, expressions: ${JSON.stringify(expressions)}${more}}]\n${top}`;
}

async function decide(
  expressions: readonly (string | object)[] | string,
  subject: PolicySubject,
  more = '',
  top = '',
): Promise<Decision> {
  const text =
    typeof expressions === 'string' ? documentOf([expressions], more, top) : documentOf(expressions, more, top);
  return evaluatePolicy(await loadPolicy(text, 'p.yaml'), subject, { now });
}

const whole: PolicySubject = {
  images: [
    { text: 'nginx:1.27', place: { slot: 'container', name: 'web' } },
    { text: `quay.io/team/side@sha256:${hex}`, place: { slot: 'initContainer', name: 'side' } },
  ],
  namespace: 'shop',
  labels: { app: 'web' },
  object: { kind: 'Pod' },
  request: { operation: 'CREATE', user: 'jane', groups: ['dev', 'system:authenticated'] },
  source: {
    kind: 'Pod',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1.27' }], replicas: 3 },
  },
};

test('every variable is what the documentation says', async () => {
  for (const text of [
    'image.text == "nginx:1.27" || image.text.startsWith("quay.io/")',
    'image.registry in ["docker.io", "quay.io"] && image.repository in ["library/nginx", "team/side"]',
    'image.tag == "1.27" ? image.digest == "" && !has(image.digest) : image.digest.startsWith("sha256:") && image.tag == ""',
    'image.official == (image.registry == "docker.io")',
    'image.slot in ["container", "initContainer"] && image.container in ["web", "side"]',
    'images.size() == 2 && images.exists_one(i, i.official) && images.all(i, i.text != "")',
    'object.kind == "Pod" && object.spec.containers[0].name == "web" && object.spec.replicas == 3',
    'namespaceName == "shop" && labels.app == "web" && !("team" in labels)',
    'request.operation == "CREATE" && request.userInfo.username == "jane" && "dev" in request.userInfo.groups',
    'has(request.userInfo) && request.namespace == namespaceName',
    'operation == "CREATE" && user == "jane" && "dev" in groups && groups.size() == 2',
    'now == timestamp("2026-12-01T12:00:00Z")',
  ]) {
    const decision = await decide(text, whole);
    assert.deepEqual([decision.outcome, decision.notAssessed], ['pass', []], `${text} ${JSON.stringify(decision)}`);
    const against = await decide(`!(${text})`, whole);
    assert.equal(against.outcome, 'fail', text);
  }
});

test('the specification of the pod is that of the template, and an object without a pod has none', async () => {
  const spec = { containers: [{ name: 'web' }] };
  const text = 'podSpec.containers.all(c, has(c.resources))';
  assert.equal((await decide(text, { ...whole, podSpec: spec })).outcome, 'fail');
  assert.equal((await decide(text, { ...whole, podSpec: 'none' })).outcome, 'pass');
  assert.deepEqual((await decide(text, whole)).notAssessed, [{ rule: 'r', needs: ['object'] }]);
  assert.equal((await decide(text, { ...whole, source: undefined, sourceGap: 'too large' })).outcome, 'incomplete');
});

test('a name without tag and digest is one of the tag that is pulled', async () => {
  const subject = { images: [{ text: 'nginx' }] };
  assert.equal((await decide('image.tag != "latest"', subject)).outcome, 'fail');
});

test('an expression that mentions the image is asked of each, any other once', async () => {
  const each = await decide('image.registry == "nowhere"', whole);
  assert.deepEqual(
    each.reasons.map(({ image, check }) => [image, check]),
    whole.images.map(({ text }) => [text, 'expressions']),
  );
  const once = await decide('images.all(i, i.registry == "nowhere")', whole);
  assert.deepEqual(
    once.reasons.map(({ image }) => image),
    [undefined],
  );
  const both = await decide(['image.official', 'user == "joe"'], whole);
  assert.deepEqual(
    both.reasons.map(({ image }) => image),
    [whole.images[1]?.text, undefined],
  );
});

test('what is said: the message, the message made for it, or the expression', async () => {
  const said = async (entry: string | object): Promise<string | undefined> =>
    (await decide([entry], whole)).reasons[0]?.message;
  assert.equal(await said({ expression: 'user == "x"', message: 'no\n  x' }), 'no x');
  assert.equal(
    await said({ expression: 'user == "x"', messageExpression: '"not " + user', message: 'other' }),
    'not jane',
  );
  assert.equal(
    await said({ expression: 'user == "x"', messageExpression: 'object.nothing', message: 'other' }),
    'other',
  );
  assert.match((await said('user == "x"')) ?? '', /user == "x"/);
  const forged = await said({ expression: 'false', messageExpression: '"a\\n\\u001b[2J" + "b".replace("b", "x")' });
  assert.ok(forged !== undefined && !/\p{Cc}/u.test(forged));
});

test('what only other expressions have is told with what to do instead, once', async () => {
  for (const text of [
    'oldObject == null',
    'namespaceObject.metadata.labels.env == "prod"',
    'object.spec.replicas <= params.most',
    'variables.x == 1',
    'authorizer.group("").resource("pods").check("create").allowed()',
    'quantity("1Gi").isLessThan(quantity("2Gi"))',
    'object.?spec.?replicas.orValue(1) == 1',
    'optional.of(1).hasValue()',
    'ip("::1").isLoopback()',
  ]) {
    const error: unknown = await loadPolicy(documentOf([text]), 'p').catch((one: unknown) => one);
    assert.ok(error instanceof PolicyError, text);
    assert.deepEqual(
      error.problems.map(({ code, hint }) => [code, hint !== undefined && !hint.startsWith('did you mean')]),
      [['WRONG_EXPRESSION', true]],
      text,
    );
  }
});

test('part of who asks is nobody of whom to say anything', async () => {
  const request = { operation: 'CREATE', groups: [] };
  const found = await decide('request.userInfo.username != "mallory"', { images: [], request });
  assert.deepEqual(found.notAssessed, [{ rule: 'r', needs: ['request'] }]);
});

test('what the protocol does not carry is not assessed, each expression for itself', async () => {
  const bare: PolicySubject = { images: [{ text: 'nginx:1' }] };
  for (const [text, need] of [
    ['object.kind == "Pod"', 'object'],
    ['namespaceName == "a"', 'namespace'],
    ['"a" in labels', 'labels'],
    ['operation == "CREATE"', 'request'],
    ['user == "a"', 'request'],
    ['groups == []', 'request'],
    ['request.userInfo.username != "a"', 'request'],
    ['findings == []', 'scan'],
    ['scannedAt < now', 'scan'],
  ] as const) {
    assert.deepEqual((await decide(text, bare)).notAssessed, [{ rule: 'r', needs: [need] }], text);
    const [rule] = (await loadPolicy(documentOf([text]), 'p')).rules;
    assert.deepEqual(rule && needsOf(rule.check), [need]);
  }
  const two = await decide(['user == "a"', 'image.tag == "2"'], bare);
  assert.deepEqual([two.outcome, two.notAssessed.length], ['fail', 1]);
  const nameless: PolicySubject = { images: [{ text: 'a.tar', nameless: true }] };
  assert.deepEqual((await decide('image.official', nameless)).notAssessed, [{ rule: 'r', needs: ['name'] }]);
  assert.deepEqual((await decide('images.all(i, i.official)', nameless)).notAssessed, [{ rule: 'r', needs: ['name'] }]);
});

test('a text that is no image name is refused by whatever asks about images', async () => {
  const broken: PolicySubject = { ...whole, images: [{ text: 'no name!' }, { text: 'nginx:1' }] };
  for (const text of ['image.official || true', 'images.all(i, true)']) {
    const decision = await decide(text, broken);
    assert.deepEqual([decision.outcome, decision.reasons[0]?.check], ['fail', 'name'], text);
  }
  assert.equal((await decide('user == "jane"', broken)).outcome, 'pass');
});

test('an expression without a value is a gap: denied, unless the policy says otherwise', async () => {
  const failed = await decide('object.spec.nothing == 1', whole);
  assert.deepEqual([failed.outcome, failed.reasons[0]?.code], ['incomplete', 'EXPRESSION_FAILED']);
  const allowed = await decide(
    'object.spec.nothing == 1',
    whole,
    '',
    'incomplete: {codes: {EXPRESSION_FAILED: warn}}\n',
  );
  assert.deepEqual([allowed.outcome, allowed.warnings.length], ['pass', 1]);
  assert.equal((await decide('object.spec.nothing == 1', whole, ', action: warn')).warnings.length, 1);
  const gap = await decide('object.kind == "Pod"', { ...whole, source: undefined, sourceGap: 'it is too large' });
  assert.deepEqual([gap.outcome, gap.reasons[0]?.code], ['incomplete', 'MANIFEST_UNASSESSED']);
});

const finding: FindingFact = {
  vulnerabilityId: 'CVE-2026-0001',
  packageName: 'openssl',
  installedVersion: '3.5.0-r0',
  fixedVersion: '3.5.4-r0',
  severity: 'HIGH',
  cvss: 8,
  publishedAt: '2026-11-20T00:00:00Z',
};

function scanned(facts: Partial<ScanFacts>): PolicySubject {
  const image: SubjectImage = {
    text: 'nginx:1',
    scan: { state: 'scanned', facts: { findings: [finding], unknowns: [], ...facts } },
  };
  return { images: [image] };
}

test('findings and ages of a scan', async () => {
  const times = { scannedAt: '2026-11-30T00:00:00Z', databaseUpdatedAt: '2026-11-29T00:00:00Z' };
  for (const text of [
    'findings.size() == 1 && findings.all(f, f.id == "CVE-2026-0001" && f.package == "openssl" && f.fixed != "")',
    'findings.exists(f, f.installed == "3.5.0-r0" && f.severity == "HIGH" && f.cvss == 8.0 && has(f.cvss))',
    'findings.all(f, now - f.published < duration("480h") && !has(f.firstSeen))',
    'now - scannedAt < duration("48h") && databaseUpdatedAt < scannedAt',
  ]) {
    assert.equal((await decide(text, scanned(times))).outcome, 'pass', text);
  }
  // Nobody scored it: that is no low score.
  const unscored = scanned({ findings: [{ ...finding, cvss: undefined }] });
  assert.equal((await decide('findings.all(f, f.cvss < 9.0)', unscored)).reasons[0]?.code, 'EXPRESSION_FAILED');
  const code = async (text: string, subject: PolicySubject): Promise<string | undefined> =>
    (await decide(text, subject)).reasons[0]?.code;
  assert.equal(await code('now - scannedAt < duration("48h")', scanned({})), 'SCAN_AGE_UNKNOWN');
  assert.equal(await code('now - databaseUpdatedAt < duration("48h")', scanned({})), 'DATABASE_AGE_UNKNOWN');
  assert.equal(
    await code('findings == []', scanned({ findings: [], unknowns: [{ code: 'NO_OS', subject: '', reason: 'x' }] })),
    'NO_OS',
  );
  assert.equal(await code('findings == []', scanned({ findings: [], narrowing: {} })), 'REPORT_NARROWED');
  const image = (scan: SubjectImage['scan']): PolicySubject => ({ images: [{ text: 'nginx:1', scan }] });
  assert.equal(await code('findings == []', image({ state: 'pending' })), 'SCAN_PENDING');
  const failed = image({ state: 'missing', code: 'SCAN_FAILED', reason: 'down' });
  assert.equal(await code('findings == []', failed), 'SCAN_FAILED');
  assert.equal((await decide('image.tag == "1"', failed)).outcome, 'pass');
});

test('exceptions take findings away, or the whole rule, and selectors are those of every rule', async () => {
  const accepted = await decide(
    'findings == []',
    scanned({}),
    '',
    'exceptions: [{vulnerabilities: [CVE-2026-0001], reason: x}]\n',
  );
  assert.deepEqual([accepted.outcome, accepted.waived[0]?.finding?.vulnerabilityId], ['pass', 'CVE-2026-0001']);
  const all = await decide('findings == []', scanned({}), '', 'exceptions: [{rules: [r]}]\n');
  assert.deepEqual([all.outcome, all.waived.length], ['pass', 1]);
  assert.equal((await decide('false', whole, ', match: {namespaces: [other]}')).outcome, 'pass');
  assert.equal((await decide('false', whole, ', match: {images: [quay.io]}')).outcome, 'fail');
  assert.equal((await decide('image.text == ""', whole, ', match: {images: [quay.io]}')).reasons.length, 1);
});

test('an update that changes nothing that runs is let off', async () => {
  const images = whole.images.map((image) => ({ ...image, unchanged: true }));
  const same = { ...whole, images, unchanged: true };
  assert.equal((await decide('user == "x"', same)).outcome, 'pass');
  assert.equal((await decide('user == "x"', { ...same, unchanged: false })).outcome, 'fail');
  assert.equal((await decide('user == "x"', same, '', 'unchanged: judge\n')).outcome, 'fail');
  assert.equal((await decide('image.text == ""', { ...whole, images })).outcome, 'pass');
});

test('all that is asked of one subject shares one budget, and what is over it is denied', async () => {
  const many = Array.from({ length: 20_000 }, (_, at) => ({ name: `c${at}` }));
  const heavy = Array.from(
    { length: 50 },
    (_, at) => `object.spec.containers.all(a, object.spec.containers.all(b, a != b.name)) || ${at} == 0`,
  );
  const decision = await decide(heavy, { ...whole, source: { spec: { containers: many } } });
  assert.deepEqual([decision.outcome, decision.reasons[0]?.code], ['incomplete', 'EXPRESSION_FAILED']);
});

test('a policy with expressions is an error where nothing compiles them', () => {
  for (const text of [documentOf(['true']), documentOf(['true']).replace('expressions', '"expr\\u0065ssions"')]) {
    assert.throws(
      () => parsePolicy(text, 'p.yaml'),
      (error) => error instanceof PolicyError && error.problems[0]?.code === 'NOT_COMPILED',
    );
  }
});

test('however the key is written, it is loaded with its expressions', async () => {
  const text = documentOf(['user == "x"']).replace('expressions', '"expr\\u0065ssions"');
  assert.equal(evaluatePolicy(await loadPolicy(text, 'p.yaml'), whole, { now }).outcome, 'fail');
});
