import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Validator, type Schema } from '@cfworker/json-schema';
import * as fc from 'fast-check';
import { unknownCodes } from '../../findings/index.js';
import * as expressions from '../../expressions/index.js';
import { parseYaml } from '../../formats/index.js';
import {
  lintPolicy,
  parsePolicy,
  PolicyError,
  policyUnknownCodes,
  readPolicy,
  type PolicyProblemCode,
} from '../index.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();
const schema = JSON.parse(readFileSync(join(repoRoot, 'schemas', 'policy.json'), 'utf8')) as Schema;
const validator = new Validator(schema, '2020-12');
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';

const rule = (check: string): string => `${header}rules: [{name: r, ${check}}]\n`;

const good = [
  `${header}rules: []\n`,
  rule('official: true'),
  rule('digest: true, action: audit, hardensOn: 2027-01-01, fix: do it'),
  rule('digest: true, hardensOn: "2027-01-01T10:00:00+02:00"'),
  rule('registries: {allow: [a.io, "*.b.io/**", "[::1]:5000/x"], deny: []}'),
  rule('registries: {allow: []}'),
  rule('tags: {allow: ["v*"], deny: [latest]}'),
  rule('scan: {maxAge: 7d, maxDatabaseAge: 36h}'),
  rule('vulnerabilities: {}'),
  rule(
    'vulnerabilities: {severity: HIGH, cvss: 7.5, fixable: true, packages: ["a*"], ids: [CVE-1], grace: 2w, graceFrom: firstSeen}',
  ),
  rule('vulnerabilities: {severities: [LOW, UNKNOWN]}'),
  rule('podSecurity: restricted'),
  rule('kubesec: {minScore: -3}'),
  rule('manifest: {severity: HIGH, rules: [TW-K001], except: []}'),
  rule('expressions: ["image.official", {expression: "true", message: words, messageExpression: "image.text"}]'),
  rule('opa: {url: "https://opa.example.com:8181/v1/data/x/y", timeout: 3s}'),
  rule('opa: {url: "http://127.0.0.1/v1/data/x"}'),
  rule('digest: true, match: {namespaces: ["*"], labels: {a: b}, images: [a.io]}, exclude: {namespaces: [x]}'),
  `${header}metadata: {name: one, description: words}\naction: warn\nunchanged: judge\nrules: [{name: a.B-1_c, digest: true}]\nincomplete: {action: warn, pending: allow, codes: {NO_OS: allow, SCAN_FAILED: deny}}\nexceptions: [{vulnerabilities: [CVE-1], packages: [x], images: [a.io], namespaces: [prod], rules: [a.B-1_c], reason: words, owner: team, expires: 2027-01-01}]\n`,
];

/** The document, the first problem's code, line and column. */
const bad: readonly (readonly [string, PolicyProblemCode, number, number])[] = [
  ['', 'NOT_A_POLICY', 1, 1],
  ['# nothing\n', 'NOT_A_POLICY', 1, 1],
  ['- a\n', 'NOT_A_POLICY', 1, 1],
  ['a: [b\n', 'NOT_YAML', 2, 1],
  ['kind: Policy\nrules: []\n', 'NOT_A_POLICY', 1, 1],
  ['apiVersion: v1\nkind: Policy\nrules: []\n', 'NOT_A_POLICY', 1, 1],
  ['apiVersion: tidewaiter.dev/v1\nkind: Pod\nrules: []\n', 'NOT_A_POLICY', 2, 1],
  [`${header}rules: []\n---\n${header}rules: []\n`, 'NOT_A_POLICY', 4, 1],
  [header, 'MISSING', 1, 1],
  [`${header}ruels: []\nrules: []\n`, 'UNKNOWN_KEY', 3, 1],
  [`${header}rules: {}\n`, 'WRONG_TYPE', 3, 1],
  [`${header}rules: [x]\n`, 'WRONG_TYPE', 3, 9],
  [`${header}rules:\n  - digest: true\n`, 'MISSING', 4, 5],
  [`${header}rules:\n  - name: r\n`, 'MISSING', 4, 5],
  [`${header}rules:\n  - name: a b\n    digest: true\n`, 'WRONG_VALUE', 4, 5],
  [`${header}rules:\n  - name: 1\n    digest: true\n`, 'WRONG_TYPE', 4, 5],
  [`${header}rules:\n  - name: r\n    digest: true\n    official: true\n`, 'WRONG_VALUE', 6, 5],
  [`${header}rules:\n  - name: r\n    digest: false\n`, 'WRONG_VALUE', 5, 5],
  [`${header}rules:\n  - name: r\n    digest: yes please\n`, 'WRONG_TYPE', 5, 5],
  [`${header}rules:\n  - name: r\n    footprint: {}\n`, 'NOT_YET', 5, 5],
  [`${header}rules:\n  - name: r\n    expressions: []\n`, 'WRONG_VALUE', 5, 5],
  [rule('expressions: [{}]'), 'MISSING', 3, 33],
  [rule('expressions: [{expression: "true", mesage: x}]'), 'UNKNOWN_KEY', 3, 54],
  [rule('expressions: [1]'), 'WRONG_TYPE', 3, 33],
  [rule('expressions: [""]'), 'WRONG_VALUE', 3, 33],
  [rule('expressions: ["nothing == 1"]'), 'WRONG_EXPRESSION', 3, 33],
  [rule('expressions: ["true", {expression: "1"}]'), 'WRONG_EXPRESSION', 3, 42],
  [`${header}rules:\n  - name: r\n    digset: true\n`, 'UNKNOWN_KEY', 5, 5],
  [`${header}rules:\n  - {name: r, digest: true}\n  - {name: r, digest: true}\n`, 'NAME_TAKEN', 5, 6],
  [`${header}rules:\n  - name: r\n    action: block\n    digest: true\n`, 'WRONG_VALUE', 5, 5],
  [`${header}rules:\n  - name: r\n    hardensOn: 2027-02-30\n    digest: true\n`, 'WRONG_VALUE', 5, 5],
  [`${header}rules:\n  - name: r\n    hardensOn: soon\n    digest: true\n`, 'WRONG_VALUE', 5, 5],
  [`${header}rules:\n  - name: r\n    match: {}\n    digest: true\n`, 'WRONG_VALUE', 5, 5],
  [`${header}rules:\n  - name: r\n    match: {namespaces: []}\n    digest: true\n`, 'WRONG_VALUE', 5, 13],
  [`${header}rules:\n  - name: r\n    match: {labels: {a: 1}}\n    digest: true\n`, 'WRONG_TYPE', 5, 22],
  [`${header}rules:\n  - name: r\n    registries: {}\n`, 'MISSING', 5, 5],
  [
    `${header}rules:\n  - name: r\n    registries:\n      allow:\n        - a.io\n        - https://b.io\n`,
    'WRONG_ENTRY',
    8,
    11,
  ],
  [`${header}rules:\n  - name: r\n    registries:\n      allow: a.io\n`, 'WRONG_TYPE', 6, 7],
  [rule('tags: {deny: [1.0]}'), 'WRONG_TYPE', 3, 33],
  [rule('tags: {deny: ["a b"]}'), 'WRONG_ENTRY', 3, 33],
  [rule('vulnerabilities: {severity: high}'), 'WRONG_VALUE', 3, 37],
  [rule('vulnerabilities: {severity: HIGH, severities: [LOW]}'), 'WRONG_VALUE', 3, 53],
  [rule('vulnerabilities: {cvss: 11}'), 'WRONG_VALUE', 3, 37],
  [rule('vulnerabilities: {grace: 14}'), 'WRONG_TYPE', 3, 37],
  [rule('vulnerabilities: {grace: 14 days}'), 'WRONG_VALUE', 3, 37],
  [rule('vulnerabilities: {graceFrom: published}'), 'MISSING', 3, 37],
  [rule('vulnerabilities: {packages: []}'), 'WRONG_VALUE', 3, 37],
  [rule('scan: {}'), 'MISSING', 3, 19],
  [rule('podSecurity: privileged'), 'WRONG_VALUE', 3, 19],
  [rule('kubesec: {}'), 'MISSING', 3, 19],
  [rule('opa: {}'), 'MISSING', 3, 19],
  [rule('opa: {url: "http://opa.example.com/v1/data/x"}'), 'WRONG_VALUE', 3, 25],
  [rule('opa: {url: "https://a@opa.example.com/v1/data/x"}'), 'WRONG_VALUE', 3, 25],
  [rule('opa: {url: "https://opa.example.com/v1/query"}'), 'WRONG_VALUE', 3, 25],
  [`${rule('digest: true')}exceptions: [{reason: x}]\n`, 'MISSING', 4, 14],
  [`${rule('digest: true')}exceptions: [{rules: [q]}]\n`, 'UNKNOWN_RULE', 4, 23],
  [`${rule('digest: true')}exceptions: [{vulnerabilities: []}]\n`, 'WRONG_VALUE', 4, 15],
  [`${rule('digest: true')}exceptions: [{rules: [r], expires: never}]\n`, 'WRONG_VALUE', 4, 27],
  [`${rule('digest: true')}incomplete: {codes: {NO_SUCH: deny}}\n`, 'UNKNOWN_KEY', 4, 22],
  [`${rule('digest: true')}incomplete: {action: fail}\n`, 'WRONG_VALUE', 4, 14],
  [`${rule('digest: true')}unchanged: maybe\n`, 'WRONG_VALUE', 4, 1],
  [`${rule('digest: true')}metadata: {nmae: x}\n`, 'UNKNOWN_KEY', 4, 12],
];

/** What a schema cannot say: dates that do not exist, names taken, keys twice, entries that could never fit. */
const beyondSchema: ReadonlySet<PolicyProblemCode> = new Set([
  'NAME_TAKEN',
  'UNKNOWN_RULE',
  'REPEATED_KEY',
  'WRONG_ENTRY',
  'WRONG_EXPRESSION',
]);

test('what is well formed is read, and fits the published schema', () => {
  for (const text of good) {
    const { policy, problems } = readPolicy(text, { expressions });
    assert.ok(policy, JSON.stringify(problems));
    const { valid, errors } = validator.validate(parseYaml(text));
    assert.ok(valid, `${text}\n${JSON.stringify(errors.slice(0, 3))}`);
  }
});

test('what is wrong is told with its place, and does not fit the schema either', () => {
  for (const [text, code, line, column] of bad) {
    const { policy, problems } = readPolicy(text, { expressions });
    assert.equal(policy, undefined, text);
    const [first] = problems;
    assert.deepEqual(
      [first?.code, first?.line, first?.column],
      [code, line, column],
      `${text}\n${JSON.stringify(problems)}`,
    );
    assert.throws(
      () => parsePolicy(text, 'p.yaml', { expressions }),
      (error) => error instanceof PolicyError && error.code === 'INVALID_POLICY',
    );
    if (beyondSchema.has(code) || text.includes('02-30') || code === 'NOT_YAML' || text.includes('---')) continue;
    assert.equal(validator.validate(/^(#.*\n)?$/.test(text) ? null : parseYaml(text)).valid, false, text);
  }
});

test('the nearest key is named, and all problems at once', () => {
  const { problems } = readPolicy(`${header}rules:\n  - name: r\n    digset: true\n    acton: deny\n`);
  assert.deepEqual(
    problems.map(({ code, hint }) => [code, hint?.includes('digest') === true || hint?.includes('action') === true]),
    [
      ['UNKNOWN_KEY', true],
      ['UNKNOWN_KEY', true],
    ],
  );
});

test('keys that are known by another name are told their own', () => {
  for (const [text, meant] of [
    ['registry: {allow: [a.io]}', 'registries'],
    ['registries: {allowed: [a.io]}', 'allow'],
    ['vulnerability: {}', 'vulnerabilities'],
    ['vulnerabilities: {minSeverity: HIGH}', 'severity'],
    ['vulnerabilities: {minCvss: 7}', 'cvss'],
  ] as const) {
    const { problems } = readPolicy(`${header}rules:\n  - name: r\n    ${text}\n`);
    assert.ok(
      problems.some(({ hint }) => hint === `did you mean ${meant}?`),
      text,
    );
  }
});

test('a key that stands twice is an error: the first one would be lost', () => {
  const { policy, problems } = readPolicy(
    `${header}rules:\n  - name: r\n    registries:\n      deny: [a.io]\n      deny: [b.io]\n`,
  );
  assert.equal(policy, undefined);
  assert.deepEqual(
    problems.map(({ code, line }) => [code, line]),
    [['REPEATED_KEY', 7]],
  );
});

test('the schema knows every key and code that the reader knows', () => {
  const codes = Object.keys(
    (schema as { properties: { incomplete: { properties: { codes: { properties: object } } } } }).properties.incomplete
      .properties.codes.properties,
  );
  const known = [...unknownCodes, ...policyUnknownCodes].filter((code) => code !== 'SCAN_PENDING');
  assert.deepEqual([...codes].sort(), [...known].sort());
});

test('the examples are policies without a fault', () => {
  const folder = join(repoRoot, 'examples', 'policies');
  const files = readdirSync(folder).filter((file) => /(?<!\.test)\.yaml$/.test(file));
  assert.ok(files.length >= 3);
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.deepEqual(lintPolicy(text, { now: new Date('2026-12-01'), expressions }), [], file);
    assert.ok(validator.validate(parseYaml(text)).valid, file);
  }
});

test('hostile documents end in problems, never in an exception', () => {
  const texts = [
    `${header}rules: &a [*a]\n`,
    `${header}__proto__: {rules: []}\nrules: []\n`,
    `${header}rules: [{name: r, match: {labels: {__proto__: x}}, digest: true}]\n`,
    `${header}rules: ${'['.repeat(500)}${']'.repeat(500)}\n`,
    `${header}rules: [${'{name: r, digest: true},'.repeat(1001)}]\n`,
    `${header}rules: [{name: r, registries: {allow: [${'a.io,'.repeat(10_001)}]}}]\n`,
    `${header}rules: "${'x'.repeat(100_000)}"\n`,
    `${header}? [a, b]\n: c\nrules: []\n`,
  ];
  for (const text of texts) {
    const { problems } = readPolicy(text);
    for (const { message } of problems) assert.doesNotMatch(message, /[\p{Cc}]/u);
  }
});

test('whatever is changed in a policy, it is read or told', () => {
  const pieces = good.join('\n').split(/(?<=[,{}[\]:\n])/);
  fc.assert(
    fc.property(
      fc.constantFrom(...good),
      fc.nat(400),
      fc.constantFrom(...pieces, '\u0000', 'é', '&a', '*a', '<<: '),
      (text, at, piece) => {
        const changed = `${text.slice(0, at)}${piece}${text.slice(at)}`;
        const { policy, problems } = readPolicy(changed, { expressions });
        assert.ok(policy !== undefined || problems.length > 0);
        lintPolicy(changed, { now: new Date('2026-12-01') });
      },
    ),
    { numRuns: 400 },
  );
});
