import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { allowedBy, imageReviewOf, openAskingDoor, podReviewOf } from '../support/asking-door.js';
import { freePort } from '../support/free-port.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { findProgram } from '../support/real-registry.js';

const opa = findProgram('opa') ?? '';
const skip = opa === '' ? 'there is no opa (TIDEWAITER_PEERS names the folder of it)' : false;
const token = 'of-the-test-only-4711';

/** The modules in the documentation, by their package. */
function documented(name: string): string {
  const page = readFileSync(repoPath('docs', 'opa.md'), 'utf8');
  const modules = [...page.matchAll(/```rego\n([^]*?)```/g)].map(([, module]) => module ?? '');
  const found = modules.find((module) => module.startsWith(`package ${name}\n`));
  assert.ok(found !== undefined, `docs/opa.md has a module ${name}`);
  return found;
}

/** A real OPA on loopback that ends with the test: its origin. */
async function startOpa(
  t: TestContext,
  modules: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): Promise<string> {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
  const port = await freePort();
  const line = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--log-level', 'error', '--disable-telemetry'];
  const child = spawn(opa, [...line, ...words, folder], { stdio: 'ignore' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  t.after(async () => {
    process.off('exit', kill);
    kill();
    await ended;
  });
  const origin = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 400; tries++) {
    const isUp = await fetch(`${origin}/health`).then(
      () => true,
      () => false,
    );
    if (isUp) return origin;
    await new Promise<void>((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('OPA does not start');
}

const policyFor = (url: string): string => `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: engine, opa: {url: "${url}", timeout: 5s}}
`;

test('the documented policy in a real OPA: both protocols agree with each other and with it', { skip }, async (t) => {
  const origin = await startOpa(t, { 'image_admission.rego': documented('image_admission') });
  const cases: readonly (readonly [readonly string[], boolean])[] = [
    [['nginx:1.27'], true],
    [['registry.example.com/shop/web:1', 'nginx'], true],
    [['registry.example.com.evil.io/web:1'], false],
    [['quay.io/team/app:1'], false],
    [['nginx', 'docker.io/evil/nginx'], false],
    [['UPPER/case'], false],
    [[`nginx@sha256:${'a'.repeat(64)}`], true],
  ];
  for (const path of ['image_admission', 'image_admission/allow', 'image_admission/deny']) {
    const door = await openAskingDoor(t, { policy: policyFor(`${origin}/v1/data/${path}`) });
    for (const [images, expected] of cases) {
      const words = `${path} ${images.join(' ')}`;
      const review = await door.ask('/image-policy', imageReviewOf(images));
      assert.equal(allowedBy(review), expected, `${words}: ${review.text}`);
      assert.equal(allowedBy(await door.ask('/validate', podReviewOf(images))), expected, words);
      assert.equal(allowedBy(await door.ask('/v1/data/image_admission', { input: { images } })), expected, words);
    }
  }
  const door = await openAskingDoor(t, { policy: policyFor(`${origin}/v1/data/image_admission`) });
  const refused = await door.ask('/image-policy', imageReviewOf(['quay.io/team/app:1']));
  assert.match(refused.text, /quay\.io\/team\/app:1 is neither ours nor official/);
  assert.match((await door.ask('/validate', podReviewOf(['nginx']))).text, /may be another image tomorrow/);
});

test('check gives the verdict of the webhooks, asking the same OPA', { skip: skip || notBuilt }, async (t) => {
  const origin = await startOpa(t, { 'image_admission.rego': documented('image_admission') });
  const folder = temporaryFolder(t);
  const policy = policyFor(`${origin}/v1/data/image_admission`);
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const pods = [['nginx'], ['registry.example.com/a:1', 'quay.io/x/y:1'], ['UPPER/case'], ['redis:7', 'nginx:1']];
  const reviews = pods.map((images) => podReviewOf(images) as { request: { object: object } });
  const objects = reviews.map(({ request }) => ({ ...request.object, metadata: { name: 'p', namespace: 'shop' } }));
  writeFileSync(join(folder, 'pods.yaml'), objects.map((pod) => JSON.stringify(pod)).join('\n---\n'));
  const { stdout } = await tidewaiter(['check', 'pods.yaml', '--policy', 'policy.yaml', '--format', 'json'], {
    cwd: folder,
    env: { HOME: folder },
  });
  const { targets } = JSON.parse(stdout) as {
    targets: { outcome: string; reasons: { message: string }[]; warnings: { message: string }[] }[];
  };
  const door = await openAskingDoor(t, { policy });
  assert.equal(targets.length, pods.length);
  for (const [at, { outcome, reasons, warnings }] of targets.entries()) {
    const answer = await door.ask('/validate', reviews[at]);
    assert.equal(outcome === 'pass', allowedBy(answer), pods[at]?.join(' '));
    const record = door.records.at(-1) as { denied?: { message: string }[]; warned?: { message: string }[] };
    const messages = (all: readonly { message: string }[] = []): readonly string[] => all.map(({ message }) => message);
    assert.deepEqual(messages(record.denied), messages(reasons));
    assert.deepEqual(messages(record.warned), messages(warnings));
  }
});

test('what a real OPA cannot answer is refused, with its own words', { skip }, async (t) => {
  const faults: Readonly<Record<string, readonly [module: string, words: RegExp]>> = {
    conflict: ['package conflict\nallow := true\nallow := false if input.images', /500: .*conflict|multiple outputs/],
    builtin: ['package builtin\nallow if 1 / 0 == 0', /500: .*(?:divide by zero|evaluating query)/],
    undefined: ['package other\nallow := true', /undefined/],
    number: ['package number\nallow := 1\ndeny contains "x" if false', /allow/],
  };
  const modules = Object.entries(faults).map(([name, [module]]) => [`${name}.rego`, module] as const);
  const origin = await startOpa(t, Object.fromEntries(modules));
  for (const [name, [, words]] of Object.entries(faults)) {
    const door = await openAskingDoor(t, { policy: policyFor(`${origin}/v1/data/${name}`) });
    const answer = await door.ask('/image-policy', imageReviewOf(['nginx']));
    assert.equal(answer.status, 200, name);
    assert.equal(allowedBy(answer), false, name);
    assert.match(answer.text, words, name);
    assert.match(JSON.stringify(door.records), /OPA_UNAVAILABLE/, name);
  }
});

test('a real OPA that wants a token', { skip }, async (t) => {
  const authorization = `package system.authz\ndefault allow := false\nallow if input.identity == "${token}"`;
  const origin = await startOpa(
    t,
    { 'authz.rego': authorization, 'image_admission.rego': documented('image_admission') },
    ['--authentication=token', '--authorization=basic'],
  );
  const policy = policyFor(`${origin}/v1/data/image_admission`);
  const known = await openAskingDoor(t, { policy, keys: { token } });
  assert.equal(allowedBy(await known.ask('/validate', podReviewOf(['nginx:1']))), true);
  for (const keys of [{}, { token: 'another-one-0815' }]) {
    const door = await openAskingDoor(t, { policy, keys });
    const answer = await door.ask('/validate', podReviewOf(['nginx:1']));
    assert.equal(allowedBy(answer), false);
    assert.match(answer.text, /401: request rejected by administrative policy/);
  }
});

test('a policy for AdmissionReviews, asked through the documented package', { skip }, async (t) => {
  const origin = await startOpa(t, {
    'tidewaiter.rego': documented('tidewaiter'),
    'old.rego': `package kubernetes.admission
deny contains msg if {
	some container in input.request.object.spec.containers
	endswith(container.image, ":latest")
	msg := sprintf("%s by %s", [container.image, input.request.userInfo.username])
}`,
  });
  const door = await openAskingDoor(t, { policy: policyFor(`${origin}/v1/data/tidewaiter`) });
  assert.equal(allowedBy(await door.ask('/validate', podReviewOf(['nginx:1']))), true);
  const refused = await door.ask('/validate', podReviewOf(['nginx:latest']));
  assert.equal(allowedBy(refused), false);
  assert.match(refused.text, /nginx:latest by jane/);
  assert.equal(allowedBy(await door.ask('/image-policy', imageReviewOf(['nginx:1']))), false, 'it carries no object');
});

interface Evaluated {
  readonly result?: readonly { readonly expressions: readonly { readonly value: unknown }[] }[];
}

const run = promisify(execFile);

async function evaluate(folder: string, files: Readonly<Record<string, string>>, query: string): Promise<unknown> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const words = ['eval', '--format', 'json', '--strict-builtin-errors'];
  const data = Object.keys(files).flatMap((name) => (name === 'input.json' ? ['--input', name] : ['--data', name]));
  const told = await run(opa, [...words, ...data, query], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
  return (JSON.parse(told.stdout) as Evaluated).result?.[0]?.expressions[0]?.value;
}

const names = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: known, registries: {allow: [docker.io/library]}}
`;

test('a policy that asks over http.send, as documented', { skip }, async (t) => {
  const door = await openAskingDoor(t, { policy: names });
  const folder = temporaryFolder(t);
  const module = documented('kubernetes.admission')
    .replace('https://tidewaiter.example.com:8443', `https://127.0.0.1:${door.server.address.port}`)
    .replace('/etc/opa/tidewaiter-ca.crt', door.authorityFile);
  const deny = async (review: unknown, text = module): Promise<string> =>
    JSON.stringify(
      await evaluate(
        folder,
        { 'policy.rego': text, 'input.json': JSON.stringify(review) },
        'data.kubernetes.admission.deny',
      ),
    );
  assert.equal(await deny(podReviewOf(['nginx:1'])), '[]');
  assert.match(await deny(podReviewOf(['nginx:1', 'quay.io/evil/x'])), /quay\.io\/evil\/x.*\[known\]/);
  assert.match(await deny({ kind: 'Nonsense' }), /has not judged/);
  const gone = module.replace(String(door.server.address.port), String(await freePort()));
  assert.match(await deny(podReviewOf(['nginx:1']), gone), /has not judged/);
});

test('Gatekeeper: the documented template over the answers of the provider', { skip }, async (t) => {
  const door = await openAskingDoor(t, { policy: names });
  const folder = temporaryFolder(t);
  const request = (keys: readonly string[]): object => ({
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'ProviderRequest',
    request: { keys },
  });
  const judge = async (images: readonly string[], answered = images): Promise<unknown> => {
    const { body } = await door.ask('/gatekeeper', request(answered));
    const { items, systemError } = (
      body as { response: { items: { key: string; value: unknown }[]; systemError: string } }
    ).response;
    // What the built-in of Gatekeeper makes of an answer.
    const data = {
      stub: {
        answer: { responses: items.map(({ key, value }) => [key, value]), errors: [], system_error: systemError },
      },
    };
    const { request: review } = podReviewOf(images) as { request: unknown };
    return await evaluate(
      folder,
      {
        'template.rego': documented('tidewaiterimages').replace('external_data(', 'data.stand_in.external_data('),
        'stand_in.rego': 'package stand_in\nexternal_data(_) := data.stub.answer',
        'data.json': JSON.stringify(data),
        'input.json': JSON.stringify({ review }),
      },
      'data.tidewaiterimages.violation',
    );
  };
  assert.deepEqual(await judge(['nginx:1', 'redis:7']), []);
  assert.match(JSON.stringify(await judge(['nginx:1', 'quay.io/evil/x'])), /quay\.io\/evil\/x.*\[known\]/);
  assert.match(JSON.stringify(await judge(['nginx:1', 'redis:7'], ['nginx:1'])), /redis:7 was not judged/);
});
