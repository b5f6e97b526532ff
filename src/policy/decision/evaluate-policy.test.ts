import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import {
  evaluatePolicy,
  parsePolicy,
  type Decision,
  type FindingFact,
  type Policy,
  type PolicySubject,
  type ScanFacts,
  type ScanKnowledge,
} from '../index.js';

const now = new Date('2026-12-01T12:00:00Z');
const hex = 'b'.repeat(64);

function policyOf(body: string): Policy {
  return parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\n${body}\n`, 'policy.yaml');
}

function decide(policy: Policy | string, subject: PolicySubject, at = now): Decision {
  return evaluatePolicy(typeof policy === 'string' ? policyOf(policy) : policy, subject, { now: at });
}

function image(text: string, scan?: ScanKnowledge): PolicySubject {
  return { images: [{ text, scan }], namespace: 'default' };
}

function scanned(facts: Partial<ScanFacts>): ScanKnowledge {
  return { state: 'scanned', facts: { findings: [], unknowns: [], ...facts } };
}

function finding(facts: Partial<FindingFact> = {}): FindingFact {
  return {
    vulnerabilityId: 'CVE-2026-0001',
    packageName: 'openssl',
    installedVersion: '3.5.0-r0',
    fixedVersion: '3.5.4-r0',
    severity: 'HIGH',
    ...facts,
  };
}

function rulesOf(decision: Decision): readonly string[] {
  return decision.reasons.map(({ rule }) => rule);
}

const rule = (check: string, more = ''): string => `rules: [{name: r, ${check}${more}}]`;

test('tags: no tag is latest, a digest decides, patterns are whole', () => {
  const noLatest = rule('tags: {deny: [latest]}');
  const allowed = rule('tags: {allow: ["v*", "1.*"]}');
  for (const [policy, text, outcome] of [
    [noLatest, 'nginx', 'fail'],
    [noLatest, 'nginx:latest', 'fail'],
    [noLatest, 'nginx:1', 'pass'],
    [noLatest, `nginx@sha256:${hex}`, 'pass'],
    [noLatest, `nginx:latest@sha256:${hex}`, 'pass'],
    [noLatest, 'nginx:latest-alpine', 'pass'],
    [allowed, 'nginx:v1', 'pass'],
    [allowed, 'nginx:1.2', 'pass'],
    [allowed, 'nginx:1', 'fail'],
    [allowed, 'nginx:xv1', 'fail'],
    [allowed, 'nginx', 'fail'],
    [allowed, `nginx:main@sha256:${hex}`, 'pass'],
    [rule('digest: true'), 'nginx:1', 'fail'],
    [rule('digest: true'), `nginx:1@sha256:${hex}`, 'pass'],
    [rule('official: true'), 'nginx:1', 'pass'],
    [rule('official: true'), 'bitnami/nginx:1', 'fail'],
    [rule('official: true'), 'docker.io/library/nginx/extra:1', 'fail'],
    [rule('official: true'), 'registry-1.docker.io/library/nginx:1', 'fail'],
  ] as const) {
    assert.equal(decide(policy, image(text)).outcome, outcome, `${policy} ${text}`);
  }
  const noted = decide(noLatest, image(`nginx:latest@sha256:${hex}`));
  assert.deepEqual([noted.audits.length, noted.audits[0]?.isNote], [1, true]);
});

test('what is denied stays denied, whatever is allowed', () => {
  const policy = rule('registries: {allow: [quay.io/team], deny: [quay.io/team/legacy]}');
  assert.equal(decide(policy, image('quay.io/team/x')).outcome, 'pass');
  assert.equal(decide(policy, image('quay.io/team/legacy/x')).outcome, 'fail');
  assert.equal(decide(rule('registries: {allow: []}'), image('nginx')).outcome, 'fail');
  assert.equal(decide(rule('registries: {deny: [evil.io]}'), image('EVIL.IO/x')).outcome, 'fail');
  assert.equal(decide(rule('registries: {deny: [evil.io]}'), image('nginx')).outcome, 'pass');
});

test('an action warns, notes or denies, and hardens on its day', () => {
  const at = (text: string, day: string): Decision =>
    decide(rule('digest: true', text), image('nginx:1'), new Date(day));
  const warns = at(', action: warn', '2026-12-01T00:00:00Z');
  assert.deepEqual([warns.outcome, warns.warnings.length, warns.reasons.length], ['pass', 1, 0]);
  assert.equal(at(', action: audit', '2026-12-01T00:00:00Z').audits.length, 1);
  const hardens = ', action: warn, hardensOn: 2027-01-01';
  assert.equal(at(hardens, '2026-12-31T23:59:59.999Z').outcome, 'pass');
  assert.equal(at(hardens, '2027-01-01T00:00:00Z').outcome, 'fail');
  const byDefault = decide(`action: audit\n${rule('digest: true')}`, image('nginx:1'));
  assert.deepEqual([byDefault.outcome, byDefault.audits.length], ['pass', 1]);
});

test('selectors: namespaces, labels, images; all parts must fit', () => {
  const prod = rule('digest: true', ', match: {namespaces: [prod, "prod-*"]}');
  const inNamespace = (namespace: string | undefined): PolicySubject => ({ images: [{ text: 'nginx:1' }], namespace });
  assert.equal(decide(prod, inNamespace('prod')).outcome, 'fail');
  assert.equal(decide(prod, inNamespace('prod-eu')).outcome, 'fail');
  assert.equal(decide(prod, inNamespace('production')).outcome, 'pass');
  const unknown = decide(prod, inNamespace(undefined));
  assert.deepEqual([unknown.outcome, unknown.notAssessed], ['pass', [{ rule: 'r', needs: ['namespace'] }]]);
  const all = rule('digest: true', ', exclude: {namespaces: [kube-system]}');
  assert.equal(decide(all, inNamespace('kube-system')).outcome, 'pass');
  // Who does not tell the namespace is not let off.
  assert.equal(decide(all, inNamespace(undefined)).outcome, 'fail');

  const labels = rule('digest: true', ', match: {labels: {app: web, tier: "*"}}');
  const labelled = (given: Record<string, string> | undefined): Decision =>
    decide(labels, { images: [{ text: 'nginx:1' }], labels: given });
  assert.equal(labelled({ app: 'web', tier: 'x' }).outcome, 'fail');
  assert.equal(labelled({ app: 'web' }).outcome, 'pass');
  assert.equal(labelled({}).outcome, 'pass');
  assert.deepEqual(labelled(undefined).notAssessed, [{ rule: 'r', needs: ['labels'] }]);

  const images = rule('digest: true', ', match: {images: [quay.io/team]}');
  assert.equal(decide(images, image('quay.io/team/x:1')).outcome, 'fail');
  assert.equal(decide(images, image('QUAY.IO/team/x:1')).outcome, 'fail');
  assert.equal(decide(images, image('nginx:1')).outcome, 'pass');
  assert.equal(decide(images, image('quay.io/team/X')).outcome, 'fail');
  const but = rule('digest: true', ', exclude: {images: [quay.io/team]}');
  assert.equal(decide(but, image('quay.io/team/x:1')).outcome, 'pass');
  assert.equal(decide(but, image('QUAY.IO/team/x:1')).outcome, 'fail');
  assert.equal(decide(but, image('quay.io/team/X')).outcome, 'fail');
});

test('labels with the names of an object\u2019s own members are only labels', () => {
  const policy = rule('digest: true', ', match: {labels: {constructor: "*", toString: "*"}}');
  assert.equal(decide(policy, { images: [{ text: 'nginx:1' }], labels: {} }).outcome, 'pass');
});

test('vulnerabilities: all that is given must hold', () => {
  const cases: readonly (readonly [string, Partial<FindingFact>, 'pass' | 'fail'])[] = [
    ['{}', { severity: 'UNKNOWN', fixedVersion: '' }, 'fail'],
    ['{severity: HIGH}', { severity: 'HIGH' }, 'fail'],
    ['{severity: HIGH}', { severity: 'CRITICAL' }, 'fail'],
    ['{severity: HIGH}', { severity: 'MEDIUM' }, 'pass'],
    ['{severity: HIGH}', { severity: 'UNKNOWN' }, 'pass'],
    ['{severities: [UNKNOWN, CRITICAL]}', { severity: 'UNKNOWN' }, 'fail'],
    ['{severities: [UNKNOWN, CRITICAL]}', { severity: 'HIGH' }, 'pass'],
    ['{fixable: true}', { fixedVersion: '' }, 'pass'],
    ['{fixable: true}', { fixedVersion: '2' }, 'fail'],
    ['{fixable: false}', { fixedVersion: '' }, 'fail'],
    ['{fixable: false}', { fixedVersion: '2' }, 'pass'],
    ['{cvss: 9}', { cvss: 9 }, 'fail'],
    ['{cvss: 9}', { cvss: 8.9, severity: 'CRITICAL' }, 'pass'],
    ['{cvss: 9}', { cvss: undefined, severity: 'CRITICAL' }, 'fail'],
    ['{cvss: 9}', { cvss: undefined, severity: 'HIGH' }, 'pass'],
    ['{cvss: 9}', { cvss: undefined, severity: 'UNKNOWN' }, 'fail'],
    ['{packages: ["lib*", openssl]}', { packageName: 'libssl3' }, 'fail'],
    ['{packages: ["lib*", openssl]}', { packageName: 'openssl' }, 'fail'],
    ['{packages: ["lib*", openssl]}', { packageName: 'openssl-dev' }, 'pass'],
    ['{ids: [CVE-2026-*]}', { vulnerabilityId: 'CVE-2026-1' }, 'fail'],
    ['{ids: [CVE-2026-*]}', { vulnerabilityId: 'CVE-2025-1' }, 'pass'],
    ['{grace: 14d}', { publishedAt: '2026-11-25T00:00:00Z' }, 'pass'],
    ['{grace: 14d}', { publishedAt: '2026-11-17T12:00:00Z' }, 'fail'],
    ['{grace: 14d}', { publishedAt: '2026-11-17T12:00:01Z' }, 'pass'],
    ['{grace: 14d}', {}, 'fail'],
    ['{grace: 14d}', { publishedAt: 'yesterday' }, 'fail'],
    ['{grace: 14d}', { publishedAt: '2099-01-01T00:00:00Z' }, 'fail'],
    ['{grace: 14d}', { firstSeenAt: '2026-11-30T00:00:00Z' }, 'fail'],
    ['{grace: 14d, graceFrom: firstSeen}', { firstSeenAt: '2026-11-30T00:00:00Z' }, 'pass'],
    ['{grace: 14d, graceFrom: firstSeen}', { publishedAt: '2026-11-30T00:00:00Z' }, 'fail'],
  ];
  for (const [check, facts, outcome] of cases) {
    const subject = image('nginx:1', scanned({ findings: [finding(facts)] }));
    assert.equal(
      decide(rule(`vulnerabilities: ${check}`), subject).outcome,
      outcome,
      `${check} ${JSON.stringify(facts)}`,
    );
  }
  const [reason] = decide(rule('vulnerabilities: {}'), image('nginx:1', scanned({ findings: [finding()] }))).reasons;
  assert.equal(reason?.findings?.length, 1);
  assert.match(reason?.fix ?? '', /openssl to 3\.5\.4-r0/);
});

test('exceptions hold for what they name, in time, and say who answers for them', () => {
  const withException = (exception: string): string => `${rule('vulnerabilities: {}')}\nexceptions: [${exception}]`;
  const subject = image('quay.io/team/x:1', scanned({ findings: [finding()] }));
  const id = 'vulnerabilities: [CVE-2026-0001]';
  for (const [exception, outcome] of [
    [`{${id}}`, 'pass'],
    [`{${id}, packages: [openssl]}`, 'pass'],
    [`{${id}, packages: [zlib]}`, 'fail'],
    [`{${id}, images: [quay.io/team]}`, 'pass'],
    [`{${id}, images: [quay.io/tea]}`, 'fail'],
    [`{${id}, namespaces: [default]}`, 'pass'],
    [`{${id}, namespaces: [prod]}`, 'fail'],
    [`{${id}, rules: [r]}`, 'pass'],
    [`{${id}, expires: 2026-12-02}`, 'pass'],
    [`{${id}, expires: 2026-12-01}`, 'fail'],
    [`{${id}, expires: "2026-12-01T12:00:00Z"}`, 'fail'],
    ['{vulnerabilities: [CVE-2026-00011]}', 'fail'],
    ['{vulnerabilities: [cve-2026-0001]}', 'fail'],
    ['{packages: ["open*"]}', 'pass'],
    ['{rules: [r]}', 'pass'],
    ['{rules: [r], images: [quay.io/other]}', 'fail'],
  ] as const) {
    assert.equal(decide(withException(exception), subject).outcome, outcome, exception);
  }
  const named = `{${id}, reason: no such call, owner: web, expires: 2027-01-01}`;
  const [waived] = decide(withException(named), subject).waived;
  assert.deepEqual(waived?.by, { kind: 'exception', reason: 'no such call', owner: 'web', line: 4 });
  assert.equal(waived?.until?.toISOString(), '2027-01-01T00:00:00.000Z');
  // What is no name is nobody's image.
  const whole = `${rule('registries: {allow: [registry.good]}')}\nexceptions: [{rules: [r], images: [quay.io]}]`;
  assert.equal(decide(whole, image('quay.io/x:1')).outcome, 'pass');
  assert.equal(decide(whole, image('quay.io/X')).outcome, 'fail');
});

test('what could not be assessed is incomplete, and the policy says what then', () => {
  const check = 'vulnerabilities: {severity: CRITICAL}';
  const unknown = { code: 'OUTSIDE_COVERAGE', subject: 'alpine 3.14', reason: 'not covered' };
  const gap = image('nginx:1', scanned({ unknowns: [unknown] }));
  const pending = image('nginx:1', { state: 'pending' });
  const failed = image('nginx:1', { state: 'missing', code: 'SCAN_FAILED', reason: 'the registry is down' });
  for (const subject of [gap, pending, failed]) assert.equal(decide(rule(check), subject).outcome, 'incomplete');
  const handling = `${rule(check)}\nincomplete: {action: warn, pending: allow, codes: {SCAN_FAILED: deny}}`;
  assert.equal(decide(handling, gap).warnings[0]?.code, 'OUTSIDE_COVERAGE');
  assert.equal(decide(handling, pending).audits[0]?.code, 'SCAN_PENDING');
  assert.equal(decide(handling, failed).outcome, 'incomplete');
  // A rule that only warns never denies, not even for what it does not know.
  assert.equal(decide(rule(check, ', action: warn'), failed).warnings.length, 1);
  // Whatever is known to be broken is broken.
  const both = image('nginx:1', scanned({ findings: [finding({ severity: 'CRITICAL' })], unknowns: [unknown] }));
  const decision = decide(rule(check), both);
  assert.deepEqual([decision.outcome, decision.reasons.length], ['fail', 2]);
  // Nobody asked for what the protocol does not carry.
  assert.deepEqual(decide(rule(check), image('nginx:1')).notAssessed, [{ rule: 'r', needs: ['scan'] }]);
  // A rule over names needs no scan.
  assert.equal(decide(rule('digest: true'), image(`nginx@sha256:${hex}`, { state: 'pending' })).outcome, 'pass');
});

test('ages: of the scan and of the database, unknown ones and those from the future', () => {
  const check = rule('scan: {maxAge: 7d, maxDatabaseAge: 2d}');
  const at = (scannedAt: string | undefined, databaseUpdatedAt: string | undefined): Decision =>
    decide(check, image('nginx:1', scanned({ scannedAt, databaseUpdatedAt })));
  assert.equal(at('2026-11-30T00:00:00Z', '2026-11-30T00:00:00Z').outcome, 'pass');
  assert.equal(at('2026-11-20T00:00:00Z', '2026-11-30T00:00:00Z').outcome, 'fail');
  assert.equal(at('2026-11-30T00:00:00Z', '2026-11-20T00:00:00Z').outcome, 'fail');
  assert.equal(at('2026-12-01T12:30:00Z', '2026-12-01T12:30:00Z').outcome, 'pass');
  assert.deepEqual(
    at(undefined, '2027-11-30T00:00:00Z').reasons.map(({ code }) => code),
    ['DATABASE_AGE_UNKNOWN', 'SCAN_AGE_UNKNOWN'],
  );
});

test('workloads: level, score, findings; what its kind does not have, and what nobody looked at', () => {
  const policy = `rules:
  - {name: level, podSecurity: baseline}
  - {name: score, kubesec: {minScore: 3}}
  - {name: finds, manifest: {severity: HIGH, except: [host-network]}}`;
  const workload = (facts: object): Decision =>
    decide(policy, { images: [], workload: { state: 'assessed', unknowns: [], ...facts } });
  const bad = workload({
    podSecurity: { level: 'privileged', summary: 'stops at privileged' },
    kubesec: { score: 2 },
    findings: [
      { ruleId: 'TW-K001', rule: 'privileged-container', severity: 'CRITICAL', message: 'privileged' },
      { ruleId: 'TW-K002', rule: 'host-network', severity: 'HIGH', message: 'host network' },
    ],
  });
  assert.deepEqual(rulesOf(bad), ['level', 'score', 'finds']);
  const good = { podSecurity: { level: 'restricted', summary: '' }, kubesec: { score: 3 }, findings: [] };
  assert.equal(workload(good).outcome, 'pass');
  const none = workload({ podSecurity: 'none', kubesec: 'none', findings: [] });
  assert.deepEqual([none.outcome, none.notAssessed.length], ['pass', 0]);
  assert.equal(decide(policy, { images: [] }).notAssessed.length, 3);
  const missing = decide(policy, { images: [], workload: { state: 'missing', reason: 'broken' } });
  assert.deepEqual([missing.outcome, missing.reasons[0]?.code], ['incomplete', 'MANIFEST_UNASSESSED']);
  assert.equal(workload({ ...good, unknowns: ['a field is no list'] }).outcome, 'incomplete');
});

test('an object that could not be read may hold anything', () => {
  const subject: PolicySubject = { images: [], unread: 'not valid YAML' };
  assert.equal(decide(rule('registries: {allow: [a.b]}'), subject).outcome, 'incomplete');
  assert.equal(decide(rule('registries: {allow: [a.b]}', ', action: warn'), subject).outcome, 'pass');
  assert.equal(decide(rule('digest: true', ', match: {images: [quay.io]}'), subject).outcome, 'incomplete');
  assert.equal(
    decide(rule('digest: true', ', match: {namespaces: [x]}'), { ...subject, namespace: 'y' }).outcome,
    'pass',
  );
});

test('an update that leaves an image as it was is let through, unless it is to be judged', () => {
  const subject: PolicySubject = { images: [{ text: 'nginx:1', unchanged: true }, { text: 'redis:1' }] };
  const decision = decide(rule('digest: true'), subject);
  assert.deepEqual(
    decision.reasons.map((reason) => reason.image),
    ['redis:1'],
  );
  assert.deepEqual([decision.audits[0]?.image, decision.audits[0]?.insteadOf], ['nginx:1', 'deny']);
  assert.equal(decide(`${rule('digest: true')}\nunchanged: judge`, subject).reasons.length, 2);
});

test('an image without a name is judged by what is in it', () => {
  const policy = `rules:\n  - {name: names, registries: {allow: [a.b]}}\n  - {name: content, vulnerabilities: {}}`;
  const subject: PolicySubject = {
    images: [{ text: 'app.tar', nameless: true, scan: scanned({ findings: [finding()] }) }],
  };
  const decision = decide(policy, subject);
  assert.deepEqual(rulesOf(decision), ['content']);
  assert.deepEqual(decision.notAssessed, [{ rule: 'names', needs: ['name'] }]);
});

test('what is no name breaks the strongest rule that is for it, once', () => {
  const policy = `rules:
  - {name: a, digest: true, action: audit}
  - {name: b, vulnerabilities: {}, action: warn}
  - {name: c, tags: {deny: [latest]}, match: {namespaces: [prod]}}`;
  const decision = decide(policy, image('Nginx'));
  assert.deepEqual(
    [decision.outcome, decision.warnings.map((one) => [one.rule, one.check])],
    ['pass', [['b', 'name']]],
  );
  assert.deepEqual(rulesOf(decide(policy, { images: [{ text: 'Nginx' }], namespace: 'prod' })), ['c']);
});

test('reasons stand in the order of the images, then of the rules', () => {
  const policy = `rules:\n  - {name: z, digest: true}\n  - {name: a, official: true}`;
  const { reasons } = decide(policy, { images: [{ text: 'b.io/x:1' }, { text: 'a.io/x:1' }] });
  assert.deepEqual(
    reasons.map((reason) => `${reason.image} ${reason.rule}`),
    ['b.io/x:1 z', 'b.io/x:1 a', 'a.io/x:1 z', 'a.io/x:1 a'],
  );
});

const entries = fc.uniqueArray(
  fc.constantFrom(
    'a.io',
    'a.io/x',
    'a.io/x/y',
    'b.io',
    'docker.io/library',
    'docker.io/x',
    '*.io/**',
    '*.io/x',
    'a.io:5000',
  ),
  { maxLength: 4 },
);
const names = fc.constantFrom(
  'nginx',
  'x/y',
  'a.io/x',
  'a.io/x/y:1',
  'a.io/xx',
  'b.io/z',
  'A.IO/x',
  'a.io:5000/x',
  'a.io/X',
  '',
  `a.io/x@sha256:${hex}`,
);

test('another entry to deny, or another rule, never lets anything more through', () => {
  const made = (allow: readonly string[], deny: readonly string[], more: string): Policy =>
    policyOf(`rules: [{name: r, registries: {allow: ${JSON.stringify(allow)}, deny: ${JSON.stringify(deny)}}}${more}]`);
  const more = ', {name: s, tags: {deny: [latest]}, match: {images: [a.io]}}';
  fc.assert(
    fc.property(entries, entries, entries, names, (allow, deny, extra, text) => {
      const outcome = (policy: Policy): string => decide(policy, image(text)).outcome;
      if (outcome(made(allow, deny, '')) !== 'fail') return;
      assert.equal(outcome(made(allow, [...deny, ...extra], '')), 'fail');
      assert.equal(outcome(made(allow, deny, more)), 'fail');
    }),
    { numRuns: 300 },
  );
});

test('the same subject gives the same decision, and each image its own', () => {
  const policy = policyOf(
    'rules: [{name: r, registries: {allow: [a.io]}}, {name: d, digest: true, action: warn}, {name: t, tags: {deny: [latest]}}]',
  );
  fc.assert(
    fc.property(fc.array(names, { maxLength: 5 }), (texts) => {
      const together = decide(policy, { images: texts.map((text) => ({ text })) });
      assert.deepEqual(decide(policy, { images: texts.map((text) => ({ text })) }), together);
      const alone = texts.map((text) => decide(policy, { images: [{ text }] }));
      assert.deepEqual(
        together.reasons,
        alone.flatMap((decision) => decision.reasons),
      );
      assert.deepEqual(
        together.warnings,
        alone.flatMap((decision) => decision.warnings),
      );
      assert.equal(
        together.outcome === 'fail',
        alone.some((decision) => decision.outcome === 'fail'),
      );
    }),
    { numRuns: 200 },
  );
});
