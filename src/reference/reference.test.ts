import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import {
  formatFamiliar,
  formatReference,
  InvalidReferenceError,
  isOfficialImage,
  parseReference,
  type ReferenceRule,
} from './index.js';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;
const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();

/** text, registry, repository, tag ('' = none), digest ('' = none) */
const good: readonly (readonly [string, string, string, string, string])[] = [
  ['nginx', 'docker.io', 'library/nginx', 'latest', ''],
  ['bitnami/nginx:1', 'docker.io', 'bitnami/nginx', '1', ''],
  ['docker.io/nginx', 'docker.io', 'library/nginx', 'latest', ''],
  ['index.docker.io/nginx', 'docker.io', 'library/nginx', 'latest', ''],
  ['INDEX.docker.io/nginx', 'INDEX.docker.io', 'nginx', 'latest', ''],
  ['registry-1.docker.io/library/nginx', 'registry-1.docker.io', 'library/nginx', 'latest', ''],
  ['localhost/x', 'localhost', 'x', 'latest', ''],
  ['LOCALHOST/x', 'LOCALHOST', 'x', 'latest', ''],
  ['REG/x', 'REG', 'x', 'latest', ''],
  ['reg:5000/x', 'reg:5000', 'x', 'latest', ''],
  ['reg.io:99999/x', 'reg.io:99999', 'x', 'latest', ''],
  ['reg/x', 'docker.io', 'reg/x', 'latest', ''],
  ['reg_x/y', 'docker.io', 'reg_x/y', 'latest', ''],
  ['nginx:5000', 'docker.io', 'library/nginx', '5000', ''],
  ['nginx:_x', 'docker.io', 'library/nginx', '_x', ''],
  [`sha256:${hex}`, 'docker.io', 'library/sha256', hex, ''],
  ['registry.good', 'docker.io', 'library/registry.good', 'latest', ''],
  ['docker.io', 'docker.io', 'library/docker.io', 'latest', ''],
  [`a.b/c@${digest}`, 'a.b', 'c', '', digest],
  [`nginx:latest@${digest}`, 'docker.io', 'library/nginx', 'latest', digest],
  [`nginx@sha512:${hex}${hex}`, 'docker.io', 'library/nginx', '', `sha512:${hex}${hex}`],
  ['a__b', 'docker.io', 'library/a__b', 'latest', ''],
  ['a---b', 'docker.io', 'library/a---b', 'latest', ''],
  [`reg.io/${hex}`, 'reg.io', hex, 'latest', ''],
  [`${hex}:1`, 'docker.io', `library/${hex}`, '1', ''],
  ['[::1]:5000/x', '[::1]:5000', 'x', 'latest', ''],
  ['[2001:db8::1]/a/b:1', '[2001:db8::1]', 'a/b', '1', ''],
  [`r.io/${'a'.repeat(255)}`, 'r.io', 'a'.repeat(255), 'latest', ''],
  ['a'.repeat(247), 'docker.io', `library/${'a'.repeat(247)}`, 'latest', ''],
  [`${'r'.repeat(300)}.io/a`, `${'r'.repeat(300)}.io`, 'a', 'latest', ''],
];

const bad: readonly (readonly [string, ReferenceRule, number])[] = [
  ['', 'EMPTY', 0],
  ['Nginx', 'UPPER_CASE', 0],
  ['reg.io/aNginx', 'UPPER_CASE', 8],
  ['host/Upper/x', 'UPPER_CASE', 5],
  [`nginx@SHA256:${hex}`, 'INVALID_DIGEST', 6],
  ['nginx:', 'INVALID_TAG', 6],
  ['nginx@', 'INVALID_DIGEST', 6],
  ['nginx@sha256', 'INVALID_DIGEST', 12],
  ['nginx@sha256:', 'INVALID_DIGEST', 13],
  [`nginx@sha256:${'a'.repeat(63)}`, 'INVALID_DIGEST', 76],
  [`nginx@sha256:${hex}a`, 'INVALID_DIGEST', 77],
  [`nginx@sha256:${'a'.repeat(63)}A`, 'INVALID_DIGEST', 76],
  ['nginx@md5:aa', 'INVALID_DIGEST', 6],
  ['nginx@__proto__:aa', 'INVALID_DIGEST', 6],
  [':1', 'EMPTY_COMPONENT', 0],
  [`@${digest}`, 'EMPTY_COMPONENT', 0],
  ['/x', 'EMPTY_COMPONENT', 0],
  ['a//b', 'EMPTY_COMPONENT', 2],
  ['reg.io//x', 'EMPTY_COMPONENT', 7],
  ['reg.io/x/', 'EMPTY_COMPONENT', 9],
  ['docker.io/', 'EMPTY_COMPONENT', 10],
  ['a___b', 'INVALID_SEPARATOR', 3],
  ['a..b', 'INVALID_SEPARATOR', 2],
  ['reg.io/a._b', 'INVALID_SEPARATOR', 9],
  ['reg.io/_a', 'INVALID_SEPARATOR', 7],
  ['reg.io/a-', 'INVALID_SEPARATOR', 8],
  ['registry.good/../x', 'INVALID_SEPARATOR', 14],
  ['a.b/c:1:2', 'INVALID_TAG', 7],
  ['nginx:-x', 'INVALID_TAG', 6],
  ['nginx:v1.0+build', 'INVALID_TAG', 10],
  [`a:${'t'.repeat(129)}`, 'TAG_TOO_LONG', 130],
  ['https://reg.io/x', 'SCHEME', 0],
  ['user@reg.io/x', 'CREDENTIALS', 4],
  ['user:pw@reg.io/x', 'CREDENTIALS', 7],
  ['*.io/x', 'INVALID_REGISTRY', 0],
  ['reg..io/x', 'INVALID_REGISTRY', 4],
  ['reg.io./x', 'INVALID_REGISTRY', 7],
  ['-reg.io/x', 'INVALID_REGISTRY', 0],
  ['reg-.io/x', 'INVALID_REGISTRY', 3],
  ['::1/x', 'INVALID_REGISTRY', 0],
  ['[fe80::1%eth0]/x', 'INVALID_REGISTRY', 8],
  ['[::1/x', 'INVALID_REGISTRY', 4],
  ['[]:1/x', 'INVALID_REGISTRY', 1],
  ['[::1]x/y', 'INVALID_REGISTRY', 5],
  ['reg.io:/x', 'INVALID_PORT', 7],
  ['reg.io:abc/x', 'INVALID_PORT', 7],
  ['reg_x.io/y', 'UNDERSCORE_IN_REGISTRY', 3],
  [' nginx', 'INVALID_CHARACTER', 0],
  ['nginx ', 'INVALID_CHARACTER', 5],
  ['nginx\n', 'INVALID_CHARACTER', 5],
  ['nginx:1\n', 'INVALID_TAG', 7],
  ['reg.io/é', 'INVALID_CHARACTER', 7],
  ['reg.io/x?y', 'INVALID_CHARACTER', 8],
  [hex, 'HEX_NAME', 0],
  [`r.io/${'a'.repeat(256)}`, 'REPOSITORY_TOO_LONG', 260],
  ['a'.repeat(248), 'REPOSITORY_TOO_LONG', 247],
];

test('image names: registry, repository, tag and digest', () => {
  for (const [text, registry, repository, tag, wantedDigest] of good) {
    const parsed = parseReference(text);
    assert.deepEqual(
      [parsed.registry, parsed.repository, parsed.tag ?? '', parsed.digest ?? ''],
      [registry, repository, tag, wantedDigest],
      text,
    );
  }
});

test('wrong image names: the rule and the character', () => {
  for (const [text, code, offset] of bad) {
    assert.throws(
      () => parseReference(text),
      (error) => {
        assert.ok(error instanceof InvalidReferenceError, text);
        assert.deepEqual([error.code, error.offset], [code, offset], text);
        return true;
      },
    );
  }
});

test('the registry with an underscore is named in words', () => {
  assert.throws(() => parseReference('reg_x.io/y'), /underscore/);
});

test('the names that Kubernetes was asked for', (t) => {
  const file = join(repoRoot, '..', 'shared', 'data', 'recordings', 'references.json');
  if (!existsSync(file)) return t.skip('../shared is not here');
  const records = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string | null>[];
  assert.ok(records.length >= 132);
  for (const { image, domain, repository, tag, digest: wanted, error } of records) {
    const text = image ?? '';
    if (error !== undefined || !domain) {
      assert.throws(() => parseReference(text), InvalidReferenceError, text);
      continue;
    }
    const parsed = parseReference(text);
    assert.deepEqual(
      [parsed.registry, parsed.repository, parsed.tag ?? null, parsed.digest ?? null],
      [domain, repository, tag, wanted],
      text,
    );
  }
});

const label = fc.stringMatching(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?$/);
const component = fc.stringMatching(/^[a-z0-9]{1,5}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,5}){0,2}$/);
const registry = fc.oneof(
  fc.constantFrom('docker.io', 'index.docker.io', 'localhost', '[::1]', '[2001:db8::1]:5000'),
  fc.tuple(label, label, fc.option(fc.nat(99999))).map(([a, b, port]) => `${a}.${b}${port === null ? '' : `:${port}`}`),
);
const name = fc
  .tuple(
    fc.option(registry),
    fc.array(component, { minLength: 1, maxLength: 4 }),
    fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/)),
    fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
  )
  .map(([host, path, tag, sum]) => {
    // Without a registry, a first part with a dot would be read as one, and may then not have an underscore.
    const registryPart = host ?? (path.length > 1 && path[0]?.includes('.') ? 'docker.io' : '');
    const suffix = `${tag === null ? '' : `:${tag}`}${sum === null ? '' : `@sha256:${sum}`}`;
    return `${registryPart}${registryPart && '/'}${path.join('/')}${suffix}`;
  });

test('parse, print, parse gives the same, in the canonical and in the familiar form', () => {
  fc.assert(
    fc.property(name, (text) => {
      const parsed = parseReference(text);
      assert.deepEqual(parseReference(formatReference(parsed)), parsed);
      assert.deepEqual(parseReference(formatFamiliar(parsed)), parsed);
    }),
    { numRuns: 500 },
  );
});

const grammarLabel = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const grammarComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const grammar = new RegExp(
  `^(?:${grammarLabel}(?:\\.${grammarLabel})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/${grammarComponent}(?:/${grammarComponent})*` +
    '(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}))?$',
);

test('any text is parsed into the grammar or refused at one of its characters', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '0',
    '.',
    '_',
    '__',
    '-',
    '/',
    ':',
    '@',
    '[',
    ']',
    ' ',
    'é',
    'docker.io',
    'sha256:',
    digest,
    hex,
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(piece, { maxLength: 9 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        assert.match(formatReference(parseReference(input)), grammar);
      } catch (error) {
        assert.ok(error instanceof InvalidReferenceError, String(error));
        assert.ok(error.offset >= 0 && error.offset <= input.length, `${error.offset} in ${JSON.stringify(input)}`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('the familiar form keeps the registry where leaving it out would name another', () => {
  assert.equal(formatFamiliar(parseReference('docker.io/library/nginx:1')), 'nginx:1');
  assert.equal(formatFamiliar(parseReference('docker.io/bitnami/nginx')), 'bitnami/nginx:latest');
  assert.equal(formatFamiliar(parseReference('docker.io/localhost/x')), 'docker.io/localhost/x:latest');
  assert.equal(formatFamiliar(parseReference('docker.io/a.b/x')), 'docker.io/a.b/x:latest');
});

test('hostile names are refused with a short printable message', () => {
  const many = 100_000;
  const texts = [
    'a'.repeat(many),
    'a-'.repeat(many),
    'a/'.repeat(many),
    '-'.repeat(many),
    `a${'-'.repeat(many)}`,
    'A.'.repeat(many),
    `r.io:${'1'.repeat(many)}`,
    `a@${'sha256:'.repeat(many)}`,
    `[${':'.repeat(many)}/x`,
    '\u001b[2J'.repeat(many),
    '\u202ea/b',
  ];
  for (const text of texts) {
    try {
      parseReference(text);
      assert.fail(`parsed ${text.slice(0, 20)}`);
    } catch (error) {
      assert.ok(error instanceof InvalidReferenceError, String(error));
      assert.ok(error.message.length < 500);
      assert.doesNotMatch(error.message, /[\p{C}]/u);
    }
  }
});

test('official images are docker.io/library/<one name>, nothing else', () => {
  for (const text of ['nginx', 'docker.io/nginx:1', 'index.docker.io/library/nginx', 'registry.good'])
    assert.equal(isOfficialImage(parseReference(text)).official, true, text);
  for (const text of [
    'bitnami/nginx',
    'docker.io/library/nginx/extra',
    'DOCKER.IO/library/nginx',
    'docker.io:443/library/nginx',
    'registry-1.docker.io/library/nginx',
    'quay.io/library/nginx',
    'localhost/nginx',
  ]) {
    const answer = isOfficialImage(parseReference(text));
    assert.equal(answer.official, false, text);
    assert.ok(answer.why.length > 0);
  }
});
