import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import test from 'node:test';
import { amd64, readEntries } from '../../test/support/image-source-suite.js';
import { sharedIsAbsent, sharedPath, temporaryFolder } from '../../test/support/paths.js';
import { createContext } from '../core/index.js';
import { parsePlatform } from '../reference/index.js';
import { openImages } from './index.js';

const images = [
  {
    file: 'alpine-3.11.docker.tar.gz',
    imageId: 'sha256:a187dde48cd289ac374ad8539930628314bc581a481cdb41409c9289419ddb72',
    manifestDigest: undefined,
    repoTags: ['alpine:3.11'],
    diffId: 'sha256:beee9f30bc1f711043e78d4a2be0668955d4b761d587d6f60c2c8dc081efb203',
    uncompressedBytes: 5_861_888,
    entries: 488,
    packages: 14,
    notices: 0,
  },
  {
    file: 'alpine-3.14.containerd.tar',
    imageId: 'sha256:6dff1269bc79a7c9056a9e9fa9c04850e842b0124a9c73d089ae647b13b0187d',
    manifestDigest: 'sha256:c8844343d5ccbc9f24a7cca4bdcf5b2d43cde2c83d201b18365c99b1e5f24c80',
    repoTags: ['alpine:3.14'],
    diffId: 'sha256:625523cb9cce7a1bcc1d03e3038de4843a27af3b92d859004bcefb0027291933',
    uncompressedBytes: 5_894_656,
    entries: 511,
    packages: 14,
    notices: 0,
  },
  {
    file: 'busybox-armv7.oci-archive.tar',
    imageId: 'sha256:74c89ecc3230154ecfcbab950dbf1e19827a6b2a1e95358c9afe9bb97478ad8a',
    manifestDigest: 'sha256:7aabb59a4cd2e069234070f763403f230d03117b93d55ba531952f9f697b19c3',
    repoTags: ['busybox:latest'],
    diffId: 'sha256:3768f45bed9bfab0a4e7483a31c780847a6d025fea3da5f3a95d9e10a50e6cb4',
    uncompressedBytes: 2_656_256,
    entries: 440,
    packages: 0,
    notices: 1,
  },
] as const;

for (const expected of images) {
  test(`${expected.file}, from its file and from standard input`, async (t) => {
    const input = sharedPath('data', 'images', expected.file);
    if (input === undefined || !existsSync(input)) return t.skip(sharedIsAbsent);
    const spoolDir = temporaryFolder(t);
    for (const stdin of [undefined, createReadStream(input)]) {
      const opened = await openImages(createContext(), { input, stdin, hostPlatform: amd64, spoolDir });
      const [image] = opened.images;
      assert.ok(image);
      const { imageId, manifestDigest, repoTags } = image;
      assert.deepEqual(
        [imageId, manifestDigest, repoTags],
        [expected.imageId, expected.manifestDigest, expected.repoTags],
      );
      assert.equal(opened.notices.length, expected.notices);
      const { entries, files, proof } = await readEntries(image, 0, 'lib/apk/db/installed');
      assert.equal(proof.diffId, expected.diffId);
      assert.equal(proof.uncompressedBytes, expected.uncompressedBytes);
      assert.equal(entries.length, expected.entries);
      assert.equal(
        (files.get('lib/apk/db/installed') ?? '').split('\n').filter((line) => line.startsWith('P:')).length,
        expected.packages,
      );
      await opened.close();
    }
  });
}

test('busybox: the only platform is listed when another is asked for', async (t) => {
  const input = sharedPath('data', 'images', 'busybox-armv7.oci-archive.tar');
  if (input === undefined) return t.skip(sharedIsAbsent);
  const opening = openImages(createContext(), {
    input,
    platform: parsePlatform('linux/arm64'),
    spoolDir: temporaryFolder(t),
  });
  await assert.rejects(opening, (thrown: Error & { code?: string }) => {
    assert.equal(thrown.code, 'PLATFORM_NOT_FOUND');
    assert.match(thrown.message, /linux\/arm\/v7/);
    return true;
  });
});
