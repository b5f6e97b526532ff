import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { buildImage, sha256 } from '../../test/support/image-builder.js';
import { noise, readAll, startRegistry, testClient } from '../../test/support/registry/index.js';
import { isTidewaiterError } from '../core/index.js';
import { parseDigest, parseReference } from '../reference/index.js';

const image = buildImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]], compression: 'gzip' });
const arm = buildImage({ platform: 'linux/arm64', layers: [[{ path: 'etc/motd', content: 'hello arm' }]] });
const blob = noise(300_000);
const blobDigest = parseDigest(sha256(blob));
const wanted = { digest: blobDigest, sizeBytes: blob.length };

test('a manifest by tag and by digest, with the digest of its bytes', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('team/app', '1.0', image);
  const { client, context } = testClient(t);
  const byTag = await client.fetchManifest(context, parseReference(`${registry.host}/team/app:1.0`));
  assert.deepEqual(byTag, {
    bytes: image.manifest,
    mediaType: image.manifestMediaType,
    digest: image.manifestDigest,
  });
  const byDigest = await client.fetchManifest(
    context,
    parseReference(`${registry.host}/team/app@${image.manifestDigest}`),
  );
  assert.deepEqual(byDigest.digest, image.manifestDigest);
});

test('with a tag and a digest the digest decides', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  registry.addImage('app', '2', arm);
  const { client, context } = testClient(t);
  const reference = parseReference(`${registry.host}/app:1@${arm.manifestDigest}`);
  assert.equal((await client.fetchManifest(context, reference)).digest, arm.manifestDigest);
});

test('an index, of OCI and of Docker', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const { client, context } = testClient(t);
  for (const mediaTypes of ['oci', 'docker'] as const) {
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      buildImage({ platform, mediaTypes, layers: [[{ path: 'a', content: platform }]] }),
    );
    const digest = registry.addImage('app', mediaTypes, ...images);
    const manifest = await client.fetchManifest(context, parseReference(`${registry.host}/app:${mediaTypes}`));
    assert.equal(manifest.digest, digest);
    assert.match(manifest.mediaType, mediaTypes === 'oci' ? /image\.index/ : /manifest\.list/);
  }
});

test('digests of other algorithms are checked with them', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const { client, context } = testClient(t);
  for (const algorithm of ['sha384', 'sha512']) {
    const digest = parseDigest(`${algorithm}:${createHash(algorithm).update(blob).digest('hex')}`);
    registry.addBlob('app', blob, digest);
    const repository = { registry: registry.host, repository: 'app' };
    assert.deepEqual(await readAll(client.fetchBlob(context, repository, { ...wanted, digest })), blob);
    registry.faults.add({ path: '/blobs/', flipBitAt: 1 });
    await assert.rejects(readAll(client.fetchBlob(context, repository, { ...wanted, digest })), {
      code: 'DIGEST_MISMATCH',
    });
  }
});

test('manifests that are not what their digest says are refused, whatever the registry claims', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t);
  const byTag = parseReference(`${registry.host}/app:1`);
  const byDigest = parseReference(`${registry.host}/app@${image.manifestDigest}`);
  const at = image.manifest.length - 3;
  registry.faults.add({ path: '/manifests/', flipBitAt: 20 });
  await assert.rejects(client.fetchManifest(context, byDigest), { code: 'DIGEST_MISMATCH' });
  registry.faults.add({ path: '/manifests/', flipBitAt: at, digestHeader: '' });
  await assert.rejects(client.fetchManifest(context, byDigest), { code: 'DIGEST_MISMATCH' });
  registry.faults.add({ path: '/manifests/', digestHeader: arm.manifestDigest });
  await assert.rejects(client.fetchManifest(context, byTag), { code: 'DIGEST_MISMATCH' });
  // What cannot be compared with says nothing.
  registry.faults.add({ path: '/manifests/', digestHeader: 'md5:0' });
  assert.equal((await client.fetchManifest(context, byTag)).digest, image.manifestDigest);
});

test('what is there is found without its bytes', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t);
  const found = await client.findManifest(context, parseReference(`${registry.host}/app:1`));
  assert.equal(found?.digest, image.manifestDigest);
  assert.equal(found?.sizeBytes, image.manifest.length);
  assert.equal(found?.mediaType, image.manifestMediaType);
  assert.equal(await client.findManifest(context, parseReference(`${registry.host}/app:2`)), undefined);
  assert.equal(await client.findManifest(context, parseReference(`${registry.host}/other:1`)), undefined);
  assert.ok(registry.accessLog.every(({ bytesSent }) => bytesSent === 0));
});

test('where HEAD is refused or says too little, the manifest is fetched', async (t) => {
  const registry = await startRegistry({ manifestHead: false });
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t);
  const reference = parseReference(`${registry.host}/app:1`);
  assert.equal((await client.findManifest(context, reference))?.digest, image.manifestDigest);
  assert.equal(await client.findManifest(context, parseReference(`${registry.host}/app:2`)), undefined);

  const silent = await startRegistry();
  t.after(() => silent.close());
  silent.addImage('app', '1', image);
  silent.faults.add({ method: 'HEAD', digestHeader: '' });
  assert.equal(
    (await client.findManifest(context, parseReference(`${silent.host}/app:1`)))?.sizeBytes,
    image.manifest.length,
  );
});

test('a type that the header does not tell is taken from the document', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t);
  for (const type of ['application/json', 'text/plain; charset=utf-8', '']) {
    registry.faults.add({ path: '/manifests/', headers: { 'content-type': type } });
    const { mediaType } = await client.fetchManifest(context, parseReference(`${registry.host}/app:1`));
    assert.equal(mediaType, image.manifestMediaType, type);
  }
});

test('answers for manifests that are none', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const { client, context } = testClient(t);
  const reference = parseReference(`${registry.host}/app:1`);
  const cases = [
    { status: 200, body: '<html>Log in</html>', code: 'INVALID_ANSWER' },
    { status: 200, body: '', code: 'INVALID_ANSWER' },
    { status: 200, body: '[]', code: 'INVALID_ANSWER' },
    { status: 200, body: '{"hello":1}', code: 'INVALID_ANSWER' },
    { status: 200, body: `{"a":${'['.repeat(100_000)}`, code: 'INVALID_ANSWER' },
    { status: 200, body: '{"schemaVersion":1,"name":"app"}', code: 'UNSUPPORTED' },
    { status: 204, body: '', code: 'INVALID_ANSWER' },
    { status: 302, body: '', code: 'INVALID_ANSWER' },
    { status: 418, body: 'no', code: 'INVALID_ANSWER' },
  ];
  for (const { status, body, code } of cases) {
    registry.faults.add({ path: '/manifests/', status, body });
    await assert.rejects(client.fetchManifest(context, reference), { code }, `${status} ${body.slice(0, 40)}`);
  }
  registry.faults.add({ path: '/manifests/', endless: true, times: 10 });
  registry.addImage('app', '1', image);
  await assert.rejects(client.fetchManifest(context, reference), { code: 'LIMIT_EXCEEDED' });
  registry.faults.clear();
  registry.faults.add({ path: '/manifests/', hugeHeaderBytes: 500_000, times: 10 });
  await assert.rejects(client.fetchManifest(context, reference), { code: 'REGISTRY_UNREACHABLE' });
});

test('a manifest that is cut is asked for again', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t);
  registry.faults.add({ path: '/manifests/', cutAfterBytes: 100, times: 2 });
  const manifest = await client.fetchManifest(context, parseReference(`${registry.host}/app:1`));
  assert.deepEqual(manifest.bytes, image.manifest);
  registry.faults.add({ path: '/manifests/', cutAfterBytes: 100, times: 20 });
  await assert.rejects(client.fetchManifest(context, parseReference(`${registry.host}/app:1`)), {
    code: 'REGISTRY_UNREACHABLE',
  });
});

test('what is not there: manifest, repository, blob', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t);
  const manifest = (name: string) => client.fetchManifest(context, parseReference(`${registry.host}/${name}`));
  await assert.rejects(manifest('app:2'), { code: 'MANIFEST_UNKNOWN', status: 404 });
  await assert.rejects(manifest('other:1'), { code: 'NAME_UNKNOWN' });
  const repository = { registry: registry.host, repository: 'app' };
  await assert.rejects(readAll(client.fetchBlob(context, repository, wanted)), { code: 'BLOB_UNKNOWN' });
  assert.equal(await client.hasBlob(context, repository, blobDigest), false);
  assert.equal(await client.hasBlob(context, repository, parseDigest(image.imageId)), true);
});

test('a blob, whole and from one of its bytes on', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  registry.addBlob('app', new Uint8Array());
  const { client, context } = testClient(t);
  const repository = { registry: registry.host, repository: 'app' };
  assert.deepEqual(await readAll(client.fetchBlob(context, repository, wanted)), blob);
  const rest = await readAll(client.fetchBlob(context, repository, wanted, { start: 299_990 }));
  assert.deepEqual(rest, blob.subarray(299_990));
  assert.equal(registry.accessLog.at(-1)?.rangeStart, 299_990);
  const before = registry.accessLog.length;
  assert.equal((await readAll(client.fetchBlob(context, repository, wanted, { start: blob.length }))).length, 0);
  assert.equal(registry.accessLog.length, before);
  const empty = { digest: parseDigest(sha256(new Uint8Array())), sizeBytes: 0 };
  assert.equal((await readAll(client.fetchBlob(context, repository, empty))).length, 0);
  for (const start of [-1, 1.5, blob.length + 1]) {
    await assert.rejects(readAll(client.fetchBlob(context, repository, wanted, { start })), { code: 'SIZE_MISMATCH' });
  }
});

test('a blob that breaks off is taken up where it broke', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  registry.faults.add({ path: '/blobs/', cutAfterBytes: 100_000 });
  registry.faults.add({ path: '/blobs/', cutAfterBytes: 70_000, reset: true });
  registry.faults.add({ path: '/blobs/', status: 503, times: 2 });
  const repository = { registry: registry.host, repository: 'app' };
  assert.deepEqual(await readAll(client.fetchBlob(context, repository, wanted)), blob);
  const served = registry.accessLog.filter(({ status }) => status === 200 || status === 206);
  assert.equal(served.length, 3);
  assert.equal(served[1]?.rangeStart, 100_000);
  // A reset may take bytes with it that were already on their way.
  const third = served[2]?.rangeStart ?? 0;
  assert.ok(third >= 100_000 && third <= 170_000, String(third));
});

test('a server that falls silent is asked again', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t, { http: {} });
  registry.faults.add({ path: '/blobs/', stallAfterBytes: 200_000 });
  const repository = { registry: registry.host, repository: 'app' };
  // The silence itself lasts a minute by default: here the server ends it.
  setTimeout(() => registry.dropConnections(), 200);
  assert.deepEqual(await readAll(client.fetchBlob(context, repository, wanted)), blob);
  assert.equal(registry.accessLog.at(-1)?.rangeStart, 200_000);
});

test('servers that do not know Range, or answer it wrongly, are read from the start', async (t) => {
  const repositoryOf = (registry: { host: string }) => ({ registry: registry.host, repository: 'app' });
  const without = await startRegistry({ rangeSupport: false });
  const wrong = await startRegistry();
  t.after(() => Promise.all([without.close(), wrong.close()]));
  const { client, context } = testClient(t);
  for (const registry of [without, wrong]) {
    registry.addBlob('app', blob);
    registry.faults.add({ path: '/blobs/', cutAfterBytes: 100_000 });
  }
  assert.deepEqual(await readAll(client.fetchBlob(context, repositoryOf(without), wanted)), blob);
  wrong.faults.add({ path: '/blobs/', contentRange: `bytes 99999-${blob.length - 1}/${blob.length}` });
  assert.deepEqual(await readAll(client.fetchBlob(context, repositoryOf(wrong), wanted)), blob);
  wrong.faults.add({ path: '/blobs/', cutAfterBytes: 100_000 });
  wrong.faults.add({ path: '/blobs/', status: 416 });
  assert.deepEqual(await readAll(client.fetchBlob(context, repositoryOf(wrong), wanted)), blob);
});

test('a download that brings nothing any more ends', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  const repository = { registry: registry.host, repository: 'app' };
  registry.faults.add({ path: '/blobs/', cutAfterBytes: 0, times: 1_000 });
  await assert.rejects(readAll(client.fetchBlob(context, repository, wanted)), { code: 'REGISTRY_UNREACHABLE' });
  assert.ok(registry.accessLog.length < 20, String(registry.accessLog.length));
  registry.faults.clear();
  const before = registry.accessLog.length;
  registry.faults.add({ path: '/blobs/', cutAfterBytes: 1, times: 1_000 });
  await assert.rejects(readAll(client.fetchBlob(context, repository, wanted)), { code: 'REGISTRY_UNREACHABLE' });
  assert.ok(registry.accessLog.length - before < 80, String(registry.accessLog.length - before));
});

test('wrong bytes, too many, too few', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  const repository = { registry: registry.host, repository: 'app' };
  const fetched = (): Promise<Uint8Array> => readAll(client.fetchBlob(context, repository, wanted));
  registry.faults.add({ path: '/blobs/', flipBitAt: 150_000 });
  await assert.rejects(fetched(), { code: 'DIGEST_MISMATCH' });
  registry.faults.add({ path: '/blobs/', flipBitAt: 150_000 });
  const unchecked = await readAll(client.fetchBlob(context, repository, wanted, { unchecked: true }));
  assert.equal(unchecked.length, blob.length);
  for (const bodyBytes of [blob.length + 1, blob.length - 1, 0]) {
    registry.faults.add({ path: '/blobs/', bodyBytes, times: 2 });
    await assert.rejects(fetched(), { code: 'SIZE_MISMATCH' }, String(bodyBytes));
    registry.faults.clear();
  }
  registry.faults.add({ path: '/blobs/', endless: true });
  await assert.rejects(fetched(), { code: 'SIZE_MISMATCH' });
});

test('a download may be given up at any time', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  const repository = { registry: registry.host, repository: 'app' };
  for await (const piece of client.fetchBlob(context, repository, wanted)) {
    assert.ok(piece.length > 0);
    break;
  }
  const controller = new AbortController();
  const stopping = { ...context, signal: controller.signal };
  registry.faults.add({ path: '/blobs/', stallAfterBytes: 100 });
  await assert.rejects(
    async () => {
      for await (const piece of client.fetchBlob(stopping, repository, wanted)) {
        assert.ok(piece.length > 0);
        controller.abort(new Error('enough'));
      }
    },
    { message: 'enough' },
  );
});

test('a redirected download goes on at the registry, and shows nothing to the other server', async (t) => {
  const registry = await startRegistry({ auth: { kind: 'bearer', users: {}, may: () => true } });
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  const repository = { registry: registry.host, repository: 'app' };
  registry.faults.add({ path: '/blobs/', redirectElsewhere: true, after: 1, times: 10 });
  registry.elsewhere.faults.add({ cutAfterBytes: 120_000 });
  assert.deepEqual(await readAll(client.fetchBlob(context, repository, wanted)), blob);
  assert.deepEqual(
    registry.elsewhere.accessLog.map(({ status, authorization, rangeStart }) => [status, authorization, rangeStart]),
    [
      [200, 'none', undefined],
      [206, 'none', 120_000],
    ],
  );
  assert.deepEqual(
    registry.accessLog.map(({ status, authorization }) => [status, authorization]),
    [
      [401, 'none'],
      [307, 'bearer'],
      [307, 'bearer'],
    ],
  );
});

test('refusals of the server behind a redirect are not about our credentials', async (t) => {
  const registry = await startRegistry({ auth: { kind: 'bearer', users: {}, may: () => true } });
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  registry.faults.add({ path: '/blobs/', after: 1, redirectTo: `http://${registry.elsewhere.host}/x?signature=old` });
  const repository = { registry: registry.host, repository: 'app' };
  await assert.rejects(readAll(client.fetchBlob(context, repository, wanted)), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'DENIED');
    assert.doesNotMatch(error.message, /signature=/);
    return true;
  });
});

test('redirects to where only this machine can go are refused', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const { client, context } = testClient(t);
  const repository = { registry: registry.host, repository: 'app' };
  for (const redirectTo of [
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.google.internal/',
    'file:///etc/passwd',
  ]) {
    registry.faults.add({ path: '/blobs/', redirectTo });
    await assert.rejects(readAll(client.fetchBlob(context, repository, wanted)), { code: 'INVALID_ANSWER' });
  }
});

test('offline, nothing is asked', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const { client, context } = testClient(t, { http: { offline: true } });
  const repository = { registry: registry.host, repository: 'app' };
  await assert.rejects(client.fetchManifest(context, parseReference(`${registry.host}/app:1`)), { code: 'OFFLINE' });
  await assert.rejects(readAll(client.fetchBlob(context, repository, wanted)), { code: 'OFFLINE' });
  assert.equal(registry.accessLog.length, 0);
});

test('property: whatever goes wrong, a blob comes whole and true, or an error says why', async (t) => {
  const registry = await startRegistry({ auth: { kind: 'bearer', users: {}, may: () => true } });
  t.after(() => registry.close());
  registry.addBlob('app', blob);
  const at = fc.integer({ min: 0, max: blob.length + 10 });
  const fault = fc.oneof(
    fc.record({ cutAfterBytes: at, reset: fc.boolean() }),
    fc.record({ flipBitAt: at }),
    fc.record({ status: fc.constantFrom(200, 204, 206, 302, 401, 403, 404, 416, 429, 500, 503) }),
    fc.record({ redirectElsewhere: fc.constant(true), cutAfterBytes: at }),
    fc.record({ ignoreRange: fc.constant(true), cutAfterBytes: at }),
    fc.record({ bodyBytes: at }),
    fc.record({ contentRange: fc.constantFrom('', 'bytes 0-1/2', `bytes */${blob.length}`, 'x') }),
    fc.record({ html: fc.constant(true) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 6 }), async (faults) => {
      registry.faults.clear();
      registry.elsewhere.faults.clear();
      for (const each of faults) {
        registry.faults.add({ path: '/blobs/', ...each });
        registry.elsewhere.faults.add(each);
      }
      let close = (): Promise<void> => Promise.resolve();
      const { client, context } = testClient({ after: (run) => (close = run) });
      try {
        const repository = { registry: registry.host, repository: 'app' };
        assert.deepEqual(await readAll(client.fetchBlob(context, repository, wanted)), blob);
      } catch (error) {
        if (!isTidewaiterError(error)) throw error;
      } finally {
        await close();
      }
    }),
    { numRuns: 60 },
  );
});
