import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { alpineFiles } from '../../test/robustness/alpine-image.js';
import { advisoryDatabase } from '../../test/support/advisory-database.js';
import { attestationOf, buildImage, type ImageSpec, sha256 } from '../../test/support/image-builder.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { type RegistryServer, type RegistryServerOptions, startRegistry } from '../../test/support/registry/index.js';
import { createContext, isTidewaiterError } from '../core/index.js';
import type { ScanReport } from '../report/index.js';
import { scanImage } from './scan-image.js';
import type { ScanRequest } from './scan-request.js';

const secdb = [
  'distroversion: v3.11',
  'reponame: main',
  'packages:',
  '  - pkg:',
  '      name: openssl',
  '      secfixes:',
  '        1.1.1g-r0:',
  '          - CVE-2020-1967',
  '',
].join('\n');

const base: ImageSpec['layers'][number] = { items: alpineFiles };
const imageOf = (tag: string, more: Partial<ImageSpec> = {}): ImageSpec => ({
  layers: [base, [{ path: 'srv/version', content: tag }]],
  compression: 'gzip',
  ...more,
});

interface Setting {
  readonly registry: RegistryServer;
  readonly folder: string;
  readonly scan: (reference: string, request?: ScanRequest) => Promise<ScanReport>;
  /** Paths below the repository that were got since the last call. */
  readonly got: () => readonly string[];
}

async function setUp(t: TestContext, options: RegistryServerOptions = {}): Promise<Setting> {
  const folder = temporaryFolder(t);
  const databasePath = await advisoryDatabase(join(folder, 'db'), { 'main.yaml': secdb });
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  let seen = 0;
  return {
    registry,
    folder,
    scan: async (reference, request = {}) =>
      await scanImage(createContext(), {
        reference: `${registry.host}/${reference}`,
        imageSources: ['remote'],
        databasePath,
        cacheDir: join(folder, 'cache'),
        platform: request.platform,
        ...request,
      }),
    got() {
      const all = registry.accessLog.filter(({ method, status }) => method === 'GET' && status < 400);
      const since = all.slice(seen).map(({ path }) => path.replace(/^\/v2\/team\/app\//, ''));
      seen = all.length;
      return since.filter((path) => path !== '/v2/');
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(isTidewaiterError(thrown), String(thrown));
    return thrown;
  }
  return assert.fail('it did not fail');
}

const findingsOf = (report: ScanReport): readonly string[] =>
  report.images.flatMap((image) =>
    image.results.flatMap((result) => result.findings.map((finding) => `${finding.packageName} ${result.target}`)),
  );

test('an image by its name, as an archive of it would be reported', async (t) => {
  const { registry, scan } = await setUp(t);
  const digest = registry.addImage('team/app', '1.0', buildImage(imageOf('1.0')));
  const report = await scan('team/app:1.0');
  const name = `${registry.host}/team/app:1.0`;
  assert.equal(report.artifact.name, name);
  assert.deepEqual(findingsOf(report), [`libcrypto1.1 ${name} (alpine 3.11.5)`, `libssl1.1 ${name} (alpine 3.11.5)`]);
  assert.deepEqual(report.images[0]?.repoTags, [name]);
  assert.deepEqual(report.images[0]?.repoDigests, [`${registry.host}/team/app@${digest}`]);
  assert.equal(report.images[0]?.manifestDigest, digest);
  const byDigest = await scan(`team/app:other@${digest}`);
  assert.deepEqual(byDigest.images[0]?.repoTags, []);
  assert.deepEqual(byDigest.images[0]?.repoDigests, [`${registry.host}/team/app@${digest}`]);
});

test('a second tag costs its own layers, and a known image manifest and config only', async (t) => {
  const { registry, scan, got } = await setUp(t);
  const [first, second] = [buildImage(imageOf('1.0')), buildImage(imageOf('1.1'))];
  registry.addImage('team/app', '1.0', first);
  registry.addImage('team/app', '1.1', second);
  const blobs = (...digests: readonly (string | undefined)[]) => digests.map((digest) => `blobs/${digest}`).sort();
  await scan('team/app:1.0');
  assert.deepEqual(
    [...got()].sort(),
    [...blobs(first.imageId, ...first.layers.map((layer) => layer.digest)), 'manifests/1.0'].sort(),
  );
  const next = await scan('team/app:1.1');
  assert.deepEqual([...got()].sort(), [...blobs(second.imageId, second.layers[1]?.digest), 'manifests/1.1'].sort());
  const again = await scan('team/app:1.1');
  assert.deepEqual([...got()].sort(), [...blobs(second.imageId), 'manifests/1.1'].sort());
  assert.deepEqual(again.images, next.images);
});

test('a config that claims the facts of another layer does not get them', async (t) => {
  const { registry, scan } = await setUp(t);
  const honest = buildImage(imageOf('1.0'));
  registry.addImage('team/app', '1.0', honest);
  await scan('team/app:1.0');
  const claimed = honest.layers[1]?.diffId ?? '';
  const forged = buildImage({ layers: [{ items: alpineFiles, claimedDiffId: claimed }], compression: 'gzip' });
  registry.addImage('team/app', 'forged', forged);
  assert.equal((await failure(scan('team/app:forged'))).code, 'DIGEST_MISMATCH');
});

test('bytes that are not those of the digest are refused, whatever is known', async (t) => {
  const { registry, scan } = await setUp(t);
  const image = buildImage(imageOf('1.0'));
  registry.addImage('team/app', '1.0', image);
  const layer = image.layers[0]?.digest ?? '';
  registry.faults.add({ method: 'GET', path: `/blobs/${layer}`, times: 100, flipBitAt: 60 });
  assert.equal((await failure(scan('team/app:1.0'))).code, 'DIGEST_MISMATCH');
  registry.faults.clear();
  assert.equal(findingsOf(await scan('team/app:1.0')).length, 2);
  registry.faults.add({ method: 'GET', path: `/blobs/${image.imageId}`, times: 100, flipBitAt: 20 });
  assert.equal((await failure(scan('team/app:1.0'))).code, 'DIGEST_MISMATCH');
  registry.faults.clear();
  registry.faults.add({ method: 'GET', path: '/manifests/', times: 100, flipBitAt: 20 });
  const byDigest = await failure(scan(`team/app@${image.manifestDigest}`));
  assert.equal(byDigest.code, 'DIGEST_MISMATCH');
});

test('a download that breaks off at half goes on there', async (t) => {
  const { registry, scan } = await setUp(t);
  const image = buildImage(imageOf('1.0'));
  registry.addImage('team/app', '1.0', image);
  const layer = image.layers[0];
  const half = Math.floor((layer?.stored.length ?? 0) / 2);
  registry.faults.add({ method: 'GET', path: `/blobs/${layer?.digest}`, cutAfterBytes: half, reset: true });
  assert.equal(findingsOf(await scan('team/app:1.0')).length, 2);
  const starts = registry.accessLog
    .filter(({ path }) => path.endsWith(`${layer?.digest}`))
    .map((one) => one.rangeStart);
  assert.ok(
    starts.some((start) => start !== undefined && start > 0),
    String(starts),
  );
});

test('a registry that asks for patience gets it; one that says no is heard', async (t) => {
  const { registry, scan } = await setUp(t);
  registry.addImage('team/app', '1.0', buildImage(imageOf('1.0')));
  registry.faults.add({ path: '/blobs/', status: 429, headers: { 'retry-after': '0' } });
  assert.equal(findingsOf(await scan('team/app:1.0')).length, 2);
  assert.equal((await failure(scan('team/app:2.0'))).code, 'MANIFEST_UNKNOWN');
  assert.match((await failure(scan('team/none:1.0'))).code, /^(?:NAME|MANIFEST)_UNKNOWN$/);
});

test('credentials are used, and a wrong one is said', async (t) => {
  const { registry, scan } = await setUp(t, { auth: { kind: 'bearer', users: { ann: 'secret' } } });
  registry.addImage('team/app', '1.0', buildImage(imageOf('1.0')));
  const login = (password: string): ScanRequest => ({ registry: { logins: [{ username: 'ann', password }] } });
  assert.equal(findingsOf(await scan('team/app:1.0', login('secret'))).length, 2);
  const wrong = await failure(scan('team/app:1.0', login('geheim!')));
  assert.equal(wrong.code, 'UNAUTHORIZED');
  assert.ok(!wrong.message.includes('geheim!'));
  assert.equal((await failure(scan('team/app:1.0'))).code, 'UNAUTHORIZED');
});

test('one platform of an index, or the one that was asked for, or none', async (t) => {
  const { registry, scan, got } = await setUp(t);
  const images = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map((platform) =>
    buildImage(imageOf(platform, { platform })),
  );
  const attestation = buildImage(attestationOf(imageOf('linux/amd64', { platform: 'linux/amd64' })));
  const digest = registry.addImage('team/app', '1.0', ...images, attestation);
  got();
  const report = await scan('team/app:1.0', { platform: 'linux/arm64' });
  assert.deepEqual(
    report.images.map((image) => [image.platform, image.imageId]),
    [['linux/arm64', images[1]?.imageId]],
  );
  assert.deepEqual(report.images[0]?.repoDigests, [`${registry.host}/team/app@${digest}`]);
  assert.equal(got().filter((path) => path.startsWith('manifests/')).length, 2, 'the index and one manifest');
  const absent = await failure(scan('team/app:1.0', { platform: 'linux/s390x' }));
  assert.equal(absent.code, 'PLATFORM_NOT_FOUND');
  for (const name of ['linux/amd64', 'linux/arm64', 'linux/arm/v7']) assert.ok(absent.message.includes(name));
  registry.addImage('team/app', 'single', images[0] as NonNullable<(typeof images)[0]>);
  assert.equal((await failure(scan('team/app:single', { platform: 'linux/arm64' }))).code, 'PLATFORM_NOT_FOUND');
});

test('an index may name the type of the config, or of anything, beside an image', async (t) => {
  const { registry, scan } = await setUp(t);
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const types = ['application/vnd.oci.image.config.v1+json', 'application/vnd.example.thing', undefined];
  const manifests = ['linux/amd64', 'linux/arm64', undefined].map((platform, at) => {
    const image = buildImage(imageOf(String(at), { platform: platform ?? 'linux/s390x' }));
    registry.addImage('team/app', `part-${at}`, image);
    const [os, architecture] = platform?.split('/') ?? [];
    return {
      mediaType: manifestType,
      digest: image.manifestDigest,
      size: image.manifest.length,
      ...(platform === undefined ? {} : { platform: { os, architecture } }),
      ...(types[at] === undefined ? {} : { artifactType: types[at] }),
    };
  });
  const signature = { ...manifests[2], digest: sha256(new Uint8Array(1)), artifactType: 'application/vnd.example.sig' };
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = { schemaVersion: 2, mediaType, manifests: [...manifests, signature] };
  registry.addManifest('team/app', '1.0', new TextEncoder().encode(JSON.stringify(index)), mediaType);
  assert.deepEqual(
    (await scan('team/app:1.0', { platform: 'all' })).images.map((image) => image.platform),
    ['linux/amd64', 'linux/arm64', 'linux/s390x'],
  );
});

test('every platform: shared layers are read once, even without a cache, and the verdict is the worst', async (t) => {
  const { registry, scan, got } = await setUp(t);
  const clean = imageOf('clean', { platform: 'linux/amd64', layers: [base] });
  const other = imageOf('other', { platform: 'linux/arm64' });
  const images = [clean, other].map(buildImage);
  registry.addImage('team/app', '1.0', ...images);
  const report = await scan('team/app:1.0', { platform: 'all', cacheBackend: 'memory', failOnFindings: true });
  assert.deepEqual(
    report.images.map((image) => image.platform),
    ['linux/amd64', 'linux/arm64'],
  );
  assert.equal(findingsOf(report).length, 4);
  assert.equal(report.verdict.outcome, 'fail');
  const shared = images[0]?.layers[0]?.digest;
  assert.equal(got().filter((path) => path === `blobs/${shared}`).length, 1);
});

test('every platform: one that cannot be read is an unknown of its own', async (t) => {
  const { registry, scan } = await setUp(t);
  const images = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map((platform) =>
    buildImage(imageOf(platform, { platform })),
  );
  registry.addImage('team/app', '1.0', ...images);
  registry.remove('team/app', images[1]?.manifestDigest ?? '');
  registry.remove('team/app', images[2]?.layers[1]?.digest ?? '');
  const report = await scan('team/app:1.0', { platform: 'all' });
  assert.equal(report.verdict.outcome, 'incomplete');
  const unread = report.images.filter((image) => image.unknowns.some(({ code }) => code === 'PLATFORM_UNREADABLE'));
  assert.deepEqual(unread.map((image) => image.platform).sort(), ['linux/arm/v7', 'linux/arm64']);
  assert.equal(findingsOf(report).length, 2);
  registry.remove('team/app', images[0]?.manifestDigest ?? '');
  assert.equal((await failure(scan('team/app:1.0', { platform: 'all' }))).code, 'MANIFEST_UNKNOWN');
});

test('statements about builds alone are no image: nothing was assessed', async (t) => {
  const { registry, scan } = await setUp(t);
  registry.addImage('team/app', '1.0', ...[imageOf('a'), imageOf('b')].map((spec) => buildImage(attestationOf(spec))));
  const report = await scan('team/app:1.0');
  assert.equal(report.verdict.outcome, 'incomplete');
  assert.deepEqual(
    report.images[0]?.unknowns.map(({ code }) => code),
    ['ATTESTATION_ONLY'],
  );
});

test('things that are no images are refused by their kind', async (t) => {
  const { registry, scan } = await setUp(t);
  const config = new TextEncoder().encode('{}');
  registry.addBlob('team/app', config);
  const manifest = (configType: string, more: object = {}): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: configType, digest: sha256(config), size: config.length },
        layers: [],
        ...more,
      }),
    );
  const chart = manifest('application/vnd.cncf.helm.config.v1+json');
  registry.addManifest('team/app', 'chart', chart, 'application/vnd.oci.image.manifest.v1+json');
  const refused = await failure(scan('team/app:chart'));
  assert.equal(refused.code, 'NOT_AN_IMAGE');
  assert.ok(refused.message.includes('vnd.cncf.helm'));
  const artifact = manifest('application/vnd.oci.empty.v1+json', { artifactType: 'application/vnd.example.thing' });
  registry.addManifest('team/app', 'artifact', artifact, 'application/vnd.oci.image.manifest.v1+json');
  assert.ok((await failure(scan('team/app:artifact'))).message.includes('application/vnd.example.thing'));
});

test('layers that lie elsewhere or are encrypted are said to be', async (t) => {
  const { registry, scan } = await setUp(t);
  const image = buildImage(imageOf('1.0'));
  const [first] = image.layers;
  const withType = (mediaType: string, digest = first?.digest) =>
    buildImage(
      imageOf('1.0', {
        manifestOverrides: {
          layers: image.layers.map((layer, index) => ({
            mediaType: index === 0 ? mediaType : layer.mediaType,
            digest: index === 0 ? digest : layer.digest,
            size: layer.stored.length,
          })),
        },
      }),
    );
  const foreign = withType('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');
  registry.addImage('team/app', 'foreign', foreign);
  assert.equal(findingsOf(await scan('team/app:foreign')).length, 2, 'a registry that has it serves it');
  registry.remove('team/app', first?.digest ?? '');
  assert.equal((await failure(scan('team/app:foreign'))).code, 'UNSUPPORTED');
  registry.addImage('team/app', 'secret', withType('application/vnd.oci.image.layer.v1.tar+gzip+encrypted'));
  assert.equal((await failure(scan('team/app:secret'))).code, 'UNSUPPORTED');
});

test('an image that must be larger than is allowed is not downloaded', async (t) => {
  const { registry, scan, got } = await setUp(t);
  const image = buildImage(imageOf('1.0'));
  registry.addImage('team/app', '1.0', image);
  assert.equal((await failure(scan('team/app:1.0', { maxImageBytes: 100 }))).code, 'IMAGE_TOO_LARGE');
  assert.deepEqual([...got()].sort(), [`blobs/${image.imageId}`, 'manifests/1.0'].sort());
});

test('offline, nobody is asked', async (t) => {
  const { registry, scan } = await setUp(t);
  registry.addImage('team/app', '1.0', buildImage(imageOf('1.0')));
  assert.equal((await failure(scan('team/app:1.0', { registry: { offline: true } }))).code, 'OFFLINE');
  const sources = { imageSources: ['docker', 'podman', 'remote'] } as const;
  const all = await failure(scan('team/app:1.0', { ...sources, registry: { offline: true } }));
  assert.equal(all.code, 'IMAGE_UNAVAILABLE');
  assert.equal(registry.accessLog.length, 0);
});

test('documents that break their form, or lead nowhere, are errors of their own', async (t) => {
  const { registry, scan } = await setUp(t);
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const oci = 'application/vnd.oci.image.';
  const index = (manifests: unknown): Uint8Array =>
    text({ schemaVersion: 2, mediaType: `${oci}index.v1+json`, manifests });
  const digest = `sha256:${'0'.repeat(64)}`;
  const many = Array.from({ length: 1001 }, () => ({ mediaType: `${oci}manifest.v1+json`, digest, size: 2 }));
  const cases: readonly (readonly [bytes: Uint8Array, mediaType: string, code: RegExp])[] = [
    [text({ schemaVersion: 2 }), `${oci}manifest.v1+json`, /^DOCUMENT_INVALID$/],
    [text([]), `${oci}index.v1+json`, /^(?:DOCUMENT_INVALID|INVALID_ANSWER)$/],
    [text({ schemaVersion: 2, manifests: [], config: {}, layers: [] }), `${oci}index.v1+json`, /^DOCUMENT_INVALID$/],
    [index([]), `${oci}index.v1+json`, /^NOT_AN_IMAGE$/],
    [index(many), `${oci}index.v1+json`, /^LIMIT_EXCEEDED$/],
    [
      index([{ mediaType: `${oci}manifest.v1+json`, digest: 'sha256:../../x', size: 2 }]),
      `${oci}index.v1+json`,
      /^DOCUMENT_INVALID$/,
    ],
    [index([{ mediaType: `${oci}manifest.v1+json`, digest, size: 2 }]), `${oci}index.v1+json`, /^MANIFEST_UNKNOWN$/],
  ];
  for (const [at, [bytes, mediaType, code]] of cases.entries()) {
    registry.addManifest('team/app', `t${at}`, bytes, mediaType);
    assert.match((await failure(scan(`team/app:t${at}`))).code, code, `case ${at}`);
  }
});

test('an index that leads to itself by way of others ends at the allowed depth', async (t) => {
  const { registry, scan } = await setUp(t);
  const type = 'application/vnd.oci.image.index.v1+json';
  const image = buildImage(imageOf('deep', { platform: 'linux/amd64' }));
  registry.addImage('team/app', undefined, image);
  let inner: object = { mediaType: image.manifestMediaType, digest: image.manifestDigest, size: image.manifest.length };
  for (let depth = 1; depth <= 6; depth++) {
    const bytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [inner] }));
    inner = { mediaType: type, digest: registry.addManifest('team/app', `d${depth}`, bytes, type), size: bytes.length };
  }
  assert.equal(findingsOf(await scan('team/app:d3', { platform: 'linux/amd64' })).length, 2);
  assert.equal((await failure(scan('team/app:d6', { platform: 'linux/amd64' }))).code, 'LIMIT_EXCEEDED');
});
