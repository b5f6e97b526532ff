import assert from 'node:assert/strict';
import test from 'node:test';
import { admissionOutcomes, admissionRoutes } from '../admission/index.js';
import { AdmissionMetrics } from './admission-metrics.js';

interface Family {
  readonly type: string;
  readonly samples: { readonly name: string; readonly labels: string; readonly value: number }[];
}

const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const sample = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(${label}(?:,${label})*)\\})? (\\S+)$`);

/** As strictly as the text format is written down: each family once, its HELP, its TYPE, its samples. */
function parse(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'));
  const families = new Map<string, Family>();
  let open: [string, Family] | undefined;
  let helped = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, name = '', words = ''] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (words !== '') {
      assert.ok(!families.has(name), `${name} stands twice`);
      helped = name;
      continue;
    }
    const [, typed, type = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (typed !== undefined) {
      assert.equal(typed, helped);
      open = [typed, { type, samples: [] }];
      families.set(...open);
      continue;
    }
    const match = sample.exec(line);
    assert.ok(match && open, line);
    const [, own = '', labels = '', value = ''] = match;
    const [family, { samples, type: kind }] = open;
    const endings = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    assert.ok(
      endings.some((ending) => own === `${family}${ending}`),
      `${own} in ${family}`,
    );
    assert.ok(Number.isFinite(Number(value)), line);
    assert.ok(!samples.some((other) => other.name === own && other.labels === labels), `${line} stands twice`);
    samples.push({ name: own, labels, value: Number(value) });
  }
  return families;
}

void test('the metrics are what Prometheus reads', () => {
  const metrics = new AdmissionMetrics();
  parse(metrics.text({}));
  for (const route of admissionRoutes) {
    for (const [at, outcome] of admissionOutcomes.entries()) {
      for (const seconds of [0, 1e-7, 0.001, 0.3, 99]) {
        metrics.decided(route, { outcome, allowed: at % 2 === 0, seconds, breakGlassRefused: at === 2 });
      }
    }
  }
  metrics.unanswerable();
  metrics.scanned('failed');
  metrics.opaAsked('late');
  const families = parse(metrics.text({ ready: { help: '1 while it is.', value: 1 } }));
  for (const [name, { type }] of families) {
    assert.match(name, /^tidewaiter_admission_[a-z0-9_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
  }
  const { samples = [] } = families.get('tidewaiter_admission_decision_duration_seconds') ?? {};
  for (const route of admissionRoutes) {
    const own = samples.filter(({ labels }) => labels.startsWith(`route="${route}"`));
    const buckets = own.filter(({ name }) => name.endsWith('_bucket')).map(({ value }) => value);
    assert.deepEqual(
      buckets,
      buckets.toSorted((a, b) => a - b),
    );
    assert.equal(buckets.at(-1), own.find(({ name }) => name.endsWith('_count'))?.value);
    assert.equal(buckets.at(-1), admissionOutcomes.length * 5);
  }
  const last = families.get('tidewaiter_admission_last_review_timestamp_seconds');
  assert.deepEqual(
    last?.samples.map(({ labels }) => labels),
    admissionRoutes.map((route) => `route="${route}"`),
  );
});
