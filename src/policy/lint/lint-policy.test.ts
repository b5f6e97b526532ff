import assert from 'node:assert/strict';
import test from 'node:test';
import * as expressions from '../../expressions/index.js';
import { lintPolicy, type PolicyProblemCode } from '../index.js';

const now = new Date('2026-12-01T00:00:00Z');
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';

function lint(body: string): readonly string[] {
  return lintPolicy(`${header}${body}\n`, { now, expressions }).map(({ code, line }) => `${code} ${line}`);
}

const registries = (entries: string): string => `rules: [{name: r, registries: ${entries}}]`;
const exception = (body: string): string => `rules: [{name: r, vulnerabilities: {}}]\nexceptions: [${body}]`;
const complete = 'reason: x, owner: team, expires: 2027-01-01';

const table: readonly (readonly [string, readonly PolicyProblemCode[]])[] = [
  [registries('{allow: [a.io, docker.io/library]}'), []],
  [registries('{allow: [REG.io]}'), ['NEVER_MATCHES']],
  ['rules: [{name: r, expressions: ["image.official", "1 == 1"]}]', ['NO_EFFECT']],
  ['rules: [{name: r, expressions: [image.official, {expression: " image.official", message: x}]}]', ['UNREACHABLE']],
  ['rules: [{name: r, expressions: [image.official]}, {name: s, expressions: [image.official]}]', ['UNREACHABLE']],
  ['rules: [{name: r, expressions: [image.official]}, {name: s, expressions: [images.size() < 9]}]', []],
  [
    'rules: [{name: r, expressions: ["findings == []"]}]\nexceptions: [{vulnerabilities: [CVE-1], reason: x, owner: team, expires: 2027-01-01}]',
    [],
  ],
  [
    'rules: [{name: r, opa: {url: "https://a.io/v1/data/x"}}, {name: s, opa: {url: "https://a.io/v1/data/x"}}]',
    ['UNREACHABLE'],
  ],
  [registries('{allow: [a.io], deny: [A.io/x]}'), []],
  [registries('{allow: [index.docker.io/library]}'), ['SPELLING']],
  [registries('{allow: [registry-1.docker.io/library]}'), ['NEVER_MATCHES']],
  [registries('{allow: [docker.io/nginx]}'), ['NEVER_MATCHES']],
  [registries('{allow: [docker.io/mycompany]}'), []],
  [registries('{allow: [a.io, a.io/x]}'), ['UNREACHABLE']],
  [registries('{allow: [a.io/x, a.io]}'), ['UNREACHABLE']],
  [registries('{allow: [a.io, a.io]}'), ['UNREACHABLE']],
  [registries('{allow: [a.io/x, a.io/xy]}'), []],
  [registries('{allow: ["*.a.io", b.a.io/x]}'), ['UNREACHABLE']],
  [registries('{allow: [a.io/x], deny: [a.io]}'), ['UNREACHABLE']],
  [registries('{allow: [a.io], deny: [a.io/x]}'), []],
  [registries('{allow: [a.io], deny: [b.io]}'), ['NO_EFFECT']],
  [registries('{allow: ["*.io"], deny: [b.io]}'), []],
  [registries('{deny: [evil.io]}'), ['NO_FENCE']],
  ['rules: []', ['NO_EFFECT']],
  ['rules: [{name: r, digest: true, action: warn, hardensOn: 2027-01-01}]', []],
  ['rules: [{name: r, digest: true, action: warn, hardensOn: 2026-01-01}]', ['DATE_PASSED']],
  ['rules: [{name: r, digest: true, hardensOn: 2027-01-01}]', ['NO_EFFECT']],
  ['rules: [{name: r, digest: true, exclude: {labels: {a: b}}}]', ['BY_LABEL']],
  [
    'rules: [{name: r, digest: true, match: {namespaces: [prod]}, exclude: {namespaces: [Kube-System]}}]',
    ['NEVER_MATCHES'],
  ],
  ['rules: [{name: r, digest: true, match: {namespaces: [a, b]}, exclude: {namespaces: ["*"]}}]', ['UNREACHABLE']],
  ['rules: [{name: r, digest: true, match: {namespaces: [a, b]}, exclude: {namespaces: [a]}}]', []],
  ['rules: [{name: r, digest: true}, {name: s, digest: true, action: warn}]', ['UNREACHABLE']],
  ['rules: [{name: r, digest: true}, {name: s, digest: true, match: {namespaces: [a]}}]', []],
  [exception(`{vulnerabilities: [CVE-1], ${complete}}`), []],
  [exception('{vulnerabilities: [CVE-1]}'), ['WITHOUT_REASON', 'WITHOUT_OWNER', 'WITHOUT_END']],
  [exception('{vulnerabilities: [CVE-1], reason: x, owner: team, expires: 2026-11-30}'), ['EXPIRED']],
  [exception(`{rules: [r], ${complete}}`), ['NO_EFFECT']],
  [exception(`{rules: [r], images: [a.io], ${complete}}`), []],
  [`rules: [{name: r, digest: true}]\nexceptions: [{vulnerabilities: [CVE-1], ${complete}}]`, ['NO_EFFECT']],
];

test('each oddity is told, and nothing is told of what is sound', () => {
  for (const [body, codes] of table) {
    assert.deepEqual(
      lint(body).map((one) => one.split(' ')[0]),
      codes,
      body,
    );
  }
});

test('warnings stand at the line that they are about, in order', () => {
  const body = `rules:
  - name: r
    registries:
      allow:
        - a.io
        - a.io/x
  - name: s
    digest: true
    hardensOn: 2030-01-01
exceptions:
  - rules: [r]
    images: [a.io]
    reason: x
    owner: team
    expires: 2020-01-01`;
  assert.deepEqual(lint(body), ['UNREACHABLE 8', 'NO_EFFECT 11', 'EXPIRED 17']);
});

test('a policy that cannot be used has its errors told alone', () => {
  const problems = lintPolicy(`${header}rules: [{name: r, digset: true}]\nexceptions: [{vulnerabilities: [x]}]\n`, {
    now,
  });
  assert.ok(problems.length > 0 && problems.every(({ severity }) => severity === 'error'));
});
