import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  type ContainerdSpec,
  varint,
  writeBolt,
  writeContainerdStore,
} from '../../../test/support/containerd-store.js';
import { attestationOf, buildImage, type ImageSpec } from '../../../test/support/image-builder.js';
import { assertSampleImage, sampleImage } from '../../../test/support/image-source-suite.js';
import { namedFails, namedImage, openWhole } from '../../../test/support/named-images.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { toBytes } from '../../../test/support/tar-writer.js';
import { createContext } from '../../core/index.js';
import { ImageError } from '../errors.js';
import { containerd } from './containerd.js';
import { rootInConfig } from './containerd-roots.js';
import type { NamedImage } from './named-source.js';

const sample = sampleImage('gzip');
const built = buildImage(sample);
const arm: ImageSpec = { ...sample, platform: 'linux/arm64', config: { Cmd: ['/bin/arm'] } };
const builtArm = buildImage(arm);

interface Store {
  readonly root: string;
  readonly asking: (reference: string, members?: Partial<NamedImage>) => NamedImage;
}

function store(t: { after(run: () => void): void }, images: readonly ContainerdSpec[]): Store {
  const folder = temporaryFolder(t);
  const root = join(folder, 'containerd');
  writeContainerdStore(root, images);
  return {
    root,
    asking: (reference, members) =>
      namedImage(reference, folder, { environment: { CONTAINERD_ROOT: root, HOME: folder }, ...members }),
  };
}

const python = 'docker.io/library/python:3.10.0a4-alpine';
const asKubelet = (image: ContainerdSpec['image'], imageId: string): ContainerdSpec => ({
  names: [python, `docker.io/library/python@sha256:${'0'.repeat(64)}`, imageId],
  image,
});

test('an image by every spelling of its name and id', async (t) => {
  const { asking } = store(t, [asKubelet(sample, built.imageId)]);
  const hex = built.imageId.slice('sha256:'.length);
  const spellings = [
    'python:3.10.0a4-alpine',
    'library/python:3.10.0a4-alpine',
    python,
    'index.docker.io/library/python:3.10.0a4-alpine',
    `python@${built.manifestDigest}`,
    `python:3.10.0a4-alpine@${built.manifestDigest}`,
    built.imageId,
    hex,
    hex.slice(0, 13),
    `sha256:${hex.slice(0, 12)}`,
    built.manifestDigest,
  ];
  for (const spelling of spellings) {
    const opened = await containerd.open(createContext(), asking(spelling));
    await assertSampleImage(opened, sample, true);
    assert.deepEqual(opened.images[0]?.repoTags, ['docker.io/library/python:3.10.0a4-alpine'], spelling);
    assert.deepEqual(opened.images[0]?.repoDigests, [`docker.io/library/python@${built.manifestDigest}`], spelling);
    assert.deepEqual(opened.notices, [], spelling);
    await opened.close();
    await opened.close();
  }
});

test('what is not there, in words of its own', async (t) => {
  const { asking } = store(t, [
    asKubelet(sample, built.imageId),
    { namespace: 'moby', names: ['docker.io/library/x:1'], image: arm },
  ]);
  const absent = [
    'python',
    'python:3',
    'other/python:3.10.0a4-alpine',
    `python@sha256:${'1'.repeat(64)}`,
    `other@${built.manifestDigest}`,
    `sha256:${'1'.repeat(64)}`,
    'ghcr.io/library/python:3.10.0a4-alpine',
    'x:1',
  ];
  for (const name of absent) {
    const { code, message } = await namedFails(containerd, asking(name));
    assert.equal(code, 'IMAGE_UNAVAILABLE', name);
    assert.ok(message.includes(name) && message.includes('k8s.io') && message.includes('moby'), message);
  }
});

test('namespaces: the one that is named, else the kubelet’s before the default', async (t) => {
  const name = 'docker.io/library/demo:1';
  const { asking, root } = store(t, [
    { names: [name], image: sample },
    { namespace: 'default', names: [name], image: arm },
    { namespace: 'moby', names: ['docker.io/library/only:1'], image: sample },
  ]);
  const inNamespace = (CONTAINERD_NAMESPACE: string) => ({
    environment: { CONTAINERD_ROOT: root, CONTAINERD_NAMESPACE },
  });
  const first = await openWhole(containerd, asking('demo:1'));
  assert.equal(first.images[0]?.imageId, built.imageId);
  assert.equal(first.notices.length, 1, 'that there is another is said');
  const second = await openWhole(containerd, asking('demo:1', inNamespace('default')));
  assert.equal(second.images[0]?.imageId, builtArm.imageId);
  assert.equal((await openWhole(containerd, asking('only:1', inNamespace('moby')))).images.length, 1);
  for (const absent of ['none', 'a/b', '..']) {
    assert.equal((await namedFails(containerd, asking('demo:1', inNamespace(absent)))).code, 'IMAGE_UNAVAILABLE');
  }
});

test('platforms of an index: the asked one, this machine’s, all, and those that were not pulled', async (t) => {
  const names = ['ghcr.io/a/multi:1'];
  const image = [sample, arm, attestationOf(sample)];
  const whole = store(t, [{ names, image }]);
  const platform = { os: 'linux', architecture: 'arm64' };
  assert.equal((await openWhole(containerd, whole.asking('ghcr.io/a/multi:1'))).images[0]?.imageId, built.imageId);
  const asked = await openWhole(containerd, whole.asking('ghcr.io/a/multi:1', { platform }));
  assert.equal(asked.images[0]?.imageId, builtArm.imageId);
  const all = await openWhole(containerd, whole.asking('ghcr.io/a/multi:1', { platform: 'all' }));
  assert.deepEqual(
    all.images.map(({ imageId }) => imageId),
    [built.imageId, builtArm.imageId],
  );
  const byDigest = await openWhole(containerd, whole.asking(`ghcr.io/a/multi@${builtArm.manifestDigest}`));
  assert.equal(byDigest.images[0]?.imageId, builtArm.imageId);
  const byId = await openWhole(containerd, whole.asking(builtArm.imageId));
  assert.equal(byId.images[0]?.imageId, builtArm.imageId);
  const s390x = { os: 'linux', architecture: 's390x' };
  assert.equal(
    (await namedFails(containerd, whole.asking('ghcr.io/a/multi:1', { platform: s390x }))).code,
    'PLATFORM_NOT_FOUND',
  );

  const without = [builtArm.manifestDigest, builtArm.imageId];
  const part = store(t, [{ names, image, without }]);
  assert.equal((await openWhole(containerd, part.asking('ghcr.io/a/multi:1'))).images[0]?.imageId, built.imageId);
  assert.equal((await namedFails(containerd, part.asking('ghcr.io/a/multi:1', { platform }))).code, 'BLOB_MISSING');
  const notAll = await namedFails(containerd, part.asking('ghcr.io/a/multi:1', { platform: 'all' }));
  assert.equal(notAll.code, 'PLATFORM_NOT_FOUND');
  assert.ok(notAll.message.includes('linux/arm64'), notAll.message);
});

test('layers that were thrown away once unpacked', async (t) => {
  const without = built.layers.map((layer) => layer.digest);
  const { asking } = store(t, [{ names: [python], image: sample, without }]);
  const { code, hint } = await namedFails(containerd, asking(python));
  assert.equal(code, 'BLOB_MISSING');
  assert.ok(hint?.includes('discard_unpacked_layers'), hint);
});

test('blobs that are not what the metadata says', async (t) => {
  const [layer] = built.layers;
  assert.ok(layer);
  for (const digest of [built.manifestDigest, built.imageId, layer.digest]) {
    const forged = new Map([[digest, toBytes('{"schemaVersion":2}')]]);
    const { asking } = store(t, [{ names: [python], image: sample, forged }]);
    const { code, message } = await namedFails(containerd, asking(python));
    assert.equal(code, 'DIGEST_MISMATCH', digest);
    assert.ok(message.includes(digest), message);
  }
});

test('records that are broken, and names that steer terminals', async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'containerd');
  const file = join(root, 'io.containerd.metadata.v1.bolt', 'meta.db');
  const target = (members: Record<string, Uint8Array>) => ({ target: { mediatype: toBytes('x'), ...members } });
  const images = {
    'docker.io/library/nodigest:1': target({ size: varint(5) }),
    'docker.io/library/baddigest:1': target({ size: varint(5), digest: toBytes('../../etc/passwd') }),
    'docker.io/library/badsize:1': target({ size: Uint8Array.of(0xff, 0xff), digest: toBytes(built.imageId) }),
    'docker.io/library/negative:1': target({ size: Uint8Array.of(9), digest: toBytes(built.imageId) }),
    'docker.io/library/notarget:1': {},
    'docker.io/library/value:1': toBytes('not a bucket'),
    [`sha256:${'1'.repeat(64)}`]: target({ size: varint(5), digest: toBytes(built.imageId) }),
  };
  writeBolt(file, { v1: { 'k8s.io': { images }, '\u001b[2Jx': { images } } });
  const asking = (name: string) => namedImage(name, folder, { environment: { CONTAINERD_ROOT: root } });
  for (const name of ['nodigest:1', 'baddigest:1', 'badsize:1', 'negative:1', 'notarget:1']) {
    assert.equal((await namedFails(containerd, asking(name))).code, 'SOURCE_FAILED', name);
  }
  for (const name of ['value:1', 'absent:1']) {
    const { code, message } = await namedFails(containerd, asking(name));
    assert.equal(code, 'IMAGE_UNAVAILABLE', name);
    assert.ok(!message.includes('\u001b'), message);
  }
  const notAnImage = await namedFails(containerd, asking(`sha256:${'1'.repeat(64)}`));
  assert.ok(['IMAGE_UNAVAILABLE', 'NOT_AN_IMAGE'].includes(String(notAnImage.code)), String(notAnImage.code));
  const ambiguous = {
    [`sha256:${'a'.repeat(64)}`]: images[`sha256:${'1'.repeat(64)}`] ?? {},
    [`sha256:aaaaaaa${'b'.repeat(57)}`]: images[`sha256:${'1'.repeat(64)}`] ?? {},
  };
  writeBolt(file, { v1: { default: { images: ambiguous } } });
  assert.equal((await namedFails(containerd, asking('aaaaaaa'))).code, 'MULTIPLE_IMAGES');
});

test('whichever byte of the metadata is wrong, an image or an error of ours comes out', async (t) => {
  const { asking, root } = store(t, [asKubelet([sample, arm], built.imageId)]);
  const file = join(root, 'io.containerd.metadata.v1.bolt', 'meta.db');
  const whole = readFileSync(file);
  const used = [...whole.keys()].filter((at) => whole[at] !== 0);
  for (const at of used.filter((_, turn) => turn % 37 === 0)) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(file, flipped);
    for (const name of [python, built.imageId]) {
      const images = await openWhole(containerd, asking(name)).then(
        (opened) => opened.images,
        (thrown: unknown) => assert.ok(thrown instanceof ImageError, `byte ${at}: ${String(thrown)}`),
      );
      if (images) assert.ok([built.imageId, builtArm.imageId].includes(images[0]?.imageId ?? ''), `byte ${at}`);
    }
  }
});

test('labels that lead in circles', async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'containerd');
  const digests = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`);
  const labels = Object.fromEntries(
    digests.map((digest, n) => [`containerd.io/gc.ref.content.m.${n}`, toBytes(digest)]),
  );
  const blob = Object.fromEntries(digests.map((digest) => [digest, { labels }]));
  const images = { 'docker.io/library/x:1': { target: { digest: toBytes(digests[0] ?? ''), size: varint(2) } } };
  writeBolt(join(root, 'io.containerd.metadata.v1.bolt', 'meta.db'), {
    v1: { default: { images, content: { blob } } },
  });
  const wanted = namedImage(`x@sha256:${'d'.repeat(64)}`, folder, { environment: { CONTAINERD_ROOT: root } });
  assert.equal((await namedFails(containerd, wanted)).code, 'IMAGE_UNAVAILABLE');
});

test('metadata that is none, or damaged', async (t) => {
  const { asking, root } = store(t, [asKubelet(sample, built.imageId)]);
  const file = join(root, 'io.containerd.metadata.v1.bolt', 'meta.db');
  for (const bytes of [toBytes(''), toBytes('x'.repeat(5000)), new Uint8Array(20_000)]) {
    writeFileSync(file, bytes);
    assert.equal((await namedFails(containerd, asking(python))).code, 'SOURCE_FAILED');
  }
  writeBolt(file, { v2: { 'k8s.io': {} } });
  assert.equal((await namedFails(containerd, asking(python))).code, 'SOURCE_FAILED');
  rmSync(file);
  assert.equal((await namedFails(containerd, asking(python))).code, 'SOURCE_UNAVAILABLE');
  mkdirSync(file);
  assert.equal((await namedFails(containerd, asking(python))).code, 'SOURCE_UNAVAILABLE');
});

test('a containerd behind an address at which nobody listens', async (t) => {
  const folder = temporaryFolder(t);
  const socket = join(folder, 'containerd.sock');
  const asking = (environment: NamedImage['environment']) => namedImage('x', folder, { environment });
  const absent = await namedFails(containerd, asking({ CONTAINERD_ADDRESS: socket }));
  assert.equal(absent.code, 'SOURCE_UNAVAILABLE');
  assert.ok(absent.message.includes(socket), absent.message);
  writeFileSync(socket, '');
  const unknown = await namedFails(containerd, asking({ CONTAINERD_ADDRESS: `unix://${socket}` }));
  assert.equal(unknown.code, 'SOURCE_UNAVAILABLE');
  assert.ok(unknown.hint?.includes('CONTAINERD_ROOT'), unknown.hint);
  assert.equal((await namedFails(containerd, asking({ CONTAINERD_ROOT: folder }))).code, 'SOURCE_UNAVAILABLE');
});

test('the root folder in a configuration of containerd', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['root = "/data/containerd"', '/data/containerd'],
    ["version = 2\n  root='/data/c'  # ours\n[grpc]\n", '/data/c'],
    ['"root" = "/with \\"quotes\\""', '/with "quotes"'],
    ['# root = "/a"\nroot = "/b"', '/b'],
    ['[plugins]\nroot = "/not/this"', undefined],
    ['rootless = "/a"', undefined],
    ['root = /bare', undefined],
    ['root = "/open', undefined],
    ['root = ""', undefined],
    ['state = "/run"', undefined],
    ['', undefined],
  ];
  for (const [toml, root] of cases) assert.equal(rootInConfig(toml), root, toml);
});
