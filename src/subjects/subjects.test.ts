import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { isTidewaiterError } from '../core/index.js';
import { parseYaml } from '../formats/index.js';
import { objectsOf, type KubernetesObject } from '../manifest/index.js';
import {
  evaluatePolicy,
  parsePolicy,
  PolicyError,
  type FindingFact,
  type Policy,
  type ScanFacts,
  type UnknownFact,
} from '../policy/index.js';
import { write, type ScanReport } from '../report/index.js';
import { checkManifestRules, readStoredReport, scanFactsOf, subjectOfObject, subjectsOfObject } from './index.js';
import * as reports from '../report/fixtures/reports.js';

const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';

function object(text: string): KubernetesObject {
  const [one] = objectsOf(parseYaml(text));
  assert.ok(one);
  return one;
}

const pod = (image: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop, labels: {app: web, n: 1}${more}}\nspec: {containers: [{name: c, image: "${image}"}]}\n`;

test('a report gives the same facts as what was written of it, in both formats', () => {
  for (const report of Object.values(reports)) {
    const facts = scanFactsOf(report);
    for (const format of ['json', 'tidewaiter']) {
      const text = [...write(report, { format, sha256Hex: () => '0'.repeat(64), showSuppressed: true })].join('');
      const stored = readStoredReport(text).facts;
      assert.deepEqual(stored.findings.map(comparable), facts.findings.map(comparable), format);
      const unknown = ({ code, subject }: UnknownFact): readonly string[] => [code, wellFormed(subject)];
      assert.deepEqual(stored.unknowns.map(unknown), facts.unknowns.map(unknown), format);
      assert.equal(Date.parse(stored.databaseUpdatedAt ?? ''), Date.parse(facts.databaseUpdatedAt ?? ''));
    }
  }
});

/** Writers replace what no text may hold, and dates are spelt in several ways. */
function comparable(finding: FindingFact): object {
  const texts = Object.entries(finding).map(([key, value]) => [
    key,
    typeof value === 'string' ? wellFormed(value) : value,
  ]);
  return { ...Object.fromEntries(texts), publishedAt: Date.parse(finding.publishedAt ?? '') };
}

function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

test('a report of nobody\u2019s, or damaged, is an error and never an empty one', () => {
  for (const text of [
    '',
    '{}',
    '[]',
    'null',
    '{"SchemaVersion":1,"ArtifactName":"x"}',
    '{"apiVersion":"v1","kind":"Pod"}',
  ]) {
    assert.throws(() => readStoredReport(text), isTidewaiterError, text);
  }
  const results =
    '{"SchemaVersion":2,"ArtifactName":"x","Results":[{"Vulnerabilities":[{"VulnerabilityID":"CVE-1"}]}]}';
  assert.throws(() => readStoredReport(results), isTidewaiterError);
  const foreign = readStoredReport('{"SchemaVersion":2,"ArtifactName":"x"}');
  assert.deepEqual(
    foreign.facts.unknowns.map(({ code }) => code),
    ['FOREIGN_REPORT'],
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        readStoredReport(text);
      } catch (error) {
        assert.ok(isTidewaiterError(error));
      }
    }),
    { numRuns: 100 },
  );
});

test('a stored report that leaves out what a rule asks for is incomplete, in both formats', () => {
  const [report] = Object.values(reports);
  assert.ok(report);
  const narrowed = (narrowing: ScanReport['narrowing'], format: string): ScanFacts => {
    const quiet = {
      ...report,
      narrowing,
      images: report.images.map((image) => ({ ...image, unknowns: [], results: [] })),
    };
    return readStoredReport([...write(quiet, { format, sha256Hex: () => '0'.repeat(64) })].join('')).facts;
  };
  const codes = (demand: string, facts: ScanFacts): readonly (string | undefined)[] => {
    const policy = parsePolicy(
      `${header}metadata: {name: p}\nrules: [{name: r, vulnerabilities: ${demand}}]\n`,
      'p.yaml',
    );
    const images = [{ text: 'nginx:1', scan: { state: 'scanned' as const, facts } }];
    return evaluatePolicy(policy, { images }, { now: new Date() }).reasons.map(({ code }) => code);
  };
  for (const format of ['json', 'tidewaiter']) {
    const low = narrowed({ severities: ['LOW'] }, format);
    assert.deepEqual(codes('{severity: CRITICAL}', low), ['REPORT_NARROWED'], format);
    assert.deepEqual(codes('{severities: [LOW]}', low), [], format);
    assert.deepEqual(codes('{cvss: 9}', low), ['REPORT_NARROWED'], format);
    const fixed = narrowed({ withoutStatuses: ['affected', 'will_not_fix'] }, format);
    assert.deepEqual(codes('{fixable: true}', fixed), [], format);
    assert.deepEqual(codes('{}', fixed), ['REPORT_NARROWED'], format);
    assert.deepEqual(codes('{}', narrowed({ skipped: ['usr/**'] }, format)), ['REPORT_NARROWED'], format);
    assert.deepEqual(codes('{}', narrowed(undefined, format)), [], format);
  }
});

test('a report in which an ignore file took findings away without a word is incomplete', () => {
  for (const report of Object.values(reports)) {
    const text = (showSuppressed: boolean): string =>
      [...write(report, { format: 'json', sha256Hex: () => '0'.repeat(64), showSuppressed })].join('');
    const ignored = report.images
      .flatMap((image) => image.results.flatMap((result) => result.suppressed))
      .filter(({ status }) => status === 'ignored').length;
    const options = (shown: boolean): readonly string[] => readStoredReport(text(shown)).facts.narrowing?.options ?? [];
    assert.deepEqual(options(true), []);
    assert.equal(options(false).length, ignored > 0 ? 1 : 0);
  }
});

test('an object tells its images with their places, its labels and its namespace', () => {
  const subject = subjectOfObject(object(pod('nginx:1')), {});
  assert.deepEqual(subject.labels, { app: 'web' });
  assert.deepEqual([subject.namespace, subject.object?.kind], ['shop', 'Pod']);
  assert.deepEqual(
    subject.images.map(({ text, place }) => [text, place?.slot, place?.name, place?.field]),
    [['nginx:1', 'container', 'c', 'spec.containers[0].image']],
  );
  assert.equal(subject.workload, undefined);
  assert.equal(subjectOfObject(object(pod('nginx:1')), { namespace: 'other' }).namespace, 'other');
});

test('images that stood in the same kind of place before are unchanged', () => {
  const before = object(pod('nginx:1'));
  const unchanged = (after: string): readonly (boolean | undefined)[] =>
    subjectOfObject(object(after), { before }).images.map((image) => image.unchanged);
  assert.deepEqual(unchanged(pod('nginx:1', ', annotations: {a: b}')), [true]);
  assert.deepEqual(unchanged(pod('nginx:2')), [false]);
  assert.deepEqual(
    subjectOfObject(before, {}).images.map((image) => image.unchanged),
    [undefined],
  );
});

test('rules of the manifest analysis that do not exist are refused', () => {
  const policy = (rule: string): Policy =>
    parsePolicy(`${header}rules: [{name: r, manifest: {rules: [${rule}]}}]\n`, 'p.yaml');
  assert.ok(checkManifestRules(policy('privileged-container'), 'p.yaml'));
  assert.throws(
    () => checkManifestRules(policy('privileged-contaner'), 'p.yaml'),
    (error) => error instanceof PolicyError && error.code === 'INVALID_POLICY',
  );
});

test('an object whose slots hold no usable name fails, whatever the policy asks of names', () => {
  const policy = parsePolicy(`${header}rules: [{name: r, registries: {allow: [a.io]}}]\n`, 'p.yaml');
  for (const image of ['', ' ', 'A', 'a.io//x']) {
    const subject = subjectOfObject(object(pod(image)), {});
    assert.equal(evaluatePolicy(policy, subject, { now: new Date(0) }).outcome, 'fail', image);
  }
});

test('each pod of a custom resource is asked about with its own labels', () => {
  const text = `apiVersion: example.com/v1
kind: Pair
metadata: {name: p, namespace: shop}
spec:
  a: {metadata: {labels: {app: one}}, spec: {containers: [{name: c, image: "a.io/x:1"}]}}
  b: {metadata: {labels: {app: two}}, spec: {containers: [{name: c, image: "b.io/x:1"}]}}
`;
  const subjects = subjectsOfObject(object(text), {});
  assert.deepEqual(
    subjects.map(({ labels, images }) => [labels?.['app'], images.map((image) => image.text)]),
    [
      ['one', ['a.io/x:1']],
      ['two', ['b.io/x:1']],
    ],
  );
  assert.equal(subjectOfObject(object(text), {}).labels, undefined);
  assert.equal(subjectsOfObject(object('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n'), {}).length, 1);
});

test('a volume that names no image yet is passed over, one that names none is not', () => {
  const withVolume = (image: string): readonly string[] =>
    subjectOfObject(
      object(pod('a.io/x:1').replace('spec: {', `spec: {volumes: [{name: v, image: ${image}}], `)),
      {},
    ).images.map(({ text }) => text);
  assert.deepEqual(withVolume('{pullPolicy: Always}'), ['a.io/x:1']);
  assert.deepEqual(withVolume('{reference: ""}'), ['a.io/x:1', '']);
  assert.deepEqual(withVolume('{reference: 1}'), ['a.io/x:1', '']);
  assert.deepEqual(withVolume('{reference: b.io/v:1}'), ['a.io/x:1', 'b.io/v:1']);
});
