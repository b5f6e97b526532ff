import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage, sha256 } from '../../test/support/image-builder.js';
import {
  blobSource,
  noise,
  offering,
  type RegistryServer,
  type RegistryServerOptions,
  startRegistry,
  testClient,
} from '../../test/support/registry/index.js';
import { parseDigest, parseReference, type Digest } from '../reference/index.js';

const bytes = noise(100_000);
const digest = parseDigest(sha256(bytes));
const image = buildImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]], compression: 'gzip' });
const manifest = { bytes: image.manifest, mediaType: image.manifestMediaType };
const ann = { username: 'ann', password: 'right-password' };

async function started(t: { after(run: () => Promise<void>): void }, options: RegistryServerOptions = {}) {
  const registry = await startRegistry({
    auth: { kind: 'bearer', users: { ann: 'right-password' } },
    ...options,
  });
  t.after(() => registry.close());
  const repository = { registry: registry.host, repository: 'team/app' };
  return { registry, repository, ...testClient(t, { credentials: offering(ann) }) };
}

const writes = ({ accessLog }: RegistryServer) =>
  accessLog.filter(({ method }) => method !== 'HEAD' && method !== 'GET').map(({ method, status }) => [method, status]);

test('a whole image: blobs, then the manifest', async (t) => {
  const { registry, repository, client, context } = await started(t);
  for (const blob of [image.config, ...image.layers.map(({ stored }) => stored)]) {
    assert.deepEqual(await client.pushBlob(context, repository, blobSource(blob)), { how: 'uploaded' });
  }
  const reference = parseReference(`${registry.host}/team/app:1`);
  assert.equal(await client.pushManifest(context, reference, manifest), image.manifestDigest);
  assert.deepEqual(registry.manifest('team/app', '1')?.bytes, image.manifest);
  assert.equal(registry.openUploads, 0);
  assert.ok(registry.accessLog.filter(({ method }) => method === 'PUT').every(({ status }) => status === 201));
});

test('a blob that is there is not sent', async (t) => {
  const { registry, repository, client, context } = await started(t);
  registry.addBlob('team/app', bytes);
  const source = blobSource(bytes);
  assert.deepEqual(await client.pushBlob(context, repository, source), { how: 'present' });
  assert.deepEqual(source.opened, []);
  assert.deepEqual(writes(registry), []);
});

test('a blob is mounted where that works, and sent where not', async (t) => {
  const mounting = await started(t);
  mounting.registry.addBlob('team/base', bytes);
  const options = { mountFrom: 'team/base' };
  const source = blobSource(bytes);
  const mounted = await mounting.client.pushBlob(mounting.context, mounting.repository, source, options);
  assert.deepEqual(mounted, { how: 'mounted' });
  assert.deepEqual(source.opened, []);
  const scopes = mounting.registry.tokens.accessLog.map(({ path }) =>
    new URL(path, 'http://x').searchParams.getAll('scope'),
  );
  assert.deepEqual(scopes.at(-1), ['repository:team/app:pull,push', 'repository:team/base:pull']);

  const absent = await mounting.client.pushBlob(
    mounting.context,
    { ...mounting.repository, repository: 'team/b' },
    source,
    {
      mountFrom: 'team/nowhere',
    },
  );
  assert.deepEqual(absent, { how: 'uploaded' });

  const stubborn = await started(t, { mounts: false });
  stubborn.registry.addBlob('team/base', bytes);
  assert.deepEqual(await stubborn.client.pushBlob(stubborn.context, stubborn.repository, blobSource(bytes), options), {
    how: 'uploaded',
  });
  // The upload that was begun instead of the mount is the one that is used.
  assert.deepEqual(writes(stubborn.registry), [
    ['POST', 202],
    ['PUT', 201],
  ]);
});

test('without the right to pull from there, the blob is sent', async (t) => {
  const may = (_user: string | undefined, repository: string) => repository === 'team/app';
  const { registry, repository, client, context } = await started(t, {
    auth: { kind: 'bearer', users: { ann: 'right-password' }, may },
  });
  registry.addBlob('secret/base', bytes);
  const pushed = await client.pushBlob(context, repository, blobSource(bytes), { mountFrom: 'secret/base' });
  assert.deepEqual(pushed, { how: 'uploaded' });
  assert.equal(registry.openUploads, 0);
});

test('in pieces, with a minimum that the registry sets', async (t) => {
  const { registry, repository, client, context } = await started(t);
  const source = blobSource(bytes);
  await client.pushBlob(context, repository, source, { chunkBytes: 40_000 });
  assert.deepEqual(source.opened, [0, 40_000, 80_000]);
  assert.deepEqual(registry.blob('team/app', digest), bytes);

  const choosy = await started(t, { chunkMinBytes: 60_000 });
  const other = blobSource(bytes);
  await choosy.client.pushBlob(choosy.context, choosy.repository, other, { chunkBytes: 10 });
  assert.deepEqual(other.opened, [0, 60_000]);
  assert.deepEqual(choosy.registry.blob('team/app', digest), bytes);
});

test('an empty blob, whole and in pieces', async (t) => {
  const { registry, repository, client, context } = await started(t);
  const nothing = new Uint8Array();
  await client.pushBlob(context, repository, blobSource(nothing));
  await client.pushBlob(context, { ...repository, repository: 'b' }, blobSource(nothing), { chunkBytes: 10 });
  assert.deepEqual(registry.blob('b', sha256(nothing)), nothing);
});

test('relative locations, and locations on another origin, where nothing is shown', async (t) => {
  for (const uploadLocations of ['relative', 'elsewhere'] as const) {
    const { registry, repository, client, context } = await started(t, { uploadLocations });
    await client.pushBlob(context, repository, blobSource(bytes), { chunkBytes: 40_000 });
    await client.pushBlob(context, repository, blobSource(image.config));
    assert.deepEqual(registry.blob('team/app', digest), bytes);
    assert.ok(registry.elsewhere.accessLog.every(({ authorization }) => authorization === 'none'));
    assert.equal(registry.elsewhere.accessLog.length, uploadLocations === 'elsewhere' ? 5 : 0);
  }
});

test('an upload that breaks is sent again; nothing is left lying', async (t) => {
  const { registry, repository, client, context } = await started(t);
  registry.faults.add({ method: 'PUT', cutUploadAfterBytes: 30_000, times: 2 });
  registry.faults.add({ method: 'PUT', status: 503 });
  await client.pushBlob(context, repository, blobSource(bytes));
  assert.deepEqual(registry.blob('team/app', digest), bytes);
  assert.equal(registry.openUploads, 0);
});

test('between attempts the registry gets the time that it asks for', async (t) => {
  const { registry, repository, client, context, waits } = await started(t);
  registry.faults.add({ method: 'PUT', status: 429, headers: { 'retry-after': '30' } });
  await client.pushBlob(context, repository, blobSource(bytes));
  assert.ok(waits.includes(30_000), waits.join());
});

test('a piece that breaks is taken up where the registry has it', async (t) => {
  const { registry, repository, client, context } = await started(t);
  registry.faults.add({ method: 'PATCH', after: 1, cutUploadAfterBytes: 15_000 });
  registry.faults.add({ method: 'PATCH', status: 500 });
  const source = blobSource(bytes);
  await client.pushBlob(context, repository, source, { chunkBytes: 40_000 });
  assert.deepEqual(registry.blob('team/app', digest), bytes);
  assert.equal(registry.openUploads, 0);
  assert.ok(registry.accessLog.filter(({ method }) => method === 'POST').length === 1);
});

test('a piece that the registry took only half is followed by the rest', async (t) => {
  const { registry, repository, client, context } = await started(t);
  registry.faults.add({ method: 'PATCH', status: 416, after: 1 });
  await client.pushBlob(context, repository, blobSource(bytes), { chunkBytes: 40_000 });
  assert.deepEqual(registry.blob('team/app', digest), bytes);
});

test('an upload that never comes to an end is given up and cancelled', async (t) => {
  const { registry, repository, client, context } = await started(t);
  for (const options of [{}, { chunkBytes: 40_000 }]) {
    registry.faults.add({ method: 'chunkBytes' in options ? 'PATCH' : 'PUT', status: 503, times: 100 });
    await assert.rejects(client.pushBlob(context, repository, blobSource(bytes), options), {
      code: 'REGISTRY_UNAVAILABLE',
    });
    registry.faults.clear();
    assert.equal(registry.openUploads, 0);
  }
  assert.ok(registry.accessLog.length < 120, String(registry.accessLog.length));
});

test('what stands in front of a registry may take small requests only', async (t) => {
  const { registry, repository, client, context } = await started(t);
  registry.faults.add({ method: 'PUT', status: 413, html: true });
  await client.pushBlob(context, repository, blobSource(bytes));
  assert.deepEqual(writes(registry), [
    ['POST', 202],
    ['PUT', 413],
    ['DELETE', 204],
    ['POST', 202],
    ['PATCH', 202],
    ['PUT', 201],
  ]);
});

test('bytes that are not what their digest says are refused by the registry', async (t) => {
  const { registry, repository, client, context } = await started(t);
  const forged = { ...blobSource(noise(100_000, 2)), digest };
  await assert.rejects(client.pushBlob(context, repository, forged), {
    code: 'PUSH_REFUSED',
    message: /DIGEST_INVALID/,
  });
  assert.equal(registry.openUploads, 0);
});

test('a source that fails is heard, not blamed on the registry', async (t) => {
  const { registry, repository, client, context } = await started(t);
  for (const options of [{}, { chunkBytes: 40_000 }]) {
    const broken = {
      ...blobSource(bytes),
      // oxlint-disable-next-line require-yield
      async *open(): AsyncGenerator<Uint8Array> {
        await Promise.resolve();
        throw new RangeError('the disk is gone');
      },
    };
    await assert.rejects(client.pushBlob(context, repository, broken, options), { message: 'the disk is gone' });
    assert.equal(registry.openUploads, 0);
  }
});

test('a token that expires while blobs are sent is renewed', async (t) => {
  const { registry, repository, client, context } = await started(t);
  await client.pushBlob(context, repository, blobSource(image.config));
  registry.tokens.revokeAll();
  await client.pushBlob(context, repository, blobSource(bytes));
  assert.deepEqual(registry.blob('team/app', digest), bytes);
});

test('a manifest under tag, digest and both; one that the registry does not want', async (t) => {
  const { registry, client, context } = await started(t);
  const push = (name: string, of = manifest): Promise<Digest> =>
    client.pushManifest(context, parseReference(`${registry.host}/team/app${name}`), of);
  await assert.rejects(push(':1'), { code: 'PUSH_REFUSED', message: /MANIFEST_BLOB_UNKNOWN/ });
  registry.addImage('team/app', undefined, image);
  registry.remove('team/app', image.manifestDigest);
  assert.equal(await push(`@${image.manifestDigest}`), image.manifestDigest);
  assert.deepEqual(registry.tags('team/app'), []);
  assert.equal(await push(`:2@${image.manifestDigest}`), image.manifestDigest);
  assert.deepEqual(registry.tags('team/app'), ['2']);
  const before = registry.accessLog.length;
  await assert.rejects(push(`:3@${sha256(bytes)}`), { code: 'DIGEST_MISMATCH' });
  assert.equal(registry.accessLog.length, before);
  await assert.rejects(push(':4', { ...manifest, mediaType: 'text/plain' }), { code: 'PUSH_REFUSED' });
  registry.faults.add({ method: 'PUT', digestHeader: sha256(bytes) });
  await assert.rejects(push(':5'), { code: 'DIGEST_MISMATCH' });
  registry.faults.add({ method: 'PUT', status: 500, times: 2 });
  assert.equal(await push(':6'), image.manifestDigest);
});

test('answers to uploads that are none', async (t) => {
  const { registry, repository, client, context } = await started(t);
  const push = () => client.pushBlob(context, repository, blobSource(bytes));
  const locations = ['', 'ftp://127.0.0.1/x', 'http://169.254.169.254/upload', 'http://['];
  for (const location of locations) {
    registry.faults.add({ method: 'POST', status: 202, headers: { location } });
    await assert.rejects(push(), { code: 'INVALID_ANSWER' }, location);
  }
  registry.faults.add({ method: 'PATCH', status: 202, headers: { location: '/x', range: '0-9999999' } });
  await assert.rejects(client.pushBlob(context, repository, blobSource(bytes), { chunkBytes: 10_000 }), {
    code: 'INVALID_ANSWER',
  });
  registry.faults.add({ method: 'PUT', digestHeader: image.imageId });
  await assert.rejects(push(), { code: 'DIGEST_MISMATCH' });
});

test('a registry that keeps nothing of what it takes is left', async (t) => {
  const { registry, repository, client, context } = await started(t);
  registry.faults.add({ method: 'PATCH', status: 202, headers: { location: '/v2/x', range: '0-0' }, times: 100 });
  await assert.rejects(client.pushBlob(context, repository, blobSource(bytes), { chunkBytes: 10_000 }), {
    code: 'INVALID_ANSWER',
  });
  assert.ok(registry.accessLog.length < 20);
  registry.faults.clear();
  const before = registry.accessLog.length;
  for (let times = 0; times < 500; times++) {
    const range = times % 2 === 0 ? '0-9999' : '0-0';
    registry.faults.add({ method: 'PATCH', status: 202, headers: { location: '/v2/x', range } });
  }
  await assert.rejects(client.pushBlob(context, repository, blobSource(bytes), { chunkBytes: 10_000 }), {
    code: 'INVALID_ANSWER',
  });
  assert.ok(registry.accessLog.length - before < 200);
});

test('what has a subject is put into its list, where the registry keeps none', async (t) => {
  const { registry, client, context } = await started(t, { referrersApi: false });
  registry.addImage('team/app', '1', image);
  registry.addBlob('team/app', new TextEncoder().encode('{}'));
  const subject = { mediaType: image.manifestMediaType, digest: image.manifestDigest, size: image.manifest.length };
  const name = { registry: registry.host, repository: 'team/app' };
  const push = async (artifactType: string): Promise<Digest> => {
    const empty = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: sha256(new TextEncoder().encode('{}')),
      size: 2,
    };
    const { mediaType } = manifest;
    const document = { schemaVersion: 2, mediaType, artifactType, config: empty, layers: [empty], subject };
    const pushed = {
      mediaType,
      bytes: new TextEncoder().encode(JSON.stringify({ ...document, annotations: { a: 'b' } })),
    };
    const of = parseReference(`${registry.host}/team/app@${sha256(pushed.bytes)}`);
    return await client.pushManifest(context, of, pushed);
  };
  const sbom = await push('application/sbom');
  const signature = await push('application/signature');
  await push('application/sbom');
  const found = await client.fetchReferrers(context, name, parseDigest(image.manifestDigest));
  assert.deepEqual(
    found.map((each) => [each.digest, each.artifactType, each.annotations.get('a')]),
    [
      [sbom, 'application/sbom', 'b'],
      [signature, 'application/signature', 'b'],
    ],
  );
  // A registry that keeps the list itself needs no tag.
  const keeping = await started(t);
  keeping.registry.addImage('team/app', '1', image);
  assert.deepEqual(keeping.registry.tags('team/app'), ['1']);
});
