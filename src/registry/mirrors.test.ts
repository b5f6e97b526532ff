import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage, sha256 } from '../../test/support/image-builder.js';
import {
  noise,
  offeringFor,
  readAll,
  type RegistryServer,
  startRegistry,
  testClient,
} from '../../test/support/registry/index.js';
import { parseDigest, parseReference } from '../reference/index.js';
import { isLoopback } from './endpoint.js';

const image = buildImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]], compression: 'gzip' });
const other = buildImage({ layers: [[{ path: 'etc/motd', content: 'another' }]], compression: 'gzip' });
const blob = noise(200_000);
const wanted = { digest: parseDigest(sha256(blob)), sizeBytes: blob.length };

/** Docker Hub, with a mirror below `hub/` of another host. */
async function started(t: { after(run: () => Promise<void>): void }) {
  const hub = await startRegistry();
  const mirror = await startRegistry();
  t.after(async () => {
    await hub.close();
    await mirror.close();
  });
  const aliases = new Map([['docker.io', hub.host]]);
  const mirrors = new Map([['docker.io', [`${mirror.host}/hub`]]]);
  return { hub, mirror, ...testClient(t, { aliases, mirrors }) };
}

const nginx = parseReference('nginx:1');
const paths = ({ accessLog }: RegistryServer) => accessLog.map(({ path }) => path);

test('a mirror is asked first, below its prefix', async (t) => {
  const { hub, mirror, client, context } = await started(t);
  mirror.addImage('hub/library/nginx', '1', image);
  mirror.addBlob('hub/library/nginx', blob);
  assert.equal((await client.fetchManifest(context, nginx)).digest, image.manifestDigest);
  assert.equal((await client.findManifest(context, nginx))?.digest, image.manifestDigest);
  assert.deepEqual(await readAll(client.fetchBlob(context, nginx, wanted)), blob);
  assert.equal(hub.accessLog.length, 0);
  assert.equal(paths(mirror)[0], '/v2/hub/library/nginx/manifests/1');
});

test('what the mirror lacks comes from the registry itself', async (t) => {
  const { hub, mirror, client, context, log } = await started(t);
  hub.addImage('library/nginx', '1', image);
  hub.addBlob('library/nginx', blob);
  assert.equal((await client.fetchManifest(context, nginx)).digest, image.manifestDigest);
  assert.equal((await client.findManifest(context, nginx))?.digest, image.manifestDigest);
  assert.deepEqual(await readAll(client.fetchBlob(context, nginx, wanted)), blob);
  assert.equal(mirror.accessLog.length, 3);
  assert.deepEqual(
    log.filter((line) => line.startsWith('warn:')),
    [],
  );
  await assert.rejects(client.fetchManifest(context, parseReference('nginx:2')), {
    code: 'MANIFEST_UNKNOWN',
    message: /^docker\.io/,
  });
  assert.equal(await client.findManifest(context, parseReference('nginx:2')), undefined);
});

test('a mirror that fails is told of; one that is dead, or lies, is not asked again', async (t) => {
  const { hub, mirror, client, context, log } = await started(t);
  hub.addImage('library/nginx', '1', image);
  mirror.addImage('hub/library/nginx', '1', other);
  const byDigest = parseReference(`nginx@${image.manifestDigest}`);
  mirror.faults.add({ status: 500, times: 20 });
  assert.equal((await client.fetchManifest(context, byDigest)).digest, image.manifestDigest);
  mirror.faults.clear();
  assert.equal(log.filter((line) => line.startsWith('warn:')).length, 1);

  mirror.addManifest('hub/library/nginx', undefined, image.manifest, image.manifestMediaType);
  mirror.faults.add({ flipBitAt: 9 });
  const before = mirror.accessLog.length;
  assert.equal((await client.fetchManifest(context, byDigest)).digest, image.manifestDigest);
  assert.equal((await client.fetchManifest(context, byDigest)).digest, image.manifestDigest);
  assert.equal(mirror.accessLog.length, before + 1);

  const dead = await started(t);
  dead.hub.addImage('library/nginx', '1', image);
  await dead.mirror.close();
  for (let times = 0; times < 3; times++) await dead.client.fetchManifest(dead.context, nginx);
  assert.equal(dead.log.filter((line) => line.startsWith('warn:')).length, 1);
});

test('a download that the mirror does not bring to its end goes on at the registry itself', async (t) => {
  const { hub, mirror, client, context } = await started(t);
  hub.addBlob('library/nginx', blob);
  mirror.addBlob('hub/library/nginx', blob);
  mirror.faults.add({ cutAfterBytes: 50_000 });
  mirror.faults.add({ status: 404, times: 10 });
  assert.deepEqual(await readAll(client.fetchBlob(context, nginx, wanted)), blob);
  assert.equal(hub.accessLog[0]?.rangeStart, 50_000);
});

test('a mirror that sends other bytes is found out at the end, and not asked again', async (t) => {
  const { hub, mirror, client, context } = await started(t);
  hub.addBlob('library/nginx', blob);
  mirror.addBlob('hub/library/nginx', blob);
  mirror.faults.add({ flipBitAt: 50_000 });
  await assert.rejects(readAll(client.fetchBlob(context, nginx, wanted)), {
    code: 'DIGEST_MISMATCH',
    message: /mirror/,
  });
  assert.deepEqual(await readAll(client.fetchBlob(context, nginx, wanted)), blob);
  assert.equal(mirror.accessLog.length, 1);
});

test('a mirror has its own credentials; those of the registry do not go there', async (t) => {
  const auth = (password: string) => ({ auth: { kind: 'basic' as const, users: { ann: password } } });
  const hub = await startRegistry(auth('of-the-hub'));
  const mirror = await startRegistry(auth('of-the-mirror'));
  t.after(() => Promise.all([hub.close(), mirror.close()]));
  hub.addImage('library/nginx', '1', image);
  const seen: string[] = [];
  const { client, context } = testClient(t, {
    aliases: new Map([['docker.io', hub.host]]),
    mirrors: new Map([['docker.io', [mirror.host]]]),
    credentials: offeringFor((registry, repository) => {
      seen.push(`${registry}/${repository}`);
      return registry === 'docker.io' ? [{ username: 'ann', password: 'of-the-hub' }] : [];
    }),
  });
  assert.equal((await client.fetchManifest(context, nginx)).digest, image.manifestDigest);
  assert.deepEqual(seen, [`${mirror.host}/library/nginx`, 'docker.io/library/nginx']);
  assert.ok(mirror.accessLog.every(({ authorization }) => authorization === 'none'));
});

test('mirrors are for pulls only', async (t) => {
  const { hub, mirror, client, context } = await started(t);
  hub.addImage('library/nginx', '1', image);
  const tags: string[] = [];
  for await (const tag of client.fetchTags(context, nginx)) tags.push(tag);
  await client.fetchReferrers(context, nginx, parseDigest(image.manifestDigest));
  await client.pushManifest(context, parseReference('nginx:2'), {
    bytes: image.manifest,
    mediaType: image.manifestMediaType,
  });
  assert.deepEqual(tags, ['1']);
  assert.equal(mirror.accessLog.length, 0);
});

test('several mirrors, in their order; schemes and slashes', async (t) => {
  const { hub, mirror } = await started(t);
  const second = await startRegistry();
  t.after(() => second.close());
  second.addImage('library/nginx', '1', image);
  hub.addImage('library/nginx', '1', other);
  const { client, context } = testClient(t, {
    aliases: new Map([['index.docker.io', `http://${hub.host}/`]]),
    mirrors: new Map([['index.docker.io', [`http://${mirror.host}/hub/`, `http://${second.host}`]]]),
  });
  assert.equal((await client.fetchManifest(context, nginx)).digest, image.manifestDigest);
  assert.equal(mirror.accessLog.length, 1);
  assert.equal(hub.accessLog.length, 0);
});

test('an alias that is no address is refused', async (t) => {
  for (const alias of ['', 'a b', 'user@host', 'ftp://host', 'host/../x', 'host:port', 'a?b', 'host/x?y']) {
    const { client, context } = testClient(t, { aliases: new Map([['docker.io', alias]]) });
    await assert.rejects(client.fetchManifest(context, nginx), { code: 'UNSUPPORTED' }, alias);
  }
});

test('what is this machine itself', () => {
  for (const host of [
    'localhost',
    'localhost:5000',
    '127.0.0.1',
    '127.9.9.9:1',
    '[::1]',
    '[::1]:5000',
    'a.localhost',
  ]) {
    assert.ok(isLoopback(host), host);
  }
  for (const host of ['localhost.example', '127.0.0.1.example', '128.0.0.1', '[::2]:5000', '10.0.0.1', 'docker.io']) {
    assert.ok(!isLoopback(host), host);
  }
});
