import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import {
  judgeReview,
  openInquiries,
  readAdmissionReview,
  readImageReview,
  withAnswers,
  type AdmissionVerdict,
  type AnswerSource,
  type Judge,
} from '../../src/admission/index.js';
import { checkManifests, type ManifestSubject } from '../../src/cli/check-manifests.js';
import { createContext } from '../../src/core/index.js';
import * as expressions from '../../src/expressions/index.js';
import { asString, type JsonObject } from '../../src/formats/index.js';
import { policyInput } from '../../src/opa/index.js';
import {
  evaluatePolicy,
  needsOf,
  notSeenBy,
  parsePolicy,
  type Decision,
  type Policy,
  type PolicySubject,
  type ScanKnowledge,
} from '../../src/policy/index.js';
import { temporaryFolder } from '../support/paths.js';

const now = new Date('2026-12-01T00:00:00Z');
const time = { now, deadline: Number.POSITIVE_INFINITY };
const hex = 'c'.repeat(64);
const seed = 20261201;
const maxBytes = 8 * 1024 * 1024;

const names = [
  'nginx',
  'nginx:1.27',
  'docker.io/library/redis:7',
  'bitnami/redis:7',
  'quay.io/team/app:1',
  'quay.io/teams/app:1',
  'QUAY.IO/team/app:1',
  'registry.example.com/shop/web:1',
  'registry.example.com.evil.io/shop/web:1',
  'registry.example.com:5000/shop/web:1',
  `registry.example.com/shop/web@sha256:${hex}`,
  `nginx:latest@sha256:${hex}`,
  'registry.example.com/shop/Web:1',
  'reg_x.io/y:1',
  'https://quay.io/team/app',
  'quay.io/team/../app',
  'a.corp.example/x:dev',
  'a.b.corp.example/x:1',
];

/** What is known of the content of an image follows from its name. */
function knowledgeOf(text: string): ScanKnowledge {
  let sum = 7;
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 9973;
  const kind = sum % 6;
  if (kind === 0) return { state: 'pending' };
  if (kind === 1) return { state: 'missing', code: 'SCAN_FAILED', reason: 'the registry is down' };
  const severity = kind === 2 ? 'CRITICAL' : kind === 3 ? 'HIGH' : 'LOW';
  const finding = {
    vulnerabilityId: `CVE-2026-${kind}`,
    packageName: 'openssl',
    installedVersion: '1',
    fixedVersion: kind === 3 ? '' : '2',
    severity,
    publishedAt: kind === 4 ? '2026-11-30T00:00:00Z' : '2026-01-01T00:00:00Z',
  } as const;
  const unknowns = kind === 5 ? [{ code: 'OUTSIDE_COVERAGE', subject: 'alpine', reason: 'not covered' }] : [];
  return { state: 'scanned', facts: { scannedAt: '2026-11-20T00:00:00Z', findings: [finding], unknowns } };
}

const action = fc.constantFrom('deny', 'deny', 'warn', 'audit');
const selector = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  'match: {namespaces: [shop, "prod-*"]}',
  'exclude: {namespaces: [kube-system]}',
  'match: {labels: {app: web}}',
  'exclude: {labels: {tier: "*"}}',
  'match: {images: [docker.io]}',
  'exclude: {images: [quay.io/team]}',
);
const check = fc.constantFrom(
  'registries: {allow: [docker.io/library, quay.io/team, registry.example.com]}',
  'registries: {allow: ["*.corp.example", docker.io, quay.io], deny: [quay.io/team/app]}',
  'registries: {deny: [quay.io]}',
  'official: true',
  'tags: {deny: [latest, dev]}',
  'tags: {allow: ["1*"]}',
  'digest: true',
  'scan: {maxAge: 7d}',
  'vulnerabilities: {severity: HIGH}',
  'vulnerabilities: {fixable: true, grace: 14d}',
  'vulnerabilities: {severity: CRITICAL}',
  'vulnerabilities: {ids: [CVE-1999-*]}',
  'scan: {maxAge: 30d}',
  'podSecurity: baseline',
  'kubesec: {minScore: 0}',
  'manifest: {rules: [privileged-container, host-network]}',
  `expressions: ['image.registry in ["docker.io", "quay.io"]', 'image.digest != "" || image.tag.matches("^[0-9]")']`,
  `expressions: ['findings.all(f, f.severity != "CRITICAL" || f.fixed == "")', 'now - scannedAt < duration("800h")']`,
  `expressions: ['findings.all(f, f.cvss < 9.0)']`,
  `expressions: ['podSpec.containers.all(c, !has(c.securityContext))', 'namespaceName != "default"']`,
  `opa: {url: "http://127.0.0.1:8181/v1/data/x"}`,
  `opa: {url: "http://127.0.0.1:8181/v1/data/x", needs: [scan]}`,
  `opa: {url: "http://127.0.0.1:8181/v1/data/x", needs: [workload]}`,
  `opa: {url: "http://127.0.0.1:8181/v1/data/x", needs: [scan, workload]}`,
  `expressions: ['images.all(i, i.registry != "quay.io")', '!("tier" in labels) || object.kind == "Pod"']`,
);
const tail = fc.constantFrom(
  '',
  'unchanged: judge',
  'incomplete: {action: warn}',
  'incomplete: {action: deny, pending: allow, codes: {OUTSIDE_COVERAGE: warn}}',
  'exceptions: [{vulnerabilities: [CVE-2026-2], packages: ["open*"], images: [docker.io/library], expires: 2027-01-01}]',
);

const policy = fc
  .tuple(fc.array(fc.tuple(check, action, selector, fc.boolean()), { minLength: 1, maxLength: 3 }), tail)
  .map(([rules, end]) => {
    const lines = rules.map(([demand, what, who, hardens], at) => {
      const parts = [`name: r${at}`, demand, `action: ${what}`, ...(who === undefined ? [] : [who])];
      if (hardens) parts.push('hardensOn: 2026-12-01');
      return `  - {${parts.join(', ')}}`;
    });
    return parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\nrules:\n${lines.join('\n')}\n${end}\n`, 'p.yaml', {
      expressions,
    });
  });

const container = fc
  .tuple(fc.constantFrom(...names), fc.boolean())
  .map(([image, privileged]) => ({ image, ...(privileged ? { securityContext: { privileged } } : {}) }));

interface Workload {
  readonly object: JsonObject;
  readonly namespace: string;
  /** Images in the order of an ImageReview: containers, then init containers. */
  readonly images: readonly string[];
}

const workload = fc
  .record({
    kind: fc.constantFrom('Pod', 'Deployment', 'CronJob', 'PodTemplate'),
    namespace: fc.constantFrom('shop', 'prod-eu', 'kube-system', 'default'),
    labels: fc.constantFrom({}, { app: 'web' }, { app: 'web', tier: 'front' }),
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    inits: fc.array(container, { maxLength: 1 }),
    volume: fc.option(fc.constantFrom(...names)),
    hostNetwork: fc.boolean(),
  })
  .map(({ kind, namespace, labels, containers, inits, volume, hostNetwork }): Workload => {
    const named = (prefix: string, all: readonly object[]): object[] =>
      all.map((one, at) => ({ name: `${prefix}${at}`, ...one }));
    const spec = {
      ...(hostNetwork ? { hostNetwork } : {}),
      containers: named('c', containers),
      ...(inits.length > 0 ? { initContainers: named('i', inits) } : {}),
      ...(volume === null ? {} : { volumes: [{ name: 'v', image: { reference: volume } }] }),
    };
    const images = [...containers, ...inits].map(({ image }) => image);
    return { object: objectOf(kind, namespace, { metadata: { labels }, spec }), namespace, images };
  });

function objectOf(kind: string, namespace: string, template: { metadata: object; spec: object }): JsonObject {
  const metadata = { name: 'x', namespace };
  const whole: Readonly<Record<string, object>> = {
    Pod: { apiVersion: 'v1', kind, metadata: { ...metadata, ...template.metadata }, spec: template.spec },
    Deployment: { apiVersion: 'apps/v1', kind, metadata, spec: { selector: {}, template } },
    CronJob: {
      apiVersion: 'batch/v1',
      kind,
      metadata,
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } },
    },
    PodTemplate: { apiVersion: 'v1', kind, metadata, template },
  };
  return whole[kind] as JsonObject;
}

const resources: Readonly<Record<string, readonly [string, string]>> = {
  Pod: ['', 'pods'],
  Deployment: ['apps', 'deployments'],
  CronJob: ['batch', 'cronjobs'],
  PodTemplate: ['', 'podtemplates'],
};

const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

async function askAdmission({ object, namespace }: Workload, judge: Judge): Promise<AdmissionVerdict> {
  const kind = asString(object['kind']) ?? '';
  const [group = '', resource = ''] = resources[kind] ?? [];
  const request = {
    uid: '11111111-2222-3333-4444-555555555555',
    kind: { group, version: 'v1', kind },
    resource: { group, version: 'v1', resource },
    name: 'x',
    namespace,
    operation: 'CREATE',
    userInfo: { username: 'ann' },
    object,
    oldObject: null,
  };
  const read = readAdmissionReview(
    encode({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }),
    maxBytes,
  );
  assert.ok(read.kind === 'review', JSON.stringify(read));
  return await judgeReview(read.review, judge, time);
}

async function askImagePolicy({ images, namespace }: Workload, judge: Judge): Promise<AdmissionVerdict> {
  const spec = { containers: images.map((image) => ({ image })), namespace };
  const read = readImageReview(
    encode({ apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', metadata: {}, spec }),
    maxBytes,
  );
  assert.ok(read.kind === 'review', JSON.stringify(read));
  return await judgeReview(read.review, judge, time);
}

/** Answers as an engine that looks at all that it is told. */
const engine: AnswerSource = {
  findAnswer({ policy: name, rule, check: { needs }, subject }) {
    const told = JSON.stringify(policyInput(subject, { policy: name, rule, needs }));
    const deny = ['"severity":"CRITICAL"', '"level":"privileged"', 'bitnami'].filter((text) => told.includes(text));
    if (deny.length === 0 && told.includes('quay.io/teams'))
      return Promise.resolve({ state: 'missing', reason: 'it does not know them' });
    return Promise.resolve({ state: 'answered', deny, warn: [] });
  },
};

/** Asks the engine as `check` does. */
async function decide(policyOf: Policy, subject: PolicySubject): Promise<Decision> {
  const first = evaluatePolicy(policyOf, subject, { now });
  if (first.outcome === 'fail') return first;
  const rules = openInquiries(policyOf, first, subject);
  const answered = await withAnswers(subject, { policy: policyOf, rules, source: engine }, time.deadline);
  return evaluatePolicy(policyOf, answered, { now });
}

const outcomes = { pass: ['allow', 'warn'], fail: ['deny'], incomplete: ['incomplete'] } as const;

/** Asks as `check` does, with everything scanned. */
async function ask(policyOf: Policy, { subject }: ManifestSubject): Promise<Decision> {
  const images = subject.images.map((image) => ({ ...image, scan: knowledgeOf(image.text) }));
  return await decide(policyOf, { ...subject, images });
}

/** What an ImageReview carries of a subject: containers alone, no labels, no object. */
function asImageReview({ subject }: ManifestSubject): PolicySubject {
  const images = subject.images.filter(({ place }) => place?.slot !== 'imageVolume');
  return { images: images.map(({ text }) => ({ text, scan: knowledgeOf(text) })), namespace: subject.namespace };
}

/** Of a rule over the whole, too, an image volume may be what breaks it. */
function isBeyondImageReview({ check: demand }: Policy['rules'][number]): boolean {
  const asksForAll =
    demand.id === 'opa' ||
    (demand.id === 'expressions' && demand.entries.some(({ expression }) => expression.mentions.has('images')));
  return notSeenBy('ImageReview').includes(demand.id) || asksForAll || needsOf(demand).includes('object');
}

test('check, AdmissionReview and ImageReview agree in all that each carries, in 10,000 cases', async (t) => {
  const folder = temporaryFolder(t);
  const workloads = fc.sample(workload, { numRuns: 250, seed });
  const policies = fc.sample(policy, { numRuns: 50, seed });
  const file = join(folder, 'all.yaml');
  writeFileSync(file, workloads.map(({ object }) => JSON.stringify(object)).join('\n---\n'));
  const terminal = {} as Parameters<typeof checkManifests>[0]['terminal'];
  const context = { ...createContext(), terminal, environment: {} };
  const subjects = await checkManifests(context, [file], { now, namespace: undefined });
  assert.equal(subjects.length, workloads.length);
  let cases = 0;
  const seen = new Map<string, number>();
  for (const one of policies) {
    const judge: Judge = {
      policy: one,
      exemptNamespaces: new Set(),
      scans: { findScan: (text) => Promise.resolve(knowledgeOf(text)) },
      answers: engine,
    };
    for (const [at, each] of workloads.entries()) {
      const subject = subjects[at];
      assert.ok(subject);
      const words = (): string => `${JSON.stringify(each.object)}\n${JSON.stringify(one)}`;
      const checked = await ask(one, subject);
      const reviewed = await askAdmission(each, judge);
      assert.ok(
        outcomes[checked.outcome].some((outcome) => outcome === reviewed.outcome),
        `${checked.outcome}, ${reviewed.outcome}: ${words()}`,
      );
      const carried = await decide(one, asImageReview(subject));
      const imageReview = await askImagePolicy(each, judge);
      assert.ok(
        outcomes[carried.outcome].some((outcome) => outcome === imageReview.outcome),
        `${carried.outcome}, ${imageReview.outcome}: ${words()}`,
      );
      // What an ImageReview refuses, the others refuse.
      if (!imageReview.allowed) assert.ok(!reviewed.allowed && checked.outcome !== 'pass', words());
      // What they find beyond it is of a rule that it could not judge, or of an image that it was not told.
      const open = new Set(imageReview.notAssessed.map(({ rule }) => rule));
      // A rule over objects may be for an object because of an image volume alone.
      for (const rule of one.rules) if (isBeyondImageReview(rule)) open.add(rule.name);
      if (imageReview.allowed) {
        for (const reason of checked.reasons) {
          assert.ok(open.has(reason.rule) || reason.place?.slot === 'imageVolume', `${reason.rule}: ${words()}`);
        }
      }
      seen.set(checked.outcome, (seen.get(checked.outcome) ?? 0) + 1);
      cases++;
    }
  }
  assert.ok(cases >= 10_000);
  for (const outcome of ['pass', 'fail', 'incomplete'])
    assert.ok((seen.get(outcome) ?? 0) > 200, `${outcome}: ${seen.get(outcome)}`);
});
