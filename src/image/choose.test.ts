import assert from 'node:assert/strict';
import test from 'node:test';
import {
  attestationOf,
  buildImage,
  containerdExport,
  dockerArchive,
  type ImageSpec,
  ociArchive,
} from '../../test/support/image-builder.js';
import { openArchive, openingFails, sampleImage } from '../../test/support/image-source-suite.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { parsePlatform } from '../reference/index.js';

type Options = NonNullable<Parameters<typeof openArchive>[2]>;

function image(platform: string, more: Partial<ImageSpec> = {}): ImageSpec {
  const layers = [[{ path: 'platform', content: `${platform} ${more.tags?.[0] ?? ''}` }]];
  return { platform, layers, ...more };
}

/** Image id and notices of what an archive opens as. */
async function chosen(folder: string, archive: Uint8Array, options: Options = {}) {
  const opened = await openArchive(folder, archive, options);
  await opened.close();
  return { id: opened.images[0]?.imageId, notices: opened.notices, platform: opened.images[0]?.platform };
}

const idOf = (spec: ImageSpec): string => buildImage(spec).imageId;

test("of several platforms this machine's is taken, or the asked one", async (t) => {
  const folder = temporaryFolder(t);
  const all = ['linux/amd64', 'linux/arm64', 'linux/arm/v6', 'linux/arm/v7', 'windows/amd64'].map((name) =>
    image(name),
  );
  const [amd64, arm64, armV6, armV7] = all as [ImageSpec, ImageSpec, ImageSpec, ImageSpec];
  for (const index of ['flat', 'nested'] as const) {
    const archive = ociArchive(all, { index });
    assert.equal((await chosen(folder, archive)).id, idOf(amd64));
    const hostPlatform = parsePlatform('linux/arm64');
    assert.equal((await chosen(folder, archive, { hostPlatform })).id, idOf(arm64));
    const asked = async (text: string) => (await chosen(folder, archive, { platform: parsePlatform(text) })).id;
    assert.equal(await asked('linux/arm/v7'), idOf(armV7));
    assert.equal(await asked('arm/v6'.replace('arm', 'linux/arm')), idOf(armV6));
    const absent = await openingFails(folder, archive, { platform: parsePlatform('linux/s390x') });
    assert.equal(absent.code, 'PLATFORM_NOT_FOUND');
    for (const name of ['linux/amd64', 'linux/arm64', 'linux/arm/v6', 'linux/arm/v7', 'windows/amd64']) {
      assert.ok(absent.message.includes(name), name);
    }
  }
});

test('a newer variant takes an image of an older one when there is none of its own', async (t) => {
  const folder = temporaryFolder(t);
  const [v5, v6] = [image('linux/arm/v5'), image('linux/arm/v6')];
  const platform = parsePlatform('linux/arm/v7');
  assert.equal((await chosen(folder, ociArchive([v5, v6]), { platform })).id, idOf(v6));
});

test('a single image of another platform is opened and said, unless one was asked for', async (t) => {
  const folder = temporaryFolder(t);
  const spec = image('linux/arm64');
  for (const archive of [ociArchive(spec), dockerArchive(spec), containerdExport(spec, { index: 'nested' })]) {
    const { id, notices, platform } = await chosen(folder, archive);
    assert.equal(id, idOf(spec));
    assert.equal(platform?.architecture, 'arm64');
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /linux\/arm64/);
    const asked = await openingFails(folder, archive, { platform: parsePlatform('linux/amd64') });
    assert.equal(asked.code, 'PLATFORM_NOT_FOUND');
  }
});

test('exports that name all platforms and hold one', async (t) => {
  const folder = temporaryFolder(t);
  const [amd64, arm64] = [image('linux/amd64'), image('linux/arm64')];
  const built = buildImage(amd64);
  const without = [built.manifestDigest, built.imageId, ...built.layers.map((layer) => layer.digest)];
  const archive = ociArchive([amd64, arm64], { index: 'nested', without });
  const opened = await chosen(folder, archive);
  assert.equal(opened.id, idOf(arm64));
  assert.equal(opened.notices.length, 1);
  const asked = await openingFails(folder, archive, { platform: parsePlatform('linux/amd64') });
  assert.equal(asked.code, 'BLOB_MISSING');
  assert.ok(asked.message.includes('linux/amd64'));
});

test('attestations are passed over and said; nothing but attestations is an error of its own', async (t) => {
  const folder = temporaryFolder(t);
  const spec = image('linux/amd64');
  const attestation = attestationOf(spec);
  for (const index of ['flat', 'nested'] as const) {
    const { id, notices } = await chosen(folder, ociArchive([spec, attestation], { index }));
    assert.equal(id, idOf(spec));
    assert.equal(notices.length, 1);
    assert.equal((await openingFails(folder, ociArchive(attestation, { index }))).code, 'ATTESTATION_ONLY');
  }
  const plain = { ...attestation, noPlatformInIndex: true, annotations: {}, attestationFor: buildImage(spec) };
  assert.equal((await openingFails(folder, ociArchive(plain))).code, 'ATTESTATION_ONLY');
});

test('artifacts that are no images are refused by what they are', async (t) => {
  const folder = temporaryFolder(t);
  const mediaType = 'application/vnd.cncf.helm.config.v1+json';
  const base = buildImage(image('linux/amd64'));
  const config = { mediaType, digest: base.imageId, size: base.config.length };
  const chart = image('linux/amd64', { manifestOverrides: { config } });
  const refused = await openingFails(folder, ociArchive(chart));
  assert.equal(refused.code, 'NOT_AN_IMAGE');
  assert.ok(refused.message.includes(mediaType));
});

test('of several images a name, an id or a digest picks one', async (t) => {
  const folder = temporaryFolder(t);
  const alpine = image('linux/amd64', { tags: ['alpine:3.14', 'alpine:latest'] });
  const own = image('linux/amd64', { tags: ['registry.example:5000/team/app:1'] });
  const [built, other] = [buildImage(alpine), buildImage(own)];
  for (const make of [dockerArchive, containerdExport]) {
    const archive = make([alpine, own]);
    const several = await openingFails(folder, archive);
    assert.equal(several.code, 'MULTIPLE_IMAGES');
    assert.match(several.message, /alpine:3\.14/);
    assert.match(several.message, /registry\.example:5000\/team\/app:1/);
    const names = ['alpine:3.14', 'docker.io/library/alpine:3.14', 'alpine', 'index.docker.io/library/alpine:latest'];
    for (const reference of [...names, built.imageId, built.imageId.slice(7, 19)]) {
      assert.equal((await chosen(folder, archive, { reference })).id, built.imageId, reference);
    }
    assert.equal((await chosen(folder, archive, { reference: 'registry.example:5000/team/app:1' })).id, other.imageId);
    for (const reference of ['alpine:3.13', 'app:1', 'ALPINE', 'sha256:0000000']) {
      const missing = await openingFails(folder, archive, { reference });
      assert.equal(missing.code, 'IMAGE_NOT_FOUND', reference);
      assert.match(missing.message, /alpine:3\.14/);
      assert.match(missing.message, /alpine:latest/);
    }
  }
  const reference = built.manifestDigest;
  assert.equal((await chosen(folder, containerdExport([alpine, own]), { reference })).id, built.imageId);
});

test('a name that does not fit is an error even when there is one image', async (t) => {
  const folder = temporaryFolder(t);
  const archive = dockerArchive(sampleImage('none'));
  assert.equal((await openingFails(folder, archive, { reference: 'other:1.0' })).code, 'IMAGE_NOT_FOUND');
  assert.equal((await chosen(folder, archive, { reference: 'demo:1.0' })).id, idOf(sampleImage('none')));
});

test('one image with two names is one image', async (t) => {
  const folder = temporaryFolder(t);
  const spec = image('linux/amd64', { tags: ['a:1', 'b:2'] });
  const opened = await openArchive(
    folder,
    containerdExport([spec, { ...spec, annotations: { 'io.containerd.image.name': 'docker.io/library/b:2' } }]),
  );
  assert.equal(opened.images[0]?.imageId, idOf(spec));
  await opened.close();
});

test('names from an archive cannot steer the terminal', async (t) => {
  const folder = temporaryFolder(t);
  const archive = dockerArchive([
    image('linux/amd64', { tags: ['a\u001b[2J:1'] }),
    image('linux/amd64', { tags: ['b:1'] }),
  ]);
  const { message } = await openingFails(folder, archive);
  assert.ok(!message.includes('\u001b'));
});

test('the only image of an archive without names is the one that the user names, which is said', async (t) => {
  const folder = temporaryFolder(t);
  const nameless = image('linux/amd64');
  const opened = await chosen(folder, ociArchive(nameless), { reference: 'nginx:1.18.0' });
  assert.equal(opened.id, idOf(nameless));
  assert.match(opened.notices.join(), /nginx:1\.18\.0/);
  for (const reference of [`sha256:${'0'.repeat(64)}`, '0'.repeat(12), `nginx@sha256:${'0'.repeat(64)}`]) {
    assert.equal((await openingFails(folder, ociArchive(nameless), { reference })).code, 'IMAGE_NOT_FOUND', reference);
  }
});

test('every platform that is there, each once; attestations are passed over', async (t) => {
  const folder = temporaryFolder(t);
  const all = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map((name) => image(name));
  for (const index of ['flat', 'nested'] as const) {
    const archive = ociArchive([...all, attestationOf(all[0] as ImageSpec)], { index });
    const opened = await openArchive(folder, archive, { platform: 'all' });
    await opened.close();
    assert.deepEqual(
      opened.images.map(({ imageId }) => imageId),
      all.map(idOf),
    );
    assert.deepEqual(opened.unreadable, []);
    assert.equal(opened.notices.length, 1);
  }
  const single = await openArchive(folder, dockerArchive(image('linux/s390x')), { platform: 'all' });
  await single.close();
  assert.equal(single.images.length, 1);
});

test('of every platform, one whose blobs are not there is told apart; when none is there, that is the error', async (t) => {
  const folder = temporaryFolder(t);
  const all = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map((name) => image(name));
  const [, arm64, armV7] = all.map(buildImage);
  const without = [arm64?.manifestDigest ?? '', armV7?.layers[0]?.digest ?? ''];
  const opened = await openArchive(folder, ociArchive(all, { index: 'nested', without }), { platform: 'all' });
  await opened.close();
  assert.equal(opened.images.length, 1);
  assert.deepEqual(
    opened.unreadable?.map(({ platform, error }) => [platform.architecture, error.code]),
    [
      ['arm64', 'BLOB_MISSING'],
      ['arm', 'BLOB_MISSING'],
    ],
  );
  const nothing = ociArchive(all, { index: 'nested', without: all.map((spec) => buildImage(spec).manifestDigest) });
  assert.equal((await openingFails(folder, nothing, { platform: 'all' })).code, 'BLOB_MISSING');
});
