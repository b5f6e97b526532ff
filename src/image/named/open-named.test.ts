import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage } from '../../../test/support/image-builder.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { createContext, isTidewaiterError } from '../../core/index.js';
import { parseDigest, parsePlatform } from '../../reference/index.js';
import { RegistryError, type RegistryClient } from '../../registry/index.js';
import { ImageError } from '../errors.js';
import { openNamedImage, type OpenNamedOptions } from './open-named.js';

const unused = () => assert.fail('not to be asked');
const refusing: RegistryClient = {
  fetchManifest: () =>
    Promise.reject(new RegistryError('UNAUTHORIZED', 'the registry wants a password', { status: 401 })),
  findManifest: unused,
  fetchBlob: unused,
  hasBlob: unused,
  fetchTags: unused,
  fetchReferrers: unused,
  pushBlob: unused,
  pushManifest: unused,
  tryCredentials: unused,
  close: async () => {},
};

/** A registry of one image. */
function serving(image: ReturnType<typeof buildImage>): RegistryClient {
  const { manifest: bytes, manifestMediaType: mediaType, manifestDigest } = image;
  return {
    ...refusing,
    fetchManifest: async () => ({ bytes, mediaType, digest: parseDigest(manifestDigest) }),
    async *fetchBlob(_context, _repository, { digest }) {
      yield digest === image.imageId
        ? image.config
        : (image.layers.find((one) => one.digest === digest)?.stored ?? bytes);
    },
  };
}

function optionsIn(folder: string, more: Partial<OpenNamedOptions> = {}): OpenNamedOptions {
  return {
    reference: 'registry.example.com/team/app:1.0',
    hostPlatform: parsePlatform('linux/amd64'),
    spoolDir: folder,
    environment: {
      HOME: folder,
      XDG_RUNTIME_DIR: folder,
      DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
      CONTAINER_HOST: `unix://${join(folder, 'podman.sock')}`,
      CONTAINERD_ROOT: join(folder, 'containerd'),
    },
    openRegistry: async () => refusing,
    ...more,
  };
}

async function failure(options: OpenNamedOptions) {
  try {
    await openNamedImage(createContext(), options);
  } catch (thrown) {
    assert.ok(isTidewaiterError(thrown), String(thrown));
    return thrown;
  }
  return assert.fail('it was opened');
}

test('where nobody has the image, one error names each place, with the code of the registry', async (t) => {
  const error = await failure(optionsIn(temporaryFolder(t)));
  assert.ok(error instanceof RegistryError);
  assert.equal(error.code, 'UNAUTHORIZED');
  assert.equal(error.status, 401);
  const lines = error.message.split('\n').slice(1);
  assert.deepEqual(
    lines.map((line) => /Docker|containerd|Podman|registry/.exec(line)?.[0]),
    ['Docker', 'containerd', 'Podman', 'registry'],
  );
});

test('the order is the one that was asked for, and a place alone gives its own error', async (t) => {
  const folder = temporaryFolder(t);
  const two = await failure(optionsIn(folder, { sources: ['podman', 'docker'] }));
  assert.equal(two.code, 'IMAGE_UNAVAILABLE');
  assert.match(two.message, /Podman[^]*\n[^]*Docker/);
  for (const id of ['docker', 'containerd', 'podman'] as const) {
    const error = await failure(optionsIn(folder, { sources: [id, id] }));
    assert.ok(error instanceof ImageError);
    assert.equal(error.code, 'SOURCE_UNAVAILABLE', id);
  }
  assert.equal((await failure(optionsIn(folder, { sources: ['remote'] }))).code, 'UNAUTHORIZED');
});

test('the first place that has it wins; a platform that it lacks is exit code 2', async (t) => {
  const folder = temporaryFolder(t);
  const image = buildImage({ layers: [[{ path: 'a', content: 'b' }]] });
  const openRegistry = async () => serving(image);
  const opened = await openNamedImage(createContext(), optionsIn(folder, { openRegistry }));
  assert.equal(opened.images[0]?.imageId, image.imageId);
  assert.equal(opened.images[0]?.layers[0]?.contentAddressed, true);
  await opened.close();
  const absent = await failure(optionsIn(folder, { openRegistry, platform: parsePlatform('linux/s390x') }));
  assert.equal(absent.code, 'PLATFORM_NOT_FOUND');
});

test('an image id means nothing to a registry', async (t) => {
  const folder = temporaryFolder(t);
  const hex = '0123456789abcdef'.repeat(4);
  for (const reference of [hex, `sha256:${hex}`, 'sha256:0123456789ab']) {
    const everywhere = await failure(optionsIn(folder, { reference }));
    assert.equal(everywhere.code, 'IMAGE_UNAVAILABLE', reference);
    assert.equal((await failure(optionsIn(folder, { reference, sources: ['remote'] }))).code, 'HEX_NAME');
  }
});

test('a text that is no name is refused before anybody is asked', async (t) => {
  const options = optionsIn(temporaryFolder(t), { openRegistry: unused });
  for (const [reference, code] of [
    ['', 'EMPTY'],
    ['Nginx', 'UPPER_CASE'],
    ['https://registry.example.com/a', 'SCHEME'],
    ['a:b:c', 'INVALID_TAG'],
  ] as const) {
    assert.equal((await failure({ ...options, reference })).code, code, reference);
  }
});

test('offline, only the files of this machine are looked at', async (t) => {
  const options = optionsIn(temporaryFolder(t), { offline: true, openRegistry: unused });
  const error = await failure(options);
  assert.equal(error.code, 'IMAGE_UNAVAILABLE');
  assert.equal(error.message.match(/not asked/g)?.length, 3);
  assert.equal((await failure({ ...options, sources: ['remote'] })).code, 'OFFLINE');
});

test('an error that is none of ours is not taken for an answer', async (t) => {
  const options = optionsIn(temporaryFolder(t), { openRegistry: () => Promise.reject(new TypeError('a mistake')) });
  await assert.rejects(openNamedImage(createContext(), options), TypeError);
});

test('a scan that was cancelled asks nobody else', async (t) => {
  const controller = new AbortController();
  const openRegistry = (): Promise<RegistryClient> => {
    controller.abort(new Error('enough'));
    return Promise.reject(new RegistryError('REGISTRY_UNREACHABLE', 'gone'));
  };
  const options = optionsIn(temporaryFolder(t), { openRegistry, sources: ['remote', 'docker'] });
  await assert.rejects(openNamedImage(createContext({ signal: controller.signal }), options), /enough/);
});
