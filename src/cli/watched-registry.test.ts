import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../test/support/paths.js';
import { admissionServeOptions, registryOptions, resolveSettings } from '../config/index.js';
import { watchRegistryAccess } from './watched-registry.js';

void test('what says how registries are reached is read again, and what is broken leaves what was good', async (t) => {
  const folder = temporaryFolder(t);
  const [secret, docker] = [join(folder, 'secret.yaml'), join(folder, '.docker', 'config.json')];
  mkdirSync(join(folder, '.docker'));
  writeFileSync(secret, 'one');
  writeFileSync(docker, 'broken at the start');
  const { settings } = resolveSettings(
    { options: [...admissionServeOptions, ...registryOptions], oldNames: [] },
    { commandLine: [{ name: 'registry-secret', text: secret }], environment: {} },
  );
  const watched = await watchRegistryAccess(settings, { HOME: folder }, () => undefined);
  const texts = (): unknown => watched.value.secrets?.map(({ text }) => text);
  assert.deepEqual(texts(), ['one']);
  assert.equal(await watched.check(), false);
  assert.equal(await watched.check({ force: true }), true);
  writeFileSync(docker, '{}');
  assert.equal(await watched.check(), true);
  writeFileSync(secret, 'two!');
  writeFileSync(docker, '{"auths": {');
  assert.equal(await watched.check(), false);
  assert.match(watched.problem ?? '', /config\.json/);
  assert.deepEqual(texts(), ['one']);
  rmSync(docker);
  assert.equal(await watched.check(), true);
  assert.deepEqual([texts(), watched.problem], [['two!'], undefined]);
  rmSync(secret);
  assert.equal(await watched.check({ force: true }), false);
  assert.deepEqual(texts(), ['two!']);
});
