import assert from 'node:assert/strict';
import test from 'node:test';
import { notBuilt, tidewaiter } from '../robustness/program.js';

const skip = notBuilt;

interface Told {
  readonly name: string;
  readonly valid: boolean;
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string | null;
  readonly digest?: string | null;
  readonly canonical?: string;
  readonly official?: boolean;
  readonly error?: { readonly code: string; readonly offset: number };
}

test('a name is explained for people', { skip }, async () => {
  const { exitCode, stdout } = await tidewaiter(['ref', 'nginx']);
  assert.equal(exitCode, 0);
  for (const word of ['docker.io', 'library/nginx', 'latest', 'docker.io/library/nginx:latest'])
    assert.ok(stdout.includes(word), word);
  assert.match(stdout, /Official\s+yes/);
});

test('names are explained for programs, wrong ones among them', { skip }, async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const names = ['nginx', `quay.io/team/app@${digest}`, 'Nginx', 'reg_x.io/y'];
  const { exitCode, stdout } = await tidewaiter(['ref', '--format', 'json', ...names]);
  assert.equal(exitCode, 2);
  const told = JSON.parse(stdout) as Told[];
  assert.deepEqual(
    told.map(({ name, valid }) => [name, valid]),
    names.map((name, at) => [name, at < 2]),
  );
  assert.deepEqual(
    [told[0]?.registry, told[0]?.repository, told[0]?.tag, told[0]?.official],
    ['docker.io', 'library/nginx', 'latest', true],
  );
  assert.deepEqual(
    [told[1]?.canonical, told[1]?.tag, told[1]?.digest, told[1]?.official],
    [names[1], null, digest, false],
  );
  assert.deepEqual([told[2]?.error?.code, told[2]?.error?.offset], ['UPPER_CASE', 0]);
  assert.deepEqual([told[3]?.error?.code, told[3]?.error?.offset], ['UNDERSCORE_IN_REGISTRY', 3]);
});

test('a caret stands below the character that is wrong', { skip }, async () => {
  const { exitCode, stdout } = await tidewaiter(['ref', 'reg.io/a..b']);
  assert.equal(exitCode, 2);
  const [name = '', caret = ''] = stdout.split('\n');
  assert.equal(name, 'reg.io/a..b');
  assert.equal(caret.indexOf('^'), 9);
});

test('hostile names are shown short and without control characters', { skip }, async () => {
  for (const name of ['\u001b[2Jnginx', 'a\u202eb', `x${'a/'.repeat(20_000)}`, 'nginx\nresult: pass']) {
    const { exitCode, stdout, stderr } = await tidewaiter(['ref', name]);
    assert.equal(exitCode, 2);
    assert.ok(stdout.length < 2000, String(stdout.length));
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});
