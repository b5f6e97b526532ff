import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { temporaryFolder } from '../support/paths.js';

const skip = process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt;

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: "Our images!"}
rules:
- {name: trusted, registries: {allow: [registry.example.com], deny: ['*.evil.com']}}
- {name: later, tags: {deny: [latest]}, action: audit, hardensOn: 2027-01-01}
- {name: scanned, vulnerabilities: {severity: CRITICAL}}
- {name: hardened, podSecurity: restricted}
exceptions:
- {rules: [trusted], images: [old.example.com], reason: r, owner: o, expires: 2026-12-31}
`;

function place(t: TestContext, text = policy): (...words: readonly string[]) => Promise<Ended> {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'home'));
  writeFileSync(join(cwd, 'policy.yaml'), text);
  const program = process.env['TIDEWAITER_PROGRAM'];
  const options = { cwd, env: { HOME: join(cwd, 'home') }, ...(program === undefined ? {} : { program }) };
  return async (...words) => {
    const ended = await tidewaiter(['admission', 'generate', '--policy', 'policy.yaml', ...words], options);
    const written = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(?:rego|yaml)$/.test(name),
    );
    return {
      ...ended,
      stdout:
        ended.stdout +
        written
          .filter((name) => name !== 'policy.yaml')
          .sort()
          .map((name) => `${name}\n${readFileSync(join(cwd, name), 'utf8')}`)
          .join(''),
    };
  };
}

interface Parsed {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

function objects(text: string): readonly Parsed[] {
  return parseAllDocuments(text).map((one): Parsed => one.toJS());
}

test('what cannot be carried over is told in the file and on standard error, and is incomplete', {
  skip,
}, async (t) => {
  const generate = place(t);
  const ended = await generate('--now', '2026-11-24');
  assert.equal(ended.exitCode, 3, ended.stderr);
  for (const name of ['rule scanned', 'rule hardened', 'exception in line 10']) {
    assert.ok(ended.stderr.includes(`not carried over: ${name}`), name);
    assert.ok(ended.stdout.includes(`# NOT CARRIED OVER: ${name}`), name);
  }
  const partial = await generate('--now', '2026-11-24', '--partial');
  assert.equal(partial.exitCode, 0, partial.stderr);
  assert.equal(partial.stdout, ended.stdout);
  assert.deepEqual(
    objects(ended.stdout).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    [
      'ValidatingAdmissionPolicy our-images.images.tidewaiter.dev',
      'ValidatingAdmissionPolicyBinding our-images.images.tidewaiter.dev',
      'ValidatingAdmissionPolicy audit.our-images.images.tidewaiter.dev',
      'ValidatingAdmissionPolicyBinding audit.our-images.images.tidewaiter.dev',
    ],
  );
});

test('what has hardened denies, and what has ended is no omission', { skip }, async (t) => {
  const ended = await place(t)('--now', '2027-02-01', '--partial', '--exclude-namespaces', '');
  assert.ok(!ended.stderr.includes('exception'));
  const made = objects(ended.stdout);
  assert.equal(made.length, 2);
  assert.equal(made[1]?.spec['matchResources'], undefined);
});

test('Gatekeeper and OPA get files', { skip }, async (t) => {
  const gatekeeper = await place(t)('--as', 'gatekeeper', '--output', 'out', '--partial');
  assert.equal(gatekeeper.exitCode, 0, gatekeeper.stderr);
  assert.match(gatekeeper.stdout, /^out\/constraint-template\.yaml\n/m);
  assert.match(gatekeeper.stdout, /^out\/constraint\.yaml\n/m);
  const rego = await place(t)('--as', 'rego', '--output', 'out', '--partial');
  assert.match(rego.stdout, /^out\/image_admission\.rego\n/m);
  assert.match(rego.stdout, /^out\/system\.rego\n/m);
  assert.match((await place(t)('--as', 'rego-v0', '--partial')).stdout, /^deny\[msg\] \{$/m);
});

test('a policy that is none, and none at all', { skip }, async (t) => {
  const broken = await place(t, 'apiVersion: v1\nkind: Pod\n')();
  assert.equal(broken.exitCode, 2);
  assert.match(broken.stderr, /INVALID_POLICY/);
  const program = process.env['TIDEWAITER_PROGRAM'];
  const none = await tidewaiter(['admission', 'generate'], program === undefined ? {} : { program });
  assert.equal(none.exitCode, 2);
  assert.match(none.stderr, /MISSING_ARGUMENT/);
});
