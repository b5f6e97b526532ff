import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { alpineFiles, alpineImage } from '../robustness/alpine-image.js';
import { notBuilt, type RunOptions, tidewaiter } from '../robustness/program.js';
import { buildImage, type ImageSpec, ociArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { type RegistryServerOptions, startRegistry } from '../support/registry/index.js';

const skip = notBuilt;
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

async function setUp(t: TestContext, options: RegistryServerOptions = {}) {
  const folder = temporaryFolder(t);
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  // Nothing of this machine's own is asked or read.
  const env = {
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
    CONTAINER_HOST: `unix://${join(folder, 'podman.sock')}`,
    CONTAINERD_ROOT: join(folder, 'containerd'),
  };
  const scan = async (words: readonly string[], run: RunOptions = {}) =>
    await tidewaiter(['image', '--cache-dir', join(folder, 'cache'), ...words], {
      ...run,
      env: { ...env, ...run.env },
    });
  return { folder, registry, scan };
}

test('an image by its name: places are asked in order, and the registry has it', { skip }, async (t) => {
  const { registry, scan } = await setUp(t);
  const image = buildImage(alpineImage);
  const digest = registry.addImage('team/app', '1.0', image);
  const name = `${registry.host}/team/app:1.0`;
  const { exitCode, stdout, stderr } = await scan(['--format', 'json', name]);
  assert.equal(exitCode, 0, stderr);
  const report = JSON.parse(stdout) as {
    ArtifactName: string;
    Metadata: { RepoTags: string[]; RepoDigests: string[]; Reference: string };
    Results: { Target: string }[];
  };
  assert.equal(report.ArtifactName, name);
  assert.deepEqual(report.Metadata.RepoTags, [name]);
  assert.deepEqual(report.Metadata.RepoDigests, [`${registry.host}/team/app@${digest}`]);
  assert.equal(report.Metadata.Reference, name);
  assert.equal(report.Results[0]?.Target, `${name} (alpine 3.11.5)`);
  assert.match(lastLine(stderr), /^result: pass/);
});

test('what is wrong with a name, or with who asks, is said with its exit code', { skip }, async (t) => {
  const { registry, scan } = await setUp(t, { auth: { kind: 'basic', users: { ann: 'secret' } } });
  registry.addImage('team/app', '1.0', buildImage(alpineImage));
  const name = `${registry.host}/team/app:1.0`;
  const login = ['--username', 'ann', '--password-stdin'];
  const cases: readonly (readonly [words: readonly string[], password: string, exitCode: number, code: string])[] = [
    [[name, ...login], 'secret\n', 0, ''],
    [[name, ...login], 'geheim', 4, 'UNAUTHORIZED'],
    [[name, ...login, '--image-src', 'remote'], 'geheim', 4, 'UNAUTHORIZED'],
    [[`${registry.host}/team/app:2.0`, ...login], 'secret', 4, 'MANIFEST_UNKNOWN'],
    [[name, ...login, '--platform', 'linux/s390x'], 'secret', 2, 'PLATFORM_NOT_FOUND'],
    [[name, '--offline'], '', 4, 'IMAGE_UNAVAILABLE'],
    [[name, '--image-src', 'docker'], '', 4, 'SOURCE_UNAVAILABLE'],
    [[name, '--image-src', 'registry'], '', 2, 'INVALID_VALUE'],
    [['Nginx:1.18.0'], '', 2, 'UPPER_CASE'],
    [['./nginx.tar'], '', 2, 'NO_IMAGE'],
    [[], '', 2, 'NO_IMAGE'],
  ];
  for (const [words, password, exitCode, code] of cases) {
    const ended = await scan(words, { stdin: new TextEncoder().encode(password) });
    assert.equal(ended.exitCode, exitCode, `${words.join(' ')}\n${ended.stderr}`);
    if (code !== '') assert.equal(lastLine(ended.stderr), `result: error: ${code}`);
    assert.ok(!`${ended.stdout}${ended.stderr}`.includes('geheim'));
  }
  const nowhere = await scan([`${registry.host}/team/app:2.0`, ...login], {
    stdin: new TextEncoder().encode('secret'),
  });
  for (const place of ['Docker', 'containerd', 'Podman', 'the registry']) {
    assert.ok(nowhere.stderr.includes(`\n  ${place}`), nowhere.stderr);
  }
});

test('every platform, in every format, of a registry and of a layout', { skip }, async (t) => {
  const { folder, registry, scan } = await setUp(t);
  const specs = ['linux/amd64', 'linux/arm64'].map((platform): ImageSpec => ({ ...alpineImage, platform }));
  registry.addImage('team/app', '1.0', ...specs.map(buildImage));
  const archive = join(folder, 'all.tar');
  writeFileSync(archive, ociArchive(specs, { index: 'nested' }));
  for (const image of [[`${registry.host}/team/app:1.0`], ['--input', archive]]) {
    const json = await scan([...image, '--platform', 'all', '--format', 'json']);
    assert.equal(json.exitCode, 0, json.stderr);
    const report = JSON.parse(json.stdout) as {
      Metadata?: unknown;
      Results: { Target: string }[];
      Tidewaiter: { Images: { Platform: string }[] };
    };
    assert.equal(report.Metadata, undefined);
    assert.deepEqual(
      report.Tidewaiter.Images.map((one) => one.Platform),
      ['linux/amd64', 'linux/arm64'],
    );
    assert.deepEqual(
      report.Results.map(({ Target }) => /\[.*\]/.exec(Target)?.[0]),
      ['[linux/amd64]', '[linux/arm64]'],
    );
    const table = await scan([...image, '--platform', 'all']);
    for (const platform of ['linux/amd64', 'linux/arm64']) assert.ok(table.stdout.includes(`\nPlatform ${platform}\n`));
    const own = await scan([...image, '--platform', 'all', '--format', 'tidewaiter', '--exit-code', '1']);
    assert.equal(own.exitCode, 1);
    assert.equal((JSON.parse(own.stdout) as { images: unknown[] }).images.length, 2);
  }
});

test('large layers go through other threads, and are held against their digests', { skip }, async (t) => {
  const { registry, scan } = await setUp(t);
  const noise = randomBytes(3 * 2 ** 20);
  const layers = Array.from({ length: 4 }, (_, index) => ({
    items: [...(index === 1 ? alpineFiles : []), { path: `srv/noise-${index}`, content: noise.subarray(index) }],
  }));
  const image = buildImage({ layers, compression: 'gzip' });
  registry.addImage('team/app', '1.0', image);
  const name = `${registry.host}/team/app:1.0`;
  const words = ['--image-src', 'remote', '--format', 'json', '--cache-backend', 'memory', name];
  const bare = (text: string): string => text.replace(/"(?:ReportID|CreatedAt)": "[^"]*"/g, '');
  const many = await scan(words);
  assert.equal(many.exitCode, 0, many.stderr);
  assert.equal(bare(many.stdout), bare((await scan([...words, '--parallel', '1'])).stdout));
  for (const layer of image.layers) registry.faults.add({ path: layer.digest, cutAfterBytes: 1_500_000, reset: true });
  assert.equal(bare((await scan(words)).stdout), bare(many.stdout));
  for (const layer of image.layers) registry.faults.add({ path: layer.digest, times: 100, flipBitAt: 2_000_000 });
  const forged = await scan(words);
  assert.deepEqual([forged.exitCode, lastLine(forged.stderr)], [4, 'result: error: DIGEST_MISMATCH'], forged.stderr);
  registry.faults.clear();
  registry.remove('team/app', image.layers[3]?.digest ?? '');
  const missing = await scan(words);
  assert.deepEqual([missing.exitCode, lastLine(missing.stderr)], [4, 'result: error: BLOB_UNKNOWN'], missing.stderr);
});
