import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { buildImage, dockerArchive, type ImageSpec, ociArchive } from '../../../test/support/image-builder.js';
import { assertSampleImage, sampleImage } from '../../../test/support/image-source-suite.js';
import { namedFails, namedImage, openWhole } from '../../../test/support/named-images.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { createContext } from '../../core/index.js';
import { docker } from './docker.js';
import type { NamedImage } from './named-source.js';
import { podman } from './podman.js';

const sample = sampleImage('none', { tags: ['docker.io/library/demo:1.0', 'quay.io/a/demo:2'] });
const built = buildImage(sample);
const local: ImageSpec = { ...sampleImage('none'), config: { Cmd: ['/bin/local'] }, tags: ['localhost/local:1'] };
const builtLocal = buildImage(local);
const arm: ImageSpec = { ...sampleImage('gzip'), platform: 'linux/arm64', tags: ['docker.io/library/arm:1'] };

test('images of a real podman, over a socket and over TCP', async (t) => {
  const folder = temporaryFolder(t);
  const command = podmanIn(t, folder);
  if (!command) return;
  load(command, folder, dockerArchive(sample));
  load(command, folder, dockerArchive(local));
  load(command, folder, ociArchive(arm, { name: 'docker.io/library/arm:1' }));
  const socket = join(folder, 'podman.sock');
  const port = await freePort();
  for (const host of [`unix://${socket}`, `tcp://127.0.0.1:${port}`]) {
    const service = await serve(t, command, host);
    if (!service) return;
    await checkImages(folder, { podmanHost: host });
    await checkImages(folder, { environment: { CONTAINER_HOST: host } });
    // Docker's variables lead to any service that speaks its API.
    const asDocker = await openWhole(docker, namedImage('demo:1.0', folder, { dockerHost: host }));
    assert.equal(asDocker.images[0]?.imageId, built.imageId);
    await stopped(service);
    const { code } = await namedFails(podman, namedImage('demo:1.0', folder, { podmanHost: host }));
    assert.equal(code, 'SOURCE_UNAVAILABLE');
  }
});

async function checkImages(folder: string, members: Partial<NamedImage>): Promise<void> {
  const hex = built.imageId.slice('sha256:'.length);
  const names = ['demo:1.0', 'docker.io/library/demo:1.0', 'index.docker.io/library/demo:1.0', 'quay.io/a/demo:2'];
  let digests: readonly string[] = [];
  for (const name of [...names, hex, built.imageId, hex.slice(0, 12), built.imageId.slice(0, 19)]) {
    const opened = await podman.open(createContext(), namedImage(name, folder, members));
    await assertSampleImage(opened, sample, false);
    const [image] = opened.images;
    assert.deepEqual(image?.repoTags.toSorted(), ['docker.io/library/demo:1.0', 'quay.io/a/demo:2'], name);
    assert.deepEqual(opened.notices, [], name);
    digests = image?.repoDigests ?? [];
    await opened.close();
  }
  const [digest] = digests;
  assert.ok(digest);
  const byDigest = await openWhole(podman, namedImage(digest, folder, members));
  assert.equal(byDigest.images[0]?.imageId, built.imageId);
  const short = await openWhole(podman, namedImage('local:1', folder, members));
  assert.equal(short.images[0]?.imageId, builtLocal.imageId);
  assert.equal(short.notices.length, 1, 'that the short name means an image of this machine is said');

  const arm64 = { os: 'linux', architecture: 'arm64' };
  const ofOther = await openWhole(podman, namedImage('arm:1', folder, { ...members, platform: arm64 }));
  assert.equal(ofOther.images[0]?.platform.architecture, 'arm64');
  const asked = namedImage('demo:1.0', folder, { ...members, platform: arm64 });
  assert.equal((await namedFails(podman, asked)).code, 'PLATFORM_NOT_FOUND');
  for (const absent of [
    'demo:2',
    'absent',
    `demo@sha256:${'1'.repeat(64)}`,
    `sha256:${'1'.repeat(64)}`,
    `sha256:${'1'.repeat(12)}`,
  ]) {
    assert.equal((await namedFails(podman, namedImage(absent, folder, members))).code, 'IMAGE_UNAVAILABLE', absent);
  }
}

/** The words of a podman that keeps everything in the folder; nothing, and the test skipped, where there is none. */
function podmanIn(t: TestContext, folder: string): readonly string[] | undefined {
  const words = [
    `--root=${join(folder, 'root')}`,
    `--runroot=${join(folder, 'run')}`,
    '--storage-driver=vfs',
    '--cgroup-manager=cgroupfs',
  ];
  try {
    execFileSync('podman', [...words, 'images'], { stdio: 'pipe', timeout: 30_000 });
    return words;
  } catch (thrown) {
    t.skip(`podman cannot be used here: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return undefined;
  }
}

function load(words: readonly string[], folder: string, archive: Uint8Array): void {
  const path = join(folder, 'archive.tar');
  writeFileSync(path, archive);
  execFileSync('podman', [...words, 'load', '--quiet', '--input', path], { stdio: 'pipe', timeout: 60_000 });
  rmSync(path);
}

async function serve(t: TestContext, words: readonly string[], host: string): Promise<ChildProcess | undefined> {
  const [, scheme = '', rest = ''] = /^(\w+):\/\/(.*)$/.exec(host) ?? [];
  const address = scheme === 'unix' ? host : `tcp:${rest}`;
  const child = spawn('podman', [...words, 'system', 'service', '--time', '0', address], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2000);
  });
  t.after(() => stopped(child));
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt++) {
    await setTimeout(50);
    const { code } = await namedFails(podman, namedImage('absent:1', '/nonexistent', { podmanHost: host }));
    if (code === 'IMAGE_UNAVAILABLE') return child;
  }
  t.skip(`podman's service does not start here: ${printed}`);
  return undefined;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await Promise.race([exited, setTimeout(5000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  assert.ok(address && typeof address === 'object');
  return address.port;
}
