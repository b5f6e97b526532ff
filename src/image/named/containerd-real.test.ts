import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { buildImage, containerdExport, type ImageSpec } from '../../../test/support/image-builder.js';
import { assertSampleImage, sampleImage } from '../../../test/support/image-source-suite.js';
import { namedFails, namedImage, openWhole } from '../../../test/support/named-images.js';
import { sharedIsAbsent, sharedPath, temporaryFolder } from '../../../test/support/paths.js';
import { createContext } from '../../core/index.js';
import { containerd } from './containerd.js';

interface Daemon {
  readonly folder: string;
  readonly root: string;
  readonly address: string;
  readonly ctr: (...words: readonly string[]) => string;
  readonly stop: () => Promise<void>;
}

const sample = sampleImage('gzip', { tags: ['docker.io/library/demo:1.0'] });
const built = buildImage(sample);
const other: ImageSpec = { ...sample, config: { Cmd: ['/bin/other'] }, tags: ['docker.io/library/other:1.0'] };
const builtOther = buildImage(other);

test('images of a containerd that runs, and of one that has stopped', async (t) => {
  const daemon = await startContainerd(t);
  if (!daemon) return;
  const { folder, root, address } = daemon;
  importImage(daemon, sample);
  daemon.ctr('images', 'tag', 'docker.io/library/demo:1.0', built.imageId);
  daemon.ctr('images', 'tag', 'docker.io/library/demo:1.0', `docker.io/library/demo@${built.manifestDigest}`);
  const byAddress = { environment: { CONTAINERD_ADDRESS: address } };
  const byRoot = { environment: { CONTAINERD_ROOT: root } };
  const names = ['demo:1.0', `demo@${built.manifestDigest}`, built.imageId, built.imageId.slice(7, 20)];
  const check = async (members: typeof byAddress | typeof byRoot) => {
    for (const name of names) {
      const opened = await containerd.open(createContext(), namedImage(name, folder, members));
      await assertSampleImage(opened, sample, true);
      assert.deepEqual(opened.images[0]?.repoTags, ['docker.io/library/demo:1.0']);
      assert.deepEqual(opened.images[0]?.repoDigests, [`docker.io/library/demo@${built.manifestDigest}`]);
      await opened.close();
    }
    assert.equal((await namedFails(containerd, namedImage('demo:2', folder, members))).code, 'IMAGE_UNAVAILABLE');
  };
  // Only who may look into other processes finds out where a containerd keeps its files.
  if (process.platform === 'linux' && process.getuid?.() === 0) await check(byAddress);
  await check(byRoot);
  await daemon.stop();
  await check(byRoot);
  await check(byAddress); // by the configuration that lies beside its socket
});

test('a real image in the namespace of the kubelet', async (t) => {
  const archive = sharedPath('data', 'images', 'alpine-3.14.containerd.tar');
  if (!archive) return t.skip(sharedIsAbsent);
  const daemon = await startContainerd(t);
  if (!daemon) return;
  daemon.ctr('images', 'import', '--no-unpack', archive);
  const environment = { CONTAINERD_ROOT: daemon.root };
  const { images } = await openWhole(containerd, namedImage('alpine:3.14', daemon.folder, { environment }));
  assert.deepEqual(images[0]?.repoTags, ['docker.io/library/alpine:3.14']);
  assert.equal(images[0]?.layers.length, 1);
});

test('look-ups while another process writes without pause are never wrong', async (t) => {
  const daemon = await startContainerd(t);
  if (!daemon) return;
  importImage(daemon, sample);
  importImage(daemon, other);
  const moving = 'docker.io/library/moving:1';
  daemon.ctr('images', 'tag', 'docker.io/library/demo:1.0', moving);
  const ending = new AbortController();
  const writing = (async () => {
    for (let turn = 0; !ending.signal.aborted && turn < 1000; turn++) {
      const from = turn % 2 === 0 ? 'other:1.0' : 'demo:1.0';
      await run('ctr', wordsOf(daemon.address, 'images', 'tag', '--force', `docker.io/library/${from}`, moving));
      const name = `docker.io/library/passing:${turn}`;
      await run('ctr', wordsOf(daemon.address, 'images', 'tag', moving, name));
      await run('ctr', wordsOf(daemon.address, 'images', 'rm', name));
    }
  })();
  const environment = { CONTAINERD_ROOT: daemon.root };
  const open = async (name: string) => {
    const opened = await containerd.open(createContext(), namedImage(name, daemon.folder, { environment }));
    await opened.close();
    return opened.images[0];
  };
  try {
    const end = Date.now() + 1200;
    let movingSeen = 0;
    while (Date.now() < end) {
      assert.equal((await open('demo:1.0'))?.imageId, built.imageId);
      assert.equal((await open('other:1.0'))?.imageId, builtOther.imageId);
      // Tagging with force takes the name away for a moment.
      const seen = await open('moving:1').catch((thrown: { code?: unknown }) => {
        assert.equal(thrown.code, 'IMAGE_UNAVAILABLE');
        return undefined;
      });
      if (!seen) continue;
      movingSeen++;
      assert.ok([built.imageId, builtOther.imageId].includes(seen.imageId));
    }
    assert.ok(movingSeen > 0);
  } finally {
    ending.abort();
    await writing;
  }
});

function importImage(daemon: Daemon, image: ImageSpec): void {
  const archive = join(daemon.folder, 'archive.tar');
  writeFileSync(archive, containerdExport(image));
  daemon.ctr('images', 'import', '--no-unpack', archive);
}

function wordsOf(address: string, ...words: readonly string[]): readonly string[] {
  return ['--address', address, '--namespace', 'k8s.io', ...words];
}

/** A containerd of the test's own; nothing, and the test skipped, where there is none or it does not start. */
async function startContainerd(t: TestContext): Promise<Daemon | undefined> {
  const missing = ['containerd', 'ctr'].find((program) => !isInstalled(program));
  if (missing) {
    t.skip(`${missing} is not installed`);
    return undefined;
  }
  const folder = temporaryFolder(t);
  const root = join(folder, 'data');
  const address = join(folder, 'run', 'containerd.sock');
  const config = join(folder, 'config.toml');
  const lines = [
    'version = 2',
    `root = "${root}"`,
    `state = "${join(folder, 'state')}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `address = "${address}"`,
  ];
  writeFileSync(config, lines.join('\n'));
  const child = spawn('containerd', ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2000);
  });
  const stop = () => stopped(child);
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ctr = (...words: readonly string[]) =>
    execFileSync('ctr', wordsOf(address, ...words), { encoding: 'utf8', timeout: 20_000, stdio: 'pipe' });
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt++) {
    await setTimeout(50);
    if (!existsSync(address)) continue;
    try {
      ctr('version');
      return { folder, root, address, ctr, stop };
    } catch {
      // not listening yet
    }
  }
  await stop();
  t.skip(`containerd does not start here: ${printed}`);
  return undefined;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await Promise.race([exited, setTimeout(5000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
  await exited;
}

async function run(program: string, words: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: 'ignore' });
  await new Promise<void>((resolve) => void child.once('close', () => resolve()));
}
