import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { evaluatePolicy, parsePolicy, type Decision } from '../index.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();
const now = new Date('2026-12-01T00:00:00Z');
const hex = 'a'.repeat(64);

const policy = parsePolicy(
  `apiVersion: tidewaiter.dev/v1
kind: Policy
rules:
  - name: ours
    registries:
      allow: [registry.good, docker.io/library, quay.io/team, "*.corp.example", "localhost:5000/app"]
      deny: [quay.io/team/legacy, evil.io]
`,
  'policy.yaml',
);

function decide(text: string): Decision {
  return evaluatePolicy(policy, { images: [{ text }] }, { now });
}

/** Names that look as if they were allowed, and are not; and texts that are no names. */
const hostile = [
  'registry.good.evil.io/x',
  'registry.goo/x',
  'xregistry.good/x',
  'registry.good:5000/x',
  'registry.good:443/x',
  'REGISTRY.GOOD/x',
  'Registry.good/x',
  'registry.good//x',
  'registry.good/../x',
  'registry.good/./x',
  'registry.good/x/../../evil.io/y',
  'registry.good/',
  'registry.good/X',
  'registry.good/x/',
  'registry.good/x:',
  'registry.good/x@',
  'registry.good/x:1:2',
  'registry.good/x@sha256:abc',
  `registry.good/x@SHA256:${hex}`,
  `registry.good/x@sha256:${hex.toUpperCase()}`,
  `registry.good/x@sha256:${hex}0`,
  `registry.good/x@md5:${'a'.repeat(32)}`,
  `registry.good/x@sha256:${hex}@sha256:${hex}`,
  'registry.good/x ',
  ' registry.good/x',
  'registry.good/x\n',
  'registry.good/x\nevil.io/y',
  'registry.good/x\u0000',
  'registry.good\u2044x',
  'registry.g\u043eod/x',
  'registry.good/x\u200b',
  'registry.good/\u202ex',
  'registry.good%2fx',
  'registry.good/x?y',
  'registry.good/x#y',
  'registry.good\\x',
  'registry.good@evil.io/x',
  'user@registry.good/x',
  'user:pw@registry.good/x',
  'https://registry.good/x',
  'http://registry.good/x',
  'docker://registry.good/x',
  'docker-pullable://registry.good/x',
  '//registry.good/x',
  '/registry.good/x',
  'evil.io/registry.good/x',
  'evil/registry.good/x',
  'reg_x.io/registry.good/x',
  'registry_good/x',
  'registry.good_x/y',
  'registry.good./x',
  'registry..good/x',
  '.registry.good/x',
  '-registry.good/x',
  'registry.good-/x',
  '[registry.good]/x',
  '[::1]/x',
  'registry.good:/x',
  'registry.good:port/x',
  'quay.io/teamx/y',
  'quay.io/team-x/y',
  'quay.io/team_x/y',
  'quay.io/team.x/y',
  'quay.io/Team/y',
  'QUAY.IO/team/y',
  'quay.io.evil.io/team/y',
  'quay.io/x/team',
  'quay.io/team/legacy',
  'quay.io/team/legacy/app:1',
  'team/x',
  'docker.io/team/x',
  'docker.io/libraryx/nginx',
  'DOCKER.IO/library/nginx',
  'docker.io.evil.io/library/nginx',
  'docker.io:443/library/nginx',
  'registry-1.docker.io/library/nginx',
  'registry.hub.docker.com/library/nginx',
  'library.evil.io/nginx',
  'evil.io/library/nginx',
  'a.b.corp.example/x',
  'corp.example/x',
  'a.corp.example.evil.io/x',
  'acorp.example/x',
  'a.corp.example:5000/x',
  'evil.io/a.corp.example/x',
  'localhost/app',
  'localhost:5000/apps',
  'localhost:5001/app',
  'EVIL.io/library/x',
  '',
  ' ',
  '.',
  '..',
  ':',
  '@',
  hex,
  '*',
  '**/x',
  '*.corp.example/x',
  'registry.good/*',
  `registry.good/${'a/'.repeat(200)}a`,
  `registry.good/${'a'.repeat(300)}`,
  `registry.good/x:${'t'.repeat(129)}`,
  `registry.good/${'a'.repeat(100_000)}`,
  'A'.repeat(100_000),
  'a-'.repeat(50_000),
  '\u001b[2Jregistry.good/x',
];

test('no hostile reference passes, and each is told why', () => {
  assert.ok(hostile.length >= 60);
  for (const text of hostile) {
    const decision = decide(text);
    assert.equal(decision.outcome, 'fail', JSON.stringify(text.slice(0, 100)));
    const [reason] = decision.reasons;
    assert.ok(reason, text.slice(0, 100));
    assert.equal(reason.rule, 'ours');
    assert.equal(reason.image, text);
    assert.ok(reason.message.length < 1000 && (reason.fix ?? '').length < 400);
    assert.doesNotMatch(`${reason.message}${reason.fix ?? ''}`, /[\p{Cc}\p{Cf}]/u);
  }
});

test('every legal form of what is allowed passes', () => {
  for (const text of [
    'nginx',
    'nginx:1.27',
    'library/nginx',
    'docker.io/nginx',
    'docker.io/library/nginx:latest',
    'index.docker.io/nginx',
    'index.docker.io/library/nginx',
    `nginx@sha256:${hex}`,
    `nginx:1@sha256:${hex}`,
    `nginx@sha512:${hex}${hex}`,
    'registry.good/x',
    'registry.good/a/b/c:v1',
    'registry.good/a__b/c---d',
    'quay.io/team',
    'quay.io/team:1',
    'quay.io/team/x',
    'quay.io/team/legacyx',
    'a.corp.example/x',
    'a-b.corp.example/x/y:1',
    'localhost:5000/app:1',
    'localhost:5000/app/x',
    // The name of a registry alone is an image of Docker Hub.
    'registry.good',
    `${hex}:1`,
  ]) {
    assert.equal(decide(text).outcome, 'pass', text);
  }
});

test('the recorded references: what does not parse fails, the others by their domain and path', (t) => {
  const file = join(repoRoot, '..', 'shared', 'data', 'recordings', 'references.json');
  if (!existsSync(file)) return t.skip('../shared is not here');
  const records = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string | null>[];
  const allow = ['docker.io/library', 'quay.io/team', 'localhost', 'reg:5000', '[::1]:5000', 'a.b', 'reg.io'];
  const rules = `rules: [{name: r, registries: {allow: ${JSON.stringify(allow)}}}]`;
  const own = parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\n${rules}\n`, 'p.yaml');
  let passed = 0;
  for (const { image, domain, repository, error } of records) {
    const name = `${domain ?? ''}/${repository ?? ''}`;
    const isAllowed =
      error === undefined && Boolean(domain) && allow.some((entry) => name === entry || name.startsWith(`${entry}/`));
    const { outcome } = evaluatePolicy(own, { images: [{ text: image ?? '' }] }, { now });
    assert.equal(outcome, isAllowed ? 'pass' : 'fail', JSON.stringify(image?.slice(0, 100)));
    if (isAllowed) passed++;
  }
  assert.ok(records.length >= 132 && passed > 20);
});
