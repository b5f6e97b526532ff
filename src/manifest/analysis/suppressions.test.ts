import assert from 'node:assert/strict';
import test from 'node:test';
import { analyse } from '../../../test/support/manifest-tester.js';
import type { ManifestReport } from './manifest-report.js';

const rules = ['privileged-container', 'host-pid', 'image-without-digest', 'network-policy-absent'];

const deployment = (options: {
  readonly own?: string;
  readonly template?: string;
  readonly above?: string;
  readonly beside?: string;
}): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
  annotations: {${options.own ?? ''}}
spec:
  template:
    metadata:
      annotations: {${options.template ?? ''}}
    spec:
      hostPID: true
      containers:
      - name: one
        image: r.example.com/one@sha256:${'a'.repeat(64)}
        securityContext:
          ${options.above ?? '# nothing'}
          privileged: true ${options.beside ?? ''}
      - name: two
        image: r.example.com/two@sha256:${'a'.repeat(64)}
        securityContext:
          privileged: true
`;

const run = (yaml: string, only = rules): ManifestReport => analyse(yaml, { rules: only });

const left = ({ findings }: ManifestReport): readonly string[] =>
  findings
    .filter(({ rule }) => rule !== 'network-policy-absent')
    .map(({ rule, container }) => `${rule} ${container?.name ?? ''}`.trim())
    .sort();

const all = ['host-pid', 'privileged-container one', 'privileged-container two'];

for (const [what, text] of [
  ['an id', 'TW-K001 it builds images'],
  ['a colon', 'TW-K001: it builds images'],
  ['an equals sign', 'TW-K001=it builds images'],
  ['a last day', 'TW-K001 until 2026-06-01: it builds images'],
  ['a last day with an equals sign', 'TW-K001 until=2026-06-01 it builds images'],
  ['a last day behind the reason', 'TW-K001 it builds images until=2027-01-31'],
  ['a name', 'privileged-container: it builds images'],
  ['small letters', 'tw-k001 it builds images'],
] as const) {
  test(`an annotation takes a finding away: ${what}`, () => {
    const report = run(deployment({ own: `tidewaiter.dev/ignore: ${JSON.stringify(text)}` }));
    assert.deepEqual(left(report), ['host-pid']);
    assert.deepEqual(
      report.suppressed.map(({ reason, by }) => [reason, by.line]),
      [
        ['it builds images', 5],
        ['it builds images', 5],
      ],
    );
    assert.deepEqual(report.unusedSuppressions, []);
  });
}

test('several entries, a reason with a semicolon, and one container only', () => {
  const text = 'TW-K001 container=two: it is so; really; TW-K023 until 2026-12-31 = it watches';
  const report = run(deployment({ template: `tidewaiter.dev/ignore: "${text}"` }));
  assert.deepEqual(left(report), ['privileged-container one']);
  assert.deepEqual(
    report.suppressed.map(({ reason, until }) => [reason, until]),
    [
      ['it is so; really', undefined],
      ['it watches', '2026-12-31'],
    ],
  );
});

test('an annotation for one rule', () => {
  const report = run(deployment({ template: 'tidewaiter.dev/ignore.TW-K023: "until 2026-12-31: it watches"' }));
  assert.deepEqual(left(report), all.slice(1));
  assert.deepEqual(report.suppressed[0]?.until, '2026-12-31');
});

test('several rules with one reason', () => {
  const report = run(deployment({ own: 'tidewaiter.dev/ignore: "TW-K001, TW-K023: node agent"' }));
  assert.deepEqual(left(report), []);
});

test('what only all objects tell is taken away too', () => {
  const report = run(deployment({ own: 'tidewaiter.dev/ignore: "TW-K140: the platform has one"' }));
  assert.ok(report.suppressed.some(({ finding }) => finding.ruleId === 'TW-K140'));
  assert.ok(!report.findings.some(({ ruleId }) => ruleId === 'TW-K140'));
});

test('an annotation of the template covers the template, not the object', () => {
  const report = run(deployment({ template: 'tidewaiter.dev/ignore: "TW-K140: no"' }));
  assert.ok(report.findings.some(({ ruleId }) => ruleId === 'TW-K140'));
  assert.equal(report.unusedSuppressions.length, 1);
});

test('a comment above or beside the line', () => {
  const above = run(deployment({ above: '# tidewaiter:ignore TW-K001 it builds images' }));
  assert.deepEqual(left(above), ['host-pid', 'privileged-container two']);
  assert.equal(above.suppressed[0]?.by.line, 16);
  const beside = run(deployment({ beside: '# tidewaiter:ignore TW-K001 "it builds images" until=2026-07-01' }));
  assert.deepEqual(left(beside), ['host-pid', 'privileged-container two']);
  assert.deepEqual(beside.suppressed[0]?.reason, 'it builds images');
  const stacked = run(
    deployment({ above: '# tidewaiter:ignore TW-K001 it builds images\n\n          # and this is why' }),
  );
  assert.deepEqual(left(stacked), ['host-pid', 'privileged-container two']);
});

test('a comment for a field that is not there stands at what it is missing from', () => {
  const yaml = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  # tidewaiter:ignore TW-K061 a small program
  - name: a
    image: a
  - name: b
    image: b
`;
  const report = run(yaml, ['memory-limit-missing']);
  assert.deepEqual(left(report), ['memory-limit-missing b']);
});

for (const [what, text, reason] of [
  ['no reason', 'TW-K001', /without a reason/],
  ['a reason of signs', 'TW-K001: --', /without a reason/],
  ['a day in the past', 'TW-K001 until 2026-05-31: it builds images', /until 2026-05-31/],
  ['a day that is none', 'TW-K001 until 2026-02-30: it builds images', /no date/],
  ['a day in words', 'TW-K001 until=tomorrow it builds images', /no date/],
  ['a rule that is none', 'TW-K999 it builds images', /no rule "TW-K999"/],
  ['no rule', '', /no rule/],
  ['every rule', '*: it builds images', /no rule/],
] as const) {
  test(`a suppression with ${what} does not count, and is told`, () => {
    const report = run(deployment({ own: `tidewaiter.dev/ignore: ${JSON.stringify(text)}` }));
    assert.deepEqual(left(report), all);
    assert.equal(report.unusedSuppressions.length, 1);
    assert.match(report.unusedSuppressions[0]?.reason ?? '', reason);
    assert.equal(report.unusedSuppressions[0]?.place.line, 5);
  });
}

test('a suppression that takes nothing away is told, unless its rule was not asked', () => {
  const yaml = deployment({ own: 'tidewaiter.dev/ignore: "TW-K024: no such thing"' });
  assert.equal(run(yaml, ['host-ipc']).unusedSuppressions.length, 1);
  assert.equal(run(yaml, ['host-pid']).unusedSuppressions.length, 0);
});

test('a value that is no text takes nothing away', () => {
  const report = run(deployment({ own: 'tidewaiter.dev/ignore.TW-K001: true' }));
  assert.deepEqual(left(report), all);
  assert.equal(report.unusedSuppressions.length, 1);
});

test('text that looks like a comment is none', () => {
  const yaml = `apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations:
    note: |
      # tidewaiter:ignore TW-K023 not a comment
    other: "x # tidewaiter:ignore TW-K023 not a comment"
spec:
  hostPID: true
  containers: [{name: a, image: a}]
`;
  const report = run(yaml, ['host-pid']);
  assert.deepEqual(left(report), ['host-pid']);
  assert.deepEqual(report.unusedSuppressions, []);
});

test('what is kept on purpose is not made invalid by another fix', () => {
  const edits = (own: string): readonly string[] =>
    run(deployment({ own }), ['privileged-container', 'privilege-escalation-allowed'])
      .findings.filter((finding) => finding.edits.length > 0)
      .map(({ ruleId, container }) => `${ruleId} ${container?.name}`);
  const mended = ['TW-K001 one', 'TW-K001 two', 'TW-K002 one', 'TW-K002 two'];
  assert.deepEqual([...edits('')].sort(), mended);
  assert.deepEqual([...edits('tidewaiter.dev/ignore: "TW-K001 container=one: it builds images"')].sort(), [
    'TW-K001 two',
    'TW-K002 two',
  ]);
});
