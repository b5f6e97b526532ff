import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { notBuilt, program as builtProgram } from '../robustness/program.js';
import { repoPath, temporaryFolder } from '../support/paths.js';

const program = process.env['TIDEWAITER_PROGRAM'] ?? builtProgram;

test('examples/container/Dockerfile: podman builds it from the packed package and a base image', (t) => {
  if (process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt) return t.skip(notBuilt);
  if (spawnSync('podman', ['--version']).status !== 0) return t.skip('there is no podman');
  const folder = temporaryFolder(t);
  const run = (command: string, words: readonly string[]): string => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, STORAGE_DRIVER: 'vfs' };
    const { status, stdout, stderr } = spawnSync(command, words, {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(status, 0, `${command} ${words.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const podman = (...words: readonly string[]): string =>
    run('podman', ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), ...words]);
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'context'));
  run('npm', ['pack', '--silent', '--pack-destination', 'context', dirname(dirname(program))]);
  copyFileSync(repoPath('examples', 'container', 'Dockerfile'), join(folder, 'context', 'Dockerfile'));
  run('tar', ['-C', 'empty', '-cf', 'base.tar', '.']);
  // The base of the Dockerfile is not to be had without a network: an empty one takes what is added just as well.
  podman('import', '--quiet', 'base.tar', 'localhost/base');
  const words = ['--isolation', 'chroot', '--pull=never', '--build-arg', 'BASE=localhost/base', '--tag', 'built'];
  podman('build', '--quiet', ...words, 'context');
  const config = JSON.parse(podman('image', 'inspect', 'built', '--format', '{{json .Config}}'));
  assert.equal(config.User, '65532:65532');
  assert.equal(config.Entrypoint[0], '/nodejs/bin/node');
  podman('save', '--quiet', '--format', 'oci-dir', '--output', 'image', 'built');
  const index = JSON.parse(readFileSync(join(folder, 'image', 'index.json'), 'utf8'));
  const blob = (digest: string): string => join(folder, 'image', 'blobs', digest.replace(':', '/'));
  const manifest = JSON.parse(readFileSync(blob(index.manifests[0].digest), 'utf8'));
  const files = manifest.layers.map(({ digest }: { digest: string }) => run('tar', ['-tf', blob(digest)])).join('');
  assert.ok(files.split('\n').includes(config.Entrypoint[1].slice(1)), 'what is started is in the image');
  assert.doesNotMatch(files, /\.tgz$/m);
});
