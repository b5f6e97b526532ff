import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { repoPath, temporaryFolder } from '../support/paths.js';

const skip = notBuilt;
const header = 'apiVersion: tidewaiter.dev/v1\nkind: Policy\n';

function writer(t: TestContext): (name: string, text: string) => string {
  const folder = temporaryFolder(t);
  return (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
}

test('the examples of expressions and of a policy engine come out', { skip }, async () => {
  for (const name of ['expressions', 'policy-engine']) {
    const policy = repoPath('examples', 'policies', `${name}.yaml`);
    const lint = await tidewaiter(['policy', 'lint', '--strict', '--now', '2026-12-01', policy]);
    assert.equal(lint.exitCode, 0, lint.stdout);
    const tried = await tidewaiter(['policy', 'test', policy]);
    assert.equal(tried.exitCode, 0, tried.stdout);
    assert.equal((await tidewaiter(['policy', 'explain', policy, 'nginx:1.27'])).exitCode, 0);
  }
});

test('expressions that cannot be right are told with their places, wherever a policy is read', { skip }, async (t) => {
  const write = writer(t);
  const bad = write(
    'bad.yaml',
    `${header}rules:\n  - name: r\n    expressions:\n      - 'image.repositry == ""'\n      - 'images.every(i, true)'\n      - 'image.text.matches("(")'\n`,
  );
  const lint = await tidewaiter(['policy', 'lint', bad]);
  assert.equal(lint.exitCode, 2);
  for (const place of [':6:9: error: ', ':7:9: error: ', ':8:9: error: '])
    assert.ok(lint.stdout.includes(place), lint.stdout);
  assert.match(lint.stdout, /did you mean repository\?/);
  for (const command of [
    ['check', '--no-scan', 'nginx', '--policy', bad],
    ['policy', 'explain', bad],
    ['admission', 'generate', '--policy', bad],
    ['admission', 'replay', '--policy', bad, repoPath('examples', 'policies', 'manifests')],
  ]) {
    assert.equal((await tidewaiter(command)).exitCode, 2, command.join(' '));
  }
});

test('check judges names and manifests by expressions', { skip }, async (t) => {
  const write = writer(t);
  const policy = write(
    'p.yaml',
    `${header}rules:\n  - name: hub\n    expressions: ['image.registry == "docker.io"']\n  - name: limits\n    expressions: ['podSpec.containers.all(c, has(c.resources))']\n`,
  );
  const pod = (resources: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers: [{name: a, image: "nginx:1"${resources}}]\n`;
  const good = write('good.yaml', pod(', resources: {limits: {cpu: 1}}'));
  const poor = write('poor.yaml', pod(''));
  const none = write('none.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {}\n');
  const check = async (target: string): Promise<number | null> =>
    (await tidewaiter(['check', '--no-scan', target, '--policy', policy])).exitCode;
  assert.deepEqual(
    [await check(good), await check(poor), await check(none), await check('nginx:1'), await check('quay.io/x:1')],
    [0, 1, 0, 0, 1],
  );
  const generated = await tidewaiter(['admission', 'generate', '--policy', policy]);
  assert.equal(generated.exitCode, 3);
  assert.match(generated.stdout, /NOT CARRIED OVER: rule hub/);
});
