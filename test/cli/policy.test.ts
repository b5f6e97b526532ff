import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { repoPath, temporaryFolder } from '../support/paths.js';

const skip = notBuilt;
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';
const example = (name: string): string => repoPath('examples', 'policies', name);

test('the examples are without a fault, and their cases come out', { skip }, async () => {
  for (const name of ['allowlist', 'production', 'audit-first']) {
    const lint = await tidewaiter([
      'policy',
      'lint',
      '--strict',
      '--now',
      '2026-12-01',
      example(`${name}.yaml`),
      example(`${name}.test.yaml`),
    ]);
    assert.equal(lint.exitCode, 0, lint.stdout);
    const tried = await tidewaiter(['policy', 'test', example(`${name}.yaml`)]);
    assert.equal(tried.exitCode, 0, tried.stdout);
    assert.match(lastLine(tried.stderr), /^result: pass: \d+ cases as expected/);
  }
});

test('lint: errors are usage, warnings only with --strict, each with its place', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const write = (name: string, body: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `${header}${body}`);
    return path;
  };
  const broken = write('broken.yaml', 'rules:\n  - name: r\n    registires:\n      allow: [a.io]\n');
  const odd = write('odd.yaml', 'rules:\n  - name: r\n    registries:\n      allow: [a.io, a.io/x]\n');
  const misnamed = write('misnamed.yaml', 'rules:\n  - name: r\n    manifest: {rules: [privileged-contaner]}\n');
  const first = await tidewaiter(['policy', 'lint', broken]);
  assert.equal(first.exitCode, 2);
  assert.ok(first.stdout.includes(`${broken}:5:5: error: `), first.stdout);
  assert.match(first.stdout, /did you mean registries\?/);
  assert.equal((await tidewaiter(['policy', 'lint', odd])).exitCode, 0);
  const strict = await tidewaiter(['policy', 'lint', '--strict', odd]);
  assert.equal(strict.exitCode, 1);
  assert.match(strict.stdout, /UNREACHABLE/);
  assert.equal((await tidewaiter(['policy', 'lint', misnamed])).exitCode, 2);
  const json = await tidewaiter(['policy', 'lint', '--format', 'json', broken, odd]);
  const told = JSON.parse(json.stdout) as {
    file: string;
    problems: { code: string; severity: string; line: number }[];
  }[];
  assert.deepEqual(
    told.map(({ file, problems }) => [file, problems.at(-1)?.severity]),
    [
      [broken, 'error'],
      [odd, 'warning'],
    ],
  );
  assert.equal((await tidewaiter(['policy', 'lint', join(folder, 'none.yaml')])).exitCode, 2);
  assert.equal((await tidewaiter(['policy', 'lint', '--now', 'today', odd])).exitCode, 2);
  assert.equal((await tidewaiter(['policy', 'lint'])).exitCode, 2);
});

test('explain: the policy in words, and of a name the entry that decides', { skip }, async () => {
  const words = await tidewaiter(['policy', 'explain', '--now', '2026-12-01', example('production.yaml')]);
  assert.equal(words.exitCode, 0);
  for (const word of ['known-registries', 'denies from 2027-06-01', 'CVE-2021-36159', 'baseline'])
    assert.ok(words.stdout.includes(word), word);
  const names = await tidewaiter([
    'policy',
    'explain',
    '--format',
    'json',
    example('production.yaml'),
    'nginx',
    'evil.io/x:1',
  ]);
  const { images } = JSON.parse(names.stdout) as {
    images: { image: string; rules: { rule: string; answer: string; why: string }[] }[];
  };
  const answer = (at: number): string | undefined =>
    images[at]?.rules.find(({ rule }) => rule === 'known-registries')?.answer;
  assert.deepEqual([answer(0), answer(1)], ['met', 'broken']);
  assert.match(images[0]?.rules[0]?.why ?? '', /by the entry docker\.io\/library/);
  const hostile = await tidewaiter(['policy', 'explain', example('production.yaml'), '\u001b[2Jnginx']);
  assert.equal(hostile.exitCode, 0);
  assert.ok(!hostile.stdout.includes('\u001b'));
});

test('test: a difference is exit code 1, no case is a mistake', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const policy = join(folder, 'policy.yaml');
  const cases = join(folder, 'policy.test.yaml');
  writeFileSync(policy, `${header}rules: [{name: r, registries: {allow: [a.io]}}]\n`);
  assert.equal((await tidewaiter(['policy', 'test', policy])).exitCode, 2);
  writeFileSync(
    cases,
    'cases:\n  - {name: wrong, image: b.io/x, expect: pass}\n  - {name: right, image: a.io/x, expect: pass}\n',
  );
  for (const path of [policy, cases]) {
    const { exitCode, stdout, stderr } = await tidewaiter(['policy', 'test', path]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /FAIL {2}.*policy\.test\.yaml:2 {2}wrong/);
    assert.match(stdout, /PASS {2}.*right/);
    assert.match(lastLine(stderr), /^result: fail: 1 of 2 cases/);
  }
  const other = join(folder, 'other.yaml');
  writeFileSync(other, `${header}rules: [{name: r, registries: {allow: [a.io, b.io]}}]\n`);
  const { exitCode, stdout } = await tidewaiter(['policy', 'test', '--policy', other, '--format', 'json', cases]);
  assert.equal(exitCode, 0);
  const [file] = JSON.parse(stdout) as { cases: { passed: boolean; decision: { outcome: string } }[] }[];
  assert.deepEqual(
    file?.cases.map(({ passed, decision }) => [passed, decision.outcome]),
    [
      [true, 'pass'],
      [true, 'pass'],
    ],
  );
  writeFileSync(cases, 'cases: []\n');
  assert.equal((await tidewaiter(['policy', 'test', policy])).exitCode, 2);
  writeFileSync(cases, 'cases: [{image: a.io/x}]\n');
  assert.equal((await tidewaiter(['policy', 'test', policy])).exitCode, 2);
});
