import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineImage } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { buildImage } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { type RegistryServer, startRegistry } from '../support/registry/index.js';

const skip = notBuilt;
const secrets = { password: 'Hidden-7f3a!', token: 'Token-91bc?', stored: 'Stored-55de&', inSecret: 'InSecret-77aa ' };
const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** Every spelling in which one of the secrets could slip out. */
const forms: readonly string[] = Object.values(secrets).flatMap((secret) => [
  secret,
  secret.trim(),
  encoded(secret),
  encoded(`bob:${secret}`),
  encodeURIComponent(secret),
]);

function check(text: string, where: string): void {
  for (const form of forms) assert.ok(!text.includes(form), `${form} in ${where}:\n${text.slice(0, 4000)}`);
}

function* filesBelow(folder: string): Iterable<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** From now on it repeats, in its answers, the secret that it is shown first. */
function mock({ faults, tokens }: RegistryServer, shown: string): void {
  const message = `bob:${shown} is wrong, and so is ${encoded(`bob:${shown}`)}`;
  const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message }], details: message });
  for (const list of [faults, tokens.faults]) list.clear();
  tokens.faults.add({ status: 401, body, times: 1000 });
  // The first question of a registry with basic authentication is asked without a credential.
  faults.add({ path: /\/(?:manifests|tags)\//, after: 1, status: 401, body, times: 1000 });
}

for (const kind of ['basic', 'bearer'] as const) {
  test(`no secret comes out of any command, at any log level (${kind})`, { skip }, async (t) => {
    const home = temporaryFolder(t);
    const work = temporaryFolder(t);
    const registry = await startRegistry({ auth: { kind, users: { eve: 'x' } } });
    t.after(() => registry.close());
    registry.addImage('app', '1', buildImage(alpineImage));
    mkdirSync(join(home, '.docker'));
    const config = { auths: { [registry.host]: { auth: encoded(`bob:${secrets.stored}`) } } };
    writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify(config));
    const auths = { [registry.host]: { username: 'bob', password: secrets.inSecret } };
    const secret = join(home, 'secret.json');
    const stringData = { '.dockerconfigjson': JSON.stringify({ auths }) };
    writeFileSync(secret, JSON.stringify({ kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', stringData }));
    writeFileSync(join(work, 'file.db'), 'no database');
    const given = ['--username', 'bob', '--password', secrets.password, '--registry-token', secrets.token];
    const options = [...given, '--registry-secret', secret, '--debug'];
    const image = `${registry.host}/app:1`;
    const commands: readonly (readonly string[])[] = [
      ['image', image, ...options, '--cache-dir', work],
      [
        'image',
        image,
        ...options,
        '--cache-dir',
        work,
        '--image-src',
        'remote',
        '--format',
        'json',
        '--skip-db-update',
      ],
      ['image', image, ...options, '--cache-dir', work, '--download-db-only', '--db-repository', `${registry.host}/db`],
      ['db', 'update', ...options, '--cache-dir', work, '--db-repository', `${registry.host}/db:2`],
      ['db', 'push', join(work, 'file.db'), `${registry.host}/db:2`, ...options],
      ['auth', 'explain', image, ...options],
      ['auth', 'explain', image, ...options, '--format', 'json'],
      ['secret', 'show', secret, '--debug'],
      ['secret', 'check', secret, image, '--debug'],
      ['login', registry.host, '-u', 'bob', '-p', secrets.password, '--debug'],
      ['image', '--generate-default-config', ...options],
    ];
    for (const words of commands) {
      mock(registry, words[0] === 'secret' ? secrets.inSecret : secrets.password);
      const env = { HOME: home, TIDEWAITER_TIMEOUT: '60s' };
      const { exitCode, stdout, stderr } = await tidewaiter(words, { env, cwd: work });
      const name = words.slice(0, 2).join(' ');
      assert.ok(exitCode !== null && exitCode <= 4, `${name}: ${exitCode}\n${stderr}`);
      assert.ok(!stderr.includes('INTERNAL'), stderr);
      check(stdout + stderr, name);
    }
    assert.ok(
      [...registry.accessLog, ...registry.tokens.accessLog].some(({ authorization }) => authorization !== 'none'),
      'they were shown to the registry',
    );
    for (const path of filesBelow(work)) check(readFileSync(path, 'utf8'), path);
  });
}
