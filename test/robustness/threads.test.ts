import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage, dockerArchive, ociArchive, type ImageSpec, type LayerSpec } from '../support/image-builder.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { alpineFiles } from './alpine-image.js';
import { notBuilt, tidewaiter } from './program.js';

// Large enough that other threads read layers, too.
const noise = randomBytes(12 * 2 ** 20);

function largeImage(change: (layer: LayerSpec, index: number) => LayerSpec = (layer) => layer): ImageSpec {
  const layers = Array.from({ length: 6 }, (_, index): LayerSpec => {
    const items = index === 2 ? alpineFiles : [];
    const content = noise.subarray(0, noise.length - index * 4096);
    const compression = index % 2 === 0 ? 'none' : 'gzip';
    return change({ items: [...items, { path: `srv/noise-${index}`, content }], compression }, index);
  });
  return { layers, tags: ['large:1'] };
}

const bare = (text: string): string => text.replace(/"(?:ReportID|CreatedAt)": "[^"]*"/g, '');

test('threads give the report that one thread gives, cold and warm', { skip: notBuilt }, async (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, 'large.tar');
  writeFileSync(image, dockerArchive(largeImage()));
  const scan = async (cache: string, ...more: string[]): Promise<string> => {
    const ended = await tidewaiter([
      'image',
      '--format',
      'json',
      '--cache-dir',
      join(folder, cache),
      '--input',
      image,
      ...more,
    ]);
    assert.equal(ended.exitCode, 0, ended.stderr);
    return bare(ended.stdout);
  };
  const alone = await scan('alone', '--parallel', '1');
  assert.match(alone, /CVE-2020-1967/);
  assert.equal(await scan('crew'), alone);
  assert.equal(await scan('crew'), alone);
  assert.equal(await scan('alone'), alone);
});

for (const [form, pack] of [
  ['docker archive', dockerArchive],
  ['OCI archive', ociArchive],
] as const) {
  test(`a large forged ${form} is an error with both digests, whichever layer it is`, { skip: notBuilt }, async (t) => {
    const folder = temporaryFolder(t);
    const genuine = buildImage(largeImage());
    writeFileSync(join(folder, 'genuine.tar'), pack(largeImage()));
    const scan = (image: string) =>
      tidewaiter(['image', '--cache-dir', join(folder, 'cache'), '--input', join(folder, image)]);
    for (const warm of [false, true]) {
      if (warm) assert.equal((await scan('genuine.tar')).exitCode, 0);
      for (const forged of [0, 5]) {
        const lie = largeImage((layer, index) =>
          index === forged
            ? {
                ...layer,
                items: [{ path: 'evil', content: `${forged}` }],
                claimedDiffId: genuine.layers[index]?.diffId ?? '',
              }
            : layer,
        );
        writeFileSync(join(folder, 'forged.tar'), pack(lie));
        const { stdout, stderr, exitCode } = await scan('forged.tar');
        assert.equal(exitCode, 4, stderr);
        assert.ok(stderr.includes(genuine.layers[forged]?.diffId ?? 'none'), stderr);
        const actual = buildImage({ layers: [{ items: [{ path: 'evil', content: `${forged}` }] }] }).layers[0]?.diffId;
        assert.ok(stderr.includes(actual ?? 'none'), stderr);
        assert.equal(stdout, '');
      }
    }
  });
}

test('a broken layer of a large image ends the scan with the error of that layer', { skip: notBuilt }, async (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, 'broken.tar');
  const stored = Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]);
  writeFileSync(image, dockerArchive(largeImage((layer, index) => (index === 1 ? { ...layer, stored } : layer))));
  const ended = await tidewaiter(['image', '--cache-dir', join(folder, 'cache'), '--input', image]);
  assert.equal(ended.exitCode, 4, ended.stderr);
  assert.match(ended.stderr, /layer 2/);
  assert.doesNotMatch(ended.stderr, /\n\s+at .*:\d+:\d+/);
});

test('threads that end at once, or in the middle of their work, leave their layers to the others', {
  skip: notBuilt,
}, async (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, 'large.tar');
  writeFileSync(image, dockerArchive(largeImage()));
  const commandLine = ['image', '--format', 'json', '--cache-backend', 'memory', '--input', image];
  const whole = await tidewaiter(commandLine);
  assert.equal(whole.exitCode, 0, whole.stderr);
  cpSync(repoPath('dist'), join(folder, 'dist'), { recursive: true });
  for (const worker of [
    "throw new Error('no room');",
    "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(7));",
  ]) {
    writeFileSync(join(folder, 'dist', 'layer-worker.js'), worker);
    const ended = await tidewaiter(commandLine, { program: join(folder, 'dist', 'cli.js'), killAfterMs: 60_000 });
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.equal(bare(ended.stdout), bare(whole.stdout));
  }
});
