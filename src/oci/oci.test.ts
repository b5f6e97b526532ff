import assert from 'node:assert/strict';
import test from 'node:test';
import { FormatError, limits } from '../core/index.js';
import {
  artifactTypeOf,
  checkOciLayout,
  isAttestation,
  isImageManifest,
  layerHistory,
  mediaKind,
  parseDockerArchiveList,
  parseImageConfig,
  parseImageIndex,
  parseManifest,
} from './index.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 7 };
const manifest = { schemaVersion: 2, config, layers: [{ mediaType: 'x', digest, size: 1 }] };

function refuses(read: () => unknown, code: FormatError['code'] = 'INVALID'): void {
  assert.throws(read, (thrown) => thrown instanceof FormatError && thrown.code === code);
}

test('media types of OCI and Docker mean the same kinds', () => {
  assert.equal(mediaKind('application/vnd.oci.image.manifest.v1+json'), 'manifest');
  assert.equal(mediaKind('application/vnd.docker.distribution.manifest.v2+json; charset=utf-8'), 'manifest');
  assert.equal(mediaKind('Application/VND.docker.distribution.manifest.list.v2+json'), 'index');
  assert.equal(mediaKind('application/vnd.docker.container.image.v1+json'), 'config');
  for (const other of ['', 'constructor', 'application/json']) assert.equal(mediaKind(other), 'other');
});

test('a manifest names config and layers', () => {
  const parsed = parseManifest(bytes({ ...manifest, annotations: { a: 'b', c: 5 } }));
  assert.equal(parsed.config.digest, digest);
  assert.deepEqual(
    parsed.layers.map((layer) => layer.sizeBytes),
    [1],
  );
  assert.deepEqual([...parsed.annotations], [['a', 'b']]);
  assert.ok(isImageManifest(parsed));
  assert.ok(
    !isImageManifest(
      parseManifest(
        bytes({ ...manifest, config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } }),
      ),
    ),
  );
  assert.deepEqual(parseManifest(bytes({ ...manifest, layers: null })).layers, []);
});

test('signatures and lists of packages that have the config of an image', () => {
  const holding = (...types: readonly string[]) =>
    parseManifest(
      bytes({ schemaVersion: 2, config, layers: types.map((mediaType) => ({ mediaType, digest, size: 1 })) }),
    );
  for (const type of [
    'application/vnd.dev.cosign.simplesigning.v1+json',
    'text/spdx+json; a=b',
    'application/vnd.x+XML',
  ]) {
    assert.ok(!isImageManifest(holding(type, type)), type);
    assert.equal(artifactTypeOf(holding(type)), type);
  }
  const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';
  for (const types of [[], [layer], [layer, 'text/plain'], ['application/octet-stream']]) {
    assert.ok(isImageManifest(holding(...types)), types.join());
  }
});

test('manifests that are wrong', () => {
  const wrong = [
    '',
    '[]',
    'null',
    '5',
    {},
    { ...manifest, config: undefined },
    { ...manifest, config: { ...config, digest: 'sha256:abc' } },
    { ...manifest, config: { ...config, digest: 5 } },
    { ...manifest, config: { ...config, size: -1 } },
    { ...manifest, config: { ...config, size: 1.5 } },
    { ...manifest, config: { ...config, size: 1e30 } },
    { ...manifest, layers: undefined },
    { ...manifest, layers: {} },
    { ...manifest, layers: [5] },
    { ...manifest, manifests: [] },
    { ...manifest, mediaType: 'application/vnd.oci.image.index.v1+json' },
  ];
  for (const document of wrong) refuses(() => parseManifest(bytes(document)));
  refuses(() => parseManifest(bytes({ schemaVersion: 1, fsLayers: [] })), 'UNSUPPORTED');
  const layers = Array.from({ length: limits.layers + 1 }, () => config);
  refuses(() => parseManifest(bytes({ ...manifest, layers })), 'LIMIT_EXCEEDED');
  refuses(() => parseManifest(bytes('['.repeat(10_000))), 'LIMIT_EXCEEDED');
  refuses(() => parseManifest(new Uint8Array(limits.imageDocumentBytes + 1)), 'LIMIT_EXCEEDED');
});

test('an index names manifests and their platforms', () => {
  const platform = { os: 'windows', architecture: 'amd64', variant: '', 'os.version': '10.0.1' };
  const unknown = { os: 'unknown', architecture: 'unknown' };
  const { manifests } = parseImageIndex(
    bytes({
      manifests: [
        { ...config, platform },
        { ...config, platform: { os: 'linux' } },
        { ...config, platform: unknown },
      ],
    }),
  );
  assert.deepEqual(manifests[0]?.platform, {
    os: 'windows',
    architecture: 'amd64',
    variant: undefined,
    osVersion: '10.0.1',
  });
  assert.equal(manifests[1]?.platform, undefined);
  assert.deepEqual(manifests.map(isAttestation), [false, false, true]);
  for (const document of [
    '',
    {},
    { manifests: 5 },
    { manifests: [{}] },
    { manifests: [], layers: [] },
    { manifests: [], mediaType: manifest.config.mediaType.replace('config', 'manifest') },
  ]) {
    refuses(() => parseImageIndex(bytes(document)));
  }
  refuses(
    () => parseImageIndex(bytes({ manifests: Array.from({ length: limits.manifests + 1 }, () => config) })),
    'LIMIT_EXCEEDED',
  );
});

test('a config tells platform, diff IDs and history, and keeps its document', () => {
  const document = {
    architecture: 'arm',
    os: 'linux',
    variant: 'v7',
    'os.version': '1',
    created: '2020-01-01T00:00:00Z',
    rootfs: { type: 'layers', diff_ids: [digest, digest] },
    history: [{ created_by: 'ADD' }, { created_by: 'ENV', empty_layer: true }, { comment: 'x' }],
    config: { Cmd: ['sh'] },
    unknown: { kept: true },
  };
  const parsed = parseImageConfig(bytes(document));
  assert.deepEqual(parsed.platform, { os: 'linux', architecture: 'arm', variant: 'v7', osVersion: '1' });
  assert.deepEqual(parsed.diffIds, [digest, digest]);
  assert.deepEqual(parsed.document, document);
  assert.deepEqual(layerHistory(parsed), ['ADD', undefined]);
  assert.deepEqual(layerHistory(parseImageConfig(bytes({ ...document, history: [{ created_by: 'ADD' }] }))), [
    undefined,
    undefined,
  ]);
  const old = parseImageConfig(bytes({ rootfs: { diff_ids: null } }));
  assert.deepEqual([old.platform.os, old.platform.architecture, old.diffIds.length], ['linux', 'amd64', 0]);
  for (const broken of [
    '',
    [],
    {},
    { rootfs: 5 },
    { rootfs: { diff_ids: [5] } },
    { rootfs: { diff_ids: ['md5:1'] } },
    { ...document, history: {} },
  ]) {
    refuses(() => parseImageConfig(bytes(broken)));
  }
});

test('the list of a docker archive', () => {
  const [image] = parseDockerArchiveList(bytes([{ Config: 'a.json', RepoTags: null, Layers: ['l/layer.tar'] }]));
  assert.deepEqual(image, { config: 'a.json', repoTags: [], layers: ['l/layer.tar'] });
  for (const broken of [
    '',
    {},
    [null],
    [{}],
    [{ Config: '' }],
    [{ Config: 'a', Layers: {} }],
    [{ Config: 'a', RepoTags: [1] }],
  ]) {
    refuses(() => parseDockerArchiveList(bytes(broken)));
  }
  const layers = Array.from({ length: limits.layers + 1 }, () => 'l/layer.tar');
  refuses(() => parseDockerArchiveList(bytes([{ Config: 'a.json', Layers: layers }])), 'LIMIT_EXCEEDED');
});

test('layouts of version 1 only', () => {
  checkOciLayout(bytes({ imageLayoutVersion: '1.0.0' }));
  for (const broken of ['', {}, { imageLayoutVersion: 1 }, { imageLayoutVersion: '2.0.0' }])
    refuses(() => checkOciLayout(bytes(broken)));
});
