import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { startAdmissionProgram } from '../support/admission-server.js';
import { imageReviewOf } from '../support/asking-door.js';
import { startServer, type TestServer } from '../support/http-server.js';
import { temporaryFolder } from '../support/paths.js';

const skip = notBuilt;
const tokens = ['of-the-test-only-4711', 'its-successor-0815'] as const;

const policyFor = (...urls: readonly string[]): string => `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
${urls.map((url, at) => `  - {name: engine${at}, opa: {url: "${url}"}}\n`).join('')}`;

/** Wants a token, refuses redis, and says so. */
async function startEngine(t: TestContext, wanted: () => string): Promise<TestServer> {
  return await startServer(t, (request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { authorization = '' } = request.headers;
      if (authorization !== `Bearer ${wanted()}`) {
        response.writeHead(401).end(JSON.stringify({ code: 'unauthorized', message: `no ${authorization}` }));
        return;
      }
      const { input } = JSON.parse(body) as { input: { images: { name: string }[] } };
      const deny = input.images.flatMap(({ name }) => (name.includes('redis') ? [`${name} is not for us`] : []));
      response.end(JSON.stringify({ result: { deny } }));
    });
  });
}

test('check and replay ask OPA, and give one verdict', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const { origin, seen } = await startEngine(t, () => tokens[0]);
  const files = {
    'policy.yaml': policyFor(`${origin}/v1/data/image_admission`),
    'two.yaml': policyFor(`${origin}/v1/data/a`, 'https://opa.example.com/v1/data/a'),
    token: `${tokens[0]}\n`,
    wrong: tokens[1],
    empty: '\n',
    'review.json': JSON.stringify(imageReviewOf(['nginx', 'redis'])),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const run = async (words: string): Promise<Ended> => {
    const ended = await tidewaiter(words.split(' '), { cwd: folder, env: { HOME: folder } });
    for (const token of tokens) assert.ok(!`${ended.stdout}${ended.stderr}`.includes(token), words);
    return ended;
  };
  const cases: readonly (readonly [words: string, exitCode: number, told: RegExp])[] = [
    ['check nginx --policy policy.yaml --opa-token token', 0, /PASS/],
    ['check redis --policy policy.yaml --opa-token token', 1, /redis:latest is not for us/],
    ['check redis --policy policy.yaml --opa-token wrong --debug', 3, /401: no Bearer \[the token\]/],
    ['check nginx --policy policy.yaml', 3, /401/],
    ['check nginx --policy policy.yaml --opa-token token --offline', 3, /forbidden/],
    ['check nginx --policy policy.yaml --no-opa', 3, /--no-opa/],
    ['check nginx --policy two.yaml --opa-token token', 2, /several servers/],
    ['check nginx --policy policy.yaml --opa-token empty', 2, /no token/],
    ['check nginx --policy policy.yaml --opa-token none', 2, /there is no token/],
    ['check nginx --policy policy.yaml --opa-ca token', 2, /no certificate/],
    ['admission replay review.json --policy policy.yaml --opa-token token', 1, /redis:latest is not for us/],
    ['admission replay review.json --policy policy.yaml --no-opa', 3, /engine0: needs an answer of OPA/],
    ['admission replay review.json --policy policy.yaml --no-opa --partial', 0, /engine0/],
    ['admission replay review.json --policy policy.yaml --against two.yaml --opa-token token', 2, /several servers/],
  ];
  for (const [words, exitCode, told] of cases) {
    const ended = await run(words);
    assert.equal(ended.exitCode, exitCode, `${words}: ${ended.stdout}${ended.stderr}`);
    assert.match(`${ended.stdout}${ended.stderr}`, told, words);
  }
  assert.ok(seen.every(({ url }) => url.endsWith('?strict-builtin-errors=true')));
});

test('serve: a token that is replaced is shown, a policy that asks several servers is not taken', {
  skip,
}, async (t) => {
  let wanted: string = tokens[0];
  const { origin } = await startEngine(t, () => wanted);
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'opa.token'), tokens[0]);
  const door = await startAdmissionProgram({
    folder,
    policy: policyFor(`${origin}/v1/data/image_admission`),
    words: ['--no-scan', '--opa-token', 'opa.token'],
  });
  const decide = async (): Promise<string> => {
    const { status, text } = await door.ask({ path: '/image-policy', body: JSON.stringify(imageReviewOf(['nginx'])) });
    assert.equal(status, 200);
    return text;
  };
  const until = async (pattern: RegExp): Promise<void> => {
    for (let tries = 0; !pattern.test(await decide()); tries++) {
      assert.ok(tries < 300, door.said());
      await new Promise<void>((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    assert.match(await decide(), /"allowed":true/);
    wanted = tokens[1];
    assert.match(await decide(), /401/);
    writeFileSync(join(folder, 'opa.token'), tokens[1]);
    door.child.kill('SIGHUP');
    await until(/"allowed":true/);
    writeFileSync(join(folder, 'policy.yaml'), policyFor(`${origin}/v1/data/a`, 'https://opa.example.com/v1/data/a'));
    door.child.kill('SIGHUP');
    for (let tries = 0; !door.said().includes('several servers'); tries++) {
      assert.ok(tries < 300);
      await new Promise<void>((resolve) => setTimeout(resolve, 20));
    }
    assert.match(await decide(), /"allowed":true/, 'the policy before stays');
    const { text } = await door.ask({ method: 'GET', path: '/readyz' });
    assert.match(text, /\[!\] the policy: .*several servers/);
  } finally {
    assert.equal(await door.end(), 0, door.said());
  }
  const written = `${door.said()}${readFileSync(join(folder, 'decisions.jsonl'), 'utf8')}`;
  for (const token of tokens) assert.ok(!written.includes(token));
});
