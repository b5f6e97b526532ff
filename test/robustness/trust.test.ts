import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage, dockerArchive, ociArchive, type ImageSpec } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { alpineFiles, alpineImage } from './alpine-image.js';
import { notBuilt, tidewaiter } from './program.js';

const clean: ImageSpec = {
  layers: [
    {
      items: [
        { path: 'etc/alpine-release', content: '3.11.5\n' },
        { path: 'lib/apk/db/installed', content: 'P:musl\nV:1.1.24-r9\nA:x86_64\no:musl\n\n' },
      ],
    },
  ],
  tags: ['clean:1'],
};

for (const compression of ['none', 'gzip'] as const) {
  for (const [form, pack] of [
    ['docker archive', dockerArchive],
    ['OCI archive', ociArchive],
  ] as const) {
    test(`a forged ${form} (${compression}) that names the diff IDs of a clean image is an error with both digests, cold and warm`, {
      skip: notBuilt,
    }, async (t) => {
      const folder = temporaryFolder(t);
      const genuine = buildImage({ ...clean, compression });
      const claimed = genuine.layers[0]?.diffId ?? '';
      const actual = buildImage({ layers: [{ items: alpineFiles }], compression }).layers[0]?.diffId ?? '';
      writeFileSync(join(folder, 'clean.tar'), pack({ ...clean, compression }));
      writeFileSync(join(folder, 'true.tar'), pack({ layers: [{ items: alpineFiles }], compression }));
      writeFileSync(
        join(folder, 'forged.tar'),
        pack({ layers: [{ items: alpineFiles, claimedDiffId: claimed }], compression }),
      );
      const scan = (image: string, cache: string) =>
        tidewaiter(['image', '--cache-dir', join(folder, cache), '--input', join(folder, image)]);
      const check = async (cache: string): Promise<void> => {
        const ended = await scan('forged.tar', cache);
        assert.equal(ended.exitCode, 4, ended.stderr);
        assert.ok(ended.stderr.includes(claimed), ended.stderr);
        assert.ok(ended.stderr.includes(actual), ended.stderr);
        assert.equal(ended.stdout, '');
      };
      await check('cold');
      assert.equal((await scan('clean.tar', 'warm')).exitCode, 0);
      await check('warm');
      assert.equal((await scan('true.tar', 'warm')).exitCode, 0);
      await check('warm');
      assert.equal((await scan('clean.tar', 'warm')).exitCode, 0);
    });
  }
}

test('stored bytes that are not what the manifest says are an error with both digests', {
  skip: notBuilt,
}, async (t) => {
  const folder = temporaryFolder(t);
  const other = buildImage({ layers: [{ items: [{ path: 'a', content: 'b' }] }], compression: 'gzip' }).layers[0];
  const spec: ImageSpec = {
    layers: [{ items: alpineFiles, compression: 'gzip', forged: other?.stored ?? new Uint8Array() }],
  };
  writeFileSync(join(folder, 'forged.tar'), ociArchive(spec));
  const ended = await tidewaiter(['image', '--cache-dir', join(folder, 'c'), '--input', join(folder, 'forged.tar')]);
  assert.equal(ended.exitCode, 4, ended.stderr);
  assert.match(ended.stderr, new RegExp(buildImage(spec).layers[0]?.digest ?? 'none'));
});

test('sixteen processes at once on an empty cache all give the same report', { skip: notBuilt }, async (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, 'alpine.tar');
  writeFileSync(image, dockerArchive(alpineImage));
  const runs = await Promise.all(
    Array.from({ length: 16 }, () =>
      tidewaiter([
        'image',
        '--incomplete',
        'allow',
        '--format',
        'json',
        '--cache-dir',
        join(folder, 'cache'),
        '--input',
        image,
      ]),
    ),
  );
  for (const run of runs) assert.equal(run.exitCode, 0, run.stderr);
  const reports = runs.map((run) => run.stdout.replace(/"(?:ReportID|CreatedAt)": "[^"]*"/g, ''));
  assert.equal(new Set(reports).size, 1);
  assert.match(reports[0] ?? '', /CVE-2020-1967/);
});

test('a process killed at any moment leaves a cache that works', { skip: notBuilt }, async (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, 'alpine.tar');
  writeFileSync(image, dockerArchive(alpineImage));
  const cache = join(folder, 'cache');
  const commandLine = ['image', '--incomplete', 'allow', '--format', 'json', '--cache-dir', cache, '--input', image];
  const whole = await tidewaiter(commandLine.map((word) => (word === cache ? join(folder, 'other') : word)));
  for (let round = 0; round < 6; round++) {
    await Promise.all(
      Array.from({ length: 4 }, (_, at) => tidewaiter(commandLine, { killAfterMs: 60 + 40 * round + 10 * at })),
    );
    const after = await tidewaiter(commandLine);
    assert.equal(after.exitCode, 0, after.stderr);
    const bare = (text: string) => text.replace(/"(?:ReportID|CreatedAt)": "[^"]*"/g, '');
    assert.equal(bare(after.stdout), bare(whole.stdout));
  }
  assert.ok(readdirSync(cache).length > 0);
});
