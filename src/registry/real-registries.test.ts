import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage, sha256 } from '../../test/support/image-builder.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { findProgram, startCraneRegistry, startDistribution } from '../../test/support/real-registry.js';
import {
  blobSource,
  noise,
  offering,
  readAll,
  type TestClient,
  testClient,
} from '../../test/support/registry/index.js';
import { parseDigest, parseReference } from '../reference/index.js';

const image = buildImage({
  layers: [[{ path: 'etc/motd', content: 'hello' }], [{ path: 'data', content: noise(200_000) }]],
  compression: 'gzip',
});
const manifest = { bytes: image.manifest, mediaType: image.manifestMediaType };
const ann = { username: 'ann', password: 'right-password' };

/** Everything that a registry is asked for, there and back. */
async function roundTrip(host: string, { client, context }: TestClient, chunked: boolean): Promise<void> {
  const name = { registry: host, repository: 'team/app' };
  const [first, second] = image.layers;
  assert.ok(first && second);
  const options = chunked ? { chunkBytes: 64 * 1024 } : {};
  for (const bytes of [image.config, first.stored, second.stored]) {
    assert.deepEqual(await client.pushBlob(context, name, blobSource(bytes), options), { how: 'uploaded' });
    assert.deepEqual(await client.pushBlob(context, name, blobSource(bytes)), { how: 'present' });
  }
  for (const tag of ['1', '2', '3']) {
    const pushed = await client.pushManifest(context, parseReference(`${host}/team/app:${tag}`), manifest);
    assert.equal(pushed, image.manifestDigest);
  }
  const reference = parseReference(`${host}/team/app:2`);
  assert.equal((await client.findManifest(context, reference))?.digest, image.manifestDigest);
  assert.deepEqual((await client.fetchManifest(context, reference)).bytes, image.manifest);
  const byDigest = parseReference(`${host}/team/app@${image.manifestDigest}`);
  assert.deepEqual((await client.fetchManifest(context, byDigest)).bytes, image.manifest);

  const blob = { digest: parseDigest(second.digest), sizeBytes: second.stored.length };
  assert.deepEqual(await readAll(client.fetchBlob(context, name, blob)), second.stored);
  const rest = await readAll(client.fetchBlob(context, name, blob, { start: 1000 }));
  assert.deepEqual(rest, second.stored.subarray(1000));

  const tags: string[] = [];
  for await (const tag of client.fetchTags(context, name)) tags.push(tag);
  assert.deepEqual(tags.sort(), ['1', '2', '3']);
  assert.deepEqual(await client.fetchReferrers(context, name, parseDigest(image.manifestDigest)), []);
  const mounted = await client.pushBlob(context, { ...name, repository: 'team/copy' }, blobSource(second.stored), {
    mountFrom: 'team/app',
  });
  // That of go-containerregistry keeps the blobs of all repositories together.
  assert.ok(mounted.how === 'mounted' || mounted.how === 'present', mounted.how);

  await assert.rejects(client.fetchManifest(context, parseReference(`${host}/team/app:none`)), {
    code: 'MANIFEST_UNKNOWN',
  });
  const absent = { ...blob, digest: parseDigest(sha256(new Uint8Array([1]))) };
  await assert.rejects(readAll(client.fetchBlob(context, name, absent)), { code: 'BLOB_UNKNOWN' });
}

test('distribution, over TLS of a private authority, with a password', async (t) => {
  if (!findProgram('docker-registry') || !findProgram('htpasswd')) {
    return t.skip('docker-registry and htpasswd are not here');
  }
  const folder = temporaryFolder(t);
  const registry = await startDistribution(folder, { ann: 'right-password' });
  t.after(() => registry.close());
  const http = { ca: registry.ca === undefined ? [] : [registry.ca] };
  const known = testClient(t, { http, credentials: offering(ann) });
  await roundTrip(registry.host, known, false);
  const lone = buildImage({ layers: [[{ path: 'x', content: 'nobody has it' }]] });
  await assert.rejects(
    known.client.pushManifest(known.context, parseReference(`${registry.host}/team/app:lone`), {
      bytes: lone.manifest,
      mediaType: lone.manifestMediaType,
    }),
    { code: 'PUSH_REFUSED' },
  );

  const wrong = testClient(t, { http, credentials: offering({ username: 'ann', password: 'wrong-password' }) });
  const reference = parseReference(`${registry.host}/team/app:1`);
  await assert.rejects(wrong.client.fetchManifest(wrong.context, reference), { code: 'UNAUTHORIZED' });
  assert.equal((await wrong.client.tryCredentials(wrong.context, reference)).tried[0]?.accepted, false);
  const nobody = testClient(t, { http });
  await assert.rejects(nobody.client.fetchManifest(nobody.context, reference), { code: 'UNAUTHORIZED' });
  const stranger = testClient(t, { credentials: offering(ann) });
  await assert.rejects(stranger.client.fetchManifest(stranger.context, reference), { code: 'REGISTRY_UNREACHABLE' });

  const chunked = await startDistribution(join(folder, 'second'), { ann: 'right-password' });
  t.after(() => chunked.close());
  const chunkedHttp = { ca: chunked.ca === undefined ? [] : [chunked.ca] };
  await roundTrip(chunked.host, testClient(t, { http: chunkedHttp, credentials: offering(ann) }), true);
  assert.ok(!`${registry.log()}${chunked.log()}`.includes('right-password'));
});

test('the registry of go-containerregistry, in plain HTTP', async (t) => {
  if (!findProgram('registry')) return t.skip('the registry of go-containerregistry is not here');
  const folder = temporaryFolder(t);
  const registry = await startCraneRegistry(folder);
  t.after(() => registry.close());
  await roundTrip(registry.host, testClient(t), false);
  const chunked = await startCraneRegistry(join(folder, 'second'));
  t.after(() => chunked.close());
  await roundTrip(chunked.host, testClient(t), true);
});
