import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Validator, type Schema } from '@cfworker/json-schema';
import * as examples from './fixtures/reports.js';
import type { ScanReport } from './scan-report.js';
import { ReportError, write, writerOf, writers } from './write.js';
import type { WriteOptions } from './writer.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();
const fixtures = join(repoRoot, 'src/report/fixtures');
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

const textOf = (report: ScanReport, format: string, options: Partial<WriteOptions> = {}): string =>
  [...write(report, { sha256Hex, format, ...options })].join('');

function matchesGolden(file: string, text: string): void {
  const path = join(fixtures, file);
  if (process.env['TIDEWAITER_GOLDEN'] === 'write') writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

const reports: readonly (readonly [string, ScanReport])[] = Object.entries(examples);
const extensions: Readonly<Record<string, string>> = {
  table: 'table.txt',
  json: 'json',
  tidewaiter: 'tidewaiter.json',
};

for (const [name, report] of reports) {
  for (const writer of writers) {
    test(`report: ${name} as ${writer.id}`, () => {
      const options = { showSuppressed: true, dependencyTree: true };
      const text = textOf(report, writer.id, options);
      matchesGolden(`${name}.${extensions[writer.id]}`, text);
      assert.equal(text, textOf(structuredClone(report), writer.id, options), 'the same report gives the same text');
      assert.ok(text.endsWith('\n'));
    });
  }
}

test('report: on a terminal', () => {
  matchesGolden(
    'full.terminal-110.txt',
    textOf(examples.full, 'table', { columns: 110, color: true, showSuppressed: true, dependencyTree: true }),
  );
  matchesGolden('full.terminal-80.txt', textOf(examples.full, 'table', { columns: 80 }));
});

function widthOnTerminal(columns: number): number {
  const lines = textOf(examples.shop, 'table', { columns }).split('\n');
  return Math.max(...lines.filter((line) => /^[┌│├└]/.test(line)).map((line) => line.length));
}

test('report: a table fits the terminal that it is given', () => {
  for (const columns of [80, 90, 100, 120]) assert.ok(widthOnTerminal(columns) <= columns);
  assert.ok(widthOnTerminal(40) <= 80, 'no wider than it must be where it cannot fit');
});

test('report: every golden belongs to a report', () => {
  const wanted = [
    ...reports.flatMap(([name]) => Object.values(extensions).map((extension) => `${name}.${extension}`)),
    'full.terminal-110.txt',
    'full.terminal-80.txt',
    'reports.ts',
  ];
  assert.deepEqual(readdirSync(fixtures).sort(), wanted.sort());
});

/** The schema with every object closed, so that a member that it does not describe is an error. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy && copy['type'] === 'object' ? { additionalProperties: false, ...copy } : copy;
}

test('report: our own document follows its schema, and the schema describes all of it', () => {
  const schema: unknown = JSON.parse(readFileSync(join(repoRoot, 'schemas/report.json'), 'utf8'));
  const validator = new Validator(closed(schema) as Schema, '2020-12', false);
  for (const [name, report] of reports) {
    const document: unknown = JSON.parse(textOf(report, 'tidewaiter'));
    const { valid, errors } = validator.validate(document);
    assert.ok(valid, `${name}: ${errors.map((error) => `${error.instanceLocation} ${error.error}`).join('; ')}`);
  }
  const broken: unknown = { ...examples.shop, verdict: { outcome: 'fine', reasons: [] } };
  assert.equal(validator.validate(broken).valid, false);
  const wider: unknown = { ...examples.shop, surprise: 1 };
  assert.equal(validator.validate(wider).valid, false);
});

test('report: our own document is the report', () => {
  for (const [name, report] of reports) {
    if (name === 'hostile') continue; // half a surrogate pair does not survive any file
    assert.deepEqual(JSON.parse(textOf(report, 'tidewaiter')), JSON.parse(JSON.stringify(report)));
  }
});

test('report: without the list of packages those with findings stay in our own document', () => {
  const document = JSON.parse(textOf(examples.full, 'tidewaiter', { listAllPackages: false })) as ScanReport;
  const names = document.images[0]?.results.map((result) => result.packages.map((item) => item.name));
  assert.deepEqual(names, [['libc6', 'perl'], ['left'], []]);
  assert.ok(!textOf(examples.full, 'json', { listAllPackages: false }).includes('"Packages": ['));
});

test('report: no writer lets foreign text steer a terminal through a table', () => {
  for (const columns of [undefined, 100]) {
    const text = textOf(examples.hostile, 'table', { showSuppressed: true, dependencyTree: true, columns });
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    const found = text.match(/[\0-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu);
    assert.equal(found, null);
    assert.ok(text.includes('\\x1b'), 'it is shown, not hidden');
  }
});

test('report: a table without colour has no escape sequences, one with colour only ours', () => {
  assert.ok(!textOf(examples.full, 'table', { columns: 100 }).includes('\u001b'));
  const painted = textOf(examples.hostile, 'table', { color: true, showSuppressed: true });
  // oxlint-disable-next-line no-control-regex -- our own sequences
  assert.ok(!painted.replace(/\u001b\[\d{1,2}m/g, '').includes('\u001b'));
});

test('report: what was not assessed never counts as 0', () => {
  const summary = textOf(examples.full, 'table', { tableModes: ['summary'] });
  assert.match(summary, /│ registry\.example\.org.*│ +4 \(incomplete\) +│/);
  assert.match(summary, /│ usr\/lib\/python3.*│ +\? +│/);
  assert.match(summary, /│ app\/node_modules\/right\/package\.json +│ +node-pkg +│ +0 +│/);
  assert.match(textOf(examples.platforms, 'table'), /alpine 9\.9\) \[linux\/arm64\] +│ alpine │ +\? /);
});

test('report: parts of the table by mode', () => {
  const summary = textOf(examples.shop, 'table', { tableModes: ['summary'] });
  const detailed = textOf(examples.shop, 'table', { tableModes: ['detailed'] });
  assert.equal(summary + detailed, textOf(examples.shop, 'table'));
  assert.ok(!detailed.includes('Report Summary'));
});

test('report: the totals name the severities that were asked for, in rising order', () => {
  const text = textOf(examples.shop, 'table', { severities: ['CRITICAL', 'UNKNOWN'] });
  assert.ok(text.includes('Total: 3 (UNKNOWN: 1, CRITICAL: 0)'));
});

test('report: a column a scanner, those that do not apply as not scanned', () => {
  const text = textOf(examples.shop, 'table', { scanners: ['secret', 'vuln'], tableModes: ['summary'] });
  assert.match(text, /│ Type +│ Secrets │ Vulnerabilities │|│ +Type +│ +Secrets +│ +Vulnerabilities +│/);
  assert.match(text, /│ +alpine +│ +- +│ +3 +│/);
});

test('report: packages of no distribution are in our own document, not in results that others read', () => {
  const [image] = examples.empty.images;
  const [shop] = examples.shop.images[0]?.results ?? [];
  assert.ok(image && shop);
  const operatingSystem = { family: 'none', name: '', endOfLife: false };
  const results = [{ ...shop, target: 'x (none)', type: 'none', findings: [] }];
  const report = { ...examples.empty, images: [{ ...image, operatingSystem, results }] };
  const document = JSON.parse(textOf(report, 'json')) as { Results?: unknown; Metadata: { OS: unknown } };
  assert.deepEqual([document.Results, document.Metadata.OS], [undefined, { Family: 'none', Name: '' }]);
  assert.match(textOf(report, 'tidewaiter'), /x \(none\)/);
  assert.match(textOf(report, 'table'), /x \(none\)/);
});

test('report: what was suppressed is named without its file', () => {
  const [image] = examples.shop.images;
  const [result] = image?.results ?? [];
  const [finding] = result?.findings ?? [];
  assert.ok(image && result && finding);
  const suppressed = [
    { finding: { ...finding, packageName: 'pip', packagePath: 'a/METADATA' }, status: 'ignored', source: 'x.yaml' },
  ] as const;
  const report = { ...examples.shop, images: [{ ...image, results: [{ ...result, suppressed }] }] };
  assert.match(textOf(report, 'table', { showSuppressed: true }), /│ pip {4} │ CVE-[^\n]* ignored │ N\/A/);
});

test('report: many unknowns are counted, and a bounded number shown', () => {
  const unknowns = Array.from({ length: 100 }, (_, i) => ({
    code: 'FILE_UNREADABLE' as const,
    subject: `f${i}`,
    reason: `could not read f${i}`,
  }));
  const [image] = examples.shop.images;
  assert.ok(image);
  const text = textOf({ ...examples.shop, images: [{ ...image, unknowns }] }, 'table');
  assert.ok(text.includes('Not assessed (100)'));
  assert.equal(text.split('\n').filter((line) => line.startsWith('- FILE_UNREADABLE')).length, 20);
  assert.ok(text.includes('and 80 more'));
});

test('report: in pieces, whatever its length', () => {
  const [image] = examples.shop.images;
  const [result] = image?.results ?? [];
  const [first] = result?.findings ?? [];
  assert.ok(image && result && first);
  const findings = Array.from({ length: 20_000 }, (_, i) => ({ ...first, vulnerabilityId: `CVE-2031-${i}` }));
  const long = { ...examples.shop, images: [{ ...image, results: [{ ...result, findings }] }] };
  for (const { id } of writers) {
    let longest = 0;
    for (const piece of write(long, { format: id, sha256Hex })) longest = Math.max(longest, piece.length);
    assert.ok(longest < 200_000, `${id}: ${longest}`);
  }
});

test('report: a format that there is not', () => {
  assert.throws(
    () => writerOf('yaml'),
    (error) => error instanceof ReportError && error.code === 'UNKNOWN_FORMAT',
  );
  assert.equal(writerOf('json').id, 'json');
});
