import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage, sha256 } from '../../test/support/image-builder.js';
import { offering, type RegistryServer, startRegistry, testClient } from '../../test/support/registry/index.js';
import { parseDigest } from '../reference/index.js';
import type { RegistryClient, Repository } from './index.js';

const image = buildImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]] });
const digest = parseDigest(image.manifestDigest);
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const auth = { kind: 'bearer', users: { ann: 'right-password' } } as const;
const credentials = offering({ username: 'ann', password: 'right-password' });

async function tagsOf(client: RegistryClient, context: Parameters<RegistryClient['fetchTags']>[0], name: Repository) {
  const tags: string[] = [];
  for await (const tag of client.fetchTags(context, name)) tags.push(tag);
  return tags;
}

function referrer(artifactType: string, subject: string, size = 2): Uint8Array {
  const empty = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: sha256(new TextEncoder().encode('{}')),
    size,
  };
  const document = { schemaVersion: 2, mediaType: manifestType, artifactType, config: empty, layers: [empty] };
  return new TextEncoder().encode(
    JSON.stringify({ ...document, subject: { mediaType: manifestType, digest: subject, size: image.manifest.length } }),
  );
}

/** Puts signatures and an SBOM there that refer to the image. */
function addReferrers(registry: RegistryServer, count = 2): void {
  registry.addImage('team/app', '1', image);
  for (let at = 0; at < count; at++) {
    registry.addManifest('team/app', undefined, referrer(`application/signature${at}`, digest), manifestType);
  }
  registry.addManifest('team/app', undefined, referrer('application/sbom', digest), manifestType);
  registry.addManifest('team/app', undefined, referrer('application/sbom', sha256(new Uint8Array())), manifestType);
}

test('tags, page by page', async (t) => {
  const registry = await startRegistry({ pageSize: 3, auth });
  t.after(() => registry.close());
  const tags = Array.from({ length: 8 }, (_, at) => `v${at}`);
  for (const tag of tags) registry.addImage('team/app', tag, image);
  const { client, context } = testClient(t, { credentials });
  const name = { registry: registry.host, repository: 'team/app' };
  assert.deepEqual(await tagsOf(client, context, name), tags);
  assert.equal(registry.accessLog.filter(({ status }) => status === 200).length, 3);
  // Who has enough does not ask on.
  const before = registry.accessLog.length;
  for await (const tag of client.fetchTags(context, name)) {
    assert.equal(tag, 'v0');
    break;
  }
  assert.equal(registry.accessLog.length, before + 1);
  await assert.rejects(tagsOf(client, context, { ...name, repository: 'team/none' }), { code: 'NAME_UNKNOWN' });
});

test('lists of tags that are none, or lead astray', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const { client, context } = testClient(t);
  const name = { registry: registry.host, repository: 'team/app' };
  for (const body of ['{"tags":null}', '{}', '{"tags":[]}', '{"tags":["a b","","/x",7,null]}']) {
    registry.faults.add({ path: '/tags/', status: 200, body });
    assert.deepEqual(await tagsOf(client, context, name), [], body);
  }
  for (const body of ['<html>', '{"tags":7}', '[]', '', `{"tags":${'['.repeat(5000)}`]) {
    registry.faults.add({ path: '/tags/', status: 200, body });
    await assert.rejects(tagsOf(client, context, name), { code: 'INVALID_ANSWER' }, body);
  }
  const page = (link: string) => ({ path: '/tags/', status: 200, body: '{"tags":["a"]}', headers: { link } });
  for (const link of [
    `<http://${registry.elsewhere.host}/v2/x>; rel="next"`,
    '<https://example.com/>; rel="next"',
    '<http://[>; rel=next',
    '<javascript:alert(1)>; rel=next',
  ]) {
    registry.faults.add(page(link));
    await assert.rejects(tagsOf(client, context, name), { code: 'INVALID_ANSWER' }, link);
  }
  assert.equal(registry.elsewhere.accessLog.length, 0);
  registry.faults.add({ ...page('</v2/team/app/tags/list?last=a>; rel="next"'), times: 3 });
  await assert.rejects(tagsOf(client, context, name), { code: 'INVALID_ANSWER' });
  registry.faults.clear();
  registry.faults.add({ path: '/tags/', status: 200, endless: true, times: 5 });
  await assert.rejects(tagsOf(client, context, name), { code: /LIMIT_EXCEEDED|INVALID_ANSWER/ });
});

test('referrers, by the API, page by page, of one type or all', async (t) => {
  for (const referrersFilters of [true, false]) {
    const registry = await startRegistry({ pageSize: 3, referrersFilters, auth });
    t.after(() => registry.close());
    addReferrers(registry, 6);
    const { client, context } = testClient(t, { credentials });
    const name = { registry: registry.host, repository: 'team/app' };
    const all = await client.fetchReferrers(context, name, digest);
    assert.equal(all.length, 7);
    const sboms = await client.fetchReferrers(context, name, digest, { artifactType: 'application/sbom' });
    assert.deepEqual(
      sboms.map((each) => each.artifactType),
      ['application/sbom'],
    );
    const none = await client.fetchReferrers(context, name, parseDigest(sha256(new Uint8Array([1]))));
    assert.deepEqual(none, []);
  }
});

test('referrers, by the tag where there is no API', async (t) => {
  const registry = await startRegistry({ referrersApi: false });
  t.after(() => registry.close());
  addReferrers(registry);
  const { client, context } = testClient(t);
  const name = { registry: registry.host, repository: 'team/app' };
  assert.deepEqual(await client.fetchReferrers(context, name, digest), []);
  const sbom = referrer('application/sbom', digest);
  const described = (artifactType: string) => ({
    mediaType: manifestType,
    digest: sha256(sbom),
    size: sbom.length,
    artifactType,
  });
  const index = {
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [described('application/sbom'), described('x/y')],
  };
  registry.addManifest(
    'team/app',
    digest.replace(':', '-'),
    new TextEncoder().encode(JSON.stringify(index)),
    indexType,
  );
  assert.equal((await client.fetchReferrers(context, name, digest)).length, 2);
  const sboms = await client.fetchReferrers(context, name, digest, { artifactType: 'application/sbom' });
  assert.equal(sboms.length, 1);
  // A page for people in place of the API is none, either.
  registry.faults.add({ path: '/referrers/', html: true, status: 200 });
  assert.equal((await client.fetchReferrers(context, name, digest)).length, 2);
});

test('referrers that cannot be had are not said to be none', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const { client, context } = testClient(t);
  const name = { registry: registry.host, repository: 'team/app' };
  for (const [fault, code] of [
    [{ status: 500, times: 20 }, 'REGISTRY_UNAVAILABLE'],
    [{ status: 200, headers: { 'content-type': indexType }, body: '{"manifests":7}' }, 'INVALID_ANSWER'],
    [{ status: 200, headers: { 'content-type': indexType }, body: '{"manifests":[{"digest":"x"}]}' }, 'INVALID_ANSWER'],
  ] as const) {
    registry.faults.add({ path: '/referrers/', ...fault });
    await assert.rejects(client.fetchReferrers(context, name, digest), { code });
    registry.faults.clear();
  }
});
