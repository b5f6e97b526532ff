import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { makeAuthority } from '../../../test/support/certificates.js';
import { daemonImage, indexedImage, type RawAnswer, startDockerApi } from '../../../test/support/docker-api-server.js';
import { buildImage, dockerArchive, type ImageSpec, ociLayoutFiles } from '../../../test/support/image-builder.js';
import { assertSampleImage, sampleImage } from '../../../test/support/image-source-suite.js';
import { namedFails, namedImage, openWhole } from '../../../test/support/named-images.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { buildTar, concatBytes, toBytes } from '../../../test/support/tar-writer.js';
import { createContext } from '../../core/index.js';
import { ImageError } from '../errors.js';
import { docker } from './docker.js';
import { parseEndpoint } from './docker-endpoint.js';
import { podman } from './podman.js';

const sample = sampleImage('none');
const built = buildImage(sample);
const other: ImageSpec = { ...sample, config: { Cmd: ['/bin/other'] } };
const builtOther = buildImage(other);
const arm: ImageSpec = { ...sample, platform: 'linux/arm64', config: { Cmd: ['/bin/arm'] } };
const builtArm = buildImage(arm);
const pulled = `nginx@sha256:${'c'.repeat(64)}`;

test('an image by every spelling of its name and id, over a socket and over TCP', async (t) => {
  const folder = temporaryFolder(t);
  const images = [daemonImage(sample, ['nginx:1.18.0', pulled]), daemonImage(other, ['nginx:latest'])];
  const hex = built.imageId.slice('sha256:'.length);
  const spellings = [
    'nginx:1.18.0',
    'library/nginx:1.18.0',
    'docker.io/library/nginx:1.18.0',
    'index.docker.io/library/nginx:1.18.0',
    pulled,
    pulled.replace('@', ':1.18.0@'),
    built.imageId,
    hex,
    hex.slice(0, 12),
    `sha256:${hex.slice(0, 12)}`,
  ];
  for (const socketPath of [join(folder, 'docker.sock'), undefined]) {
    const { host } = await startDockerApi(t, { images, ...(socketPath ? { socketPath } : {}) });
    for (const [source, asked] of [
      [docker, { dockerHost: host }],
      [docker, { environment: { DOCKER_HOST: host } }],
      [podman, { podmanHost: host }],
      [podman, { environment: { CONTAINER_HOST: host } }],
    ] as const) {
      for (const spelling of spellings) {
        const opened = await source.open(createContext(), namedImage(spelling, join(folder, 'spool'), asked));
        await assertSampleImage(opened, sample, false);
        assert.deepEqual(opened.images[0]?.repoTags, ['nginx:1.18.0']);
        assert.deepEqual(opened.images[0]?.repoDigests, [pulled]);
        assert.deepEqual(opened.notices, [], spelling);
        await opened.close();
        await opened.close();
      }
      const latest = await openWhole(source, namedImage('nginx', join(folder, 'spool'), asked));
      assert.equal(latest.images[0]?.imageId, builtOther.imageId);
    }
  }
  assert.deepEqual(readdirSync(join(folder, 'spool')), [], 'nothing is left behind');
});

test('a name that the daemon takes for something else is said', async (t) => {
  const folder = temporaryFolder(t);
  const { host } = await startDockerApi(t, { images: [daemonImage(sample, ['nginx:1.18.0'])] });
  const beginning = built.imageId.slice('sha256:'.length).slice(0, 6);
  const { notices } = await openWhole(docker, namedImage(beginning, folder, { dockerHost: host }));
  assert.equal(notices.length, 1);
  assert.ok(notices[0]?.includes('nginx:1.18.0'), notices[0]);
});

test('what the daemon does not have, or not for that digest', async (t) => {
  const folder = temporaryFolder(t);
  const images = [daemonImage(sample, ['nginx:1.18.0'])];
  // A daemon that does not look at digests gives the image for any.
  const careless = (path: string): RawAnswer | undefined =>
    path.includes('@') && path.includes('json') ? { body: JSON.stringify(images[0]?.inspect) } : undefined;
  const { host } = await startDockerApi(t, { images, fault: careless });
  for (const name of ['nginx', 'nginx:1.19', 'ghcr.io/a/nginx:1.18.0', `sha256:${'1'.repeat(64)}`, pulled]) {
    const { code, message } = await namedFails(docker, namedImage(name, folder, { dockerHost: host }));
    assert.equal(code, 'IMAGE_UNAVAILABLE', name);
    assert.ok(message.includes(name), message);
  }
});

test('platforms of a daemon that keeps one', async (t) => {
  const folder = temporaryFolder(t);
  const descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: built.manifestDigest, size: 1 };
  const kept = daemonImage(other, ['kept:1', pulled.replace('nginx', 'kept')], { Descriptor: descriptor });
  const images = [daemonImage(arm, ['a/pulled:1', pulled]), daemonImage(sample, ['own:1']), kept];
  const { host, requests } = await startDockerApi(t, { images });
  const asking = (name: string, platform?: 'all' | 'amd64' | 'arm64') =>
    namedImage(name, folder, {
      dockerHost: host,
      platform: platform === 'all' ? platform : platform && { os: 'linux', architecture: platform },
    });
  assert.equal((await namedFails(docker, asking('a/pulled:1', 'amd64'))).code, 'PLATFORM_NOT_FOUND');
  assert.equal((await namedFails(docker, asking('a/pulled:1', 'all'))).code, 'PLATFORM_NOT_FOUND');
  assert.ok(!requests.some((path) => path.endsWith('/get')), 'nothing was fetched in vain');
  const asked = await openWhole(docker, asking('a/pulled:1', 'arm64'));
  assert.equal(asked.images[0]?.imageId, builtArm.imageId);
  const unasked = await openWhole(docker, asking('a/pulled:1'));
  assert.equal(unasked.notices.length, 1, 'that it is for another platform is said');
  assert.equal((await openWhole(docker, asking('own:1', 'all'))).images.length, 1);
  assert.equal((await openWhole(docker, asking('kept:1', 'all'))).images.length, 1, 'a name of one platform');
});

test('platforms of a daemon that keeps indexes', async (t) => {
  const folder = temporaryFolder(t);
  const files = ociLayoutFiles([sample, arm], { index: 'nested', name: 'docker.io/library/multi:1' });
  const top = JSON.parse(new TextDecoder().decode(files.get('index.json'))) as { manifests: { digest: string }[] };
  const id = top.manifests[0]?.digest ?? '';
  const names = ['docker.io/library/multi:1', `multi@${id}`];
  const whole = indexedImage([sample, arm], names, { id });
  const part = indexedImage([sample, arm], ['docker.io/library/part:1'], { id, absent: [arm] });
  const { host, requests } = await startDockerApi(t, { images: [whole] });
  const second = await startDockerApi(t, { images: [part] });
  const asking = (name: string, platform?: string) =>
    namedImage(name, folder, {
      dockerHost: name.startsWith('part') ? second.host : host,
      platform: platform === 'all' ? platform : platform ? { os: 'linux', architecture: platform } : undefined,
    });
  const idOf = async (name: string, platform?: string) =>
    (await openWhole(docker, asking(name, platform))).images.map(({ imageId }) => imageId);
  assert.deepEqual(await idOf('multi:1'), [built.imageId]);
  assert.ok(requests.at(-1)?.includes('platform='), 'only the one platform is sent');
  assert.deepEqual(await idOf('multi:1', 'arm64'), [builtArm.imageId]);
  assert.deepEqual(await idOf('multi:1', 'all'), [built.imageId, builtArm.imageId]);
  assert.deepEqual(await idOf(`multi@${id}`, 'arm64'), [builtArm.imageId]);
  assert.deepEqual(await idOf('part:1'), [built.imageId]);
  for (const [name, platform] of [
    ['multi:1', 's390x'],
    ['part:1', 'arm64'],
    ['part:1', 'all'],
  ] as const) {
    assert.equal((await namedFails(docker, asking(name, platform))).code, 'PLATFORM_NOT_FOUND', `${name} ${platform}`);
  }
});

test('an archive of another image than the daemon named', async (t) => {
  const folder = temporaryFolder(t);
  const honest = daemonImage(sample, ['nginx:1']);
  const wrong = { ...honest, save: () => dockerArchive({ ...other, tags: ['nginx:1'] }) };
  const { host } = await startDockerApi(t, { images: [wrong] });
  const { code, message } = await namedFails(docker, namedImage('nginx:1', folder, { dockerHost: host }));
  assert.equal(code, 'SOURCE_FAILED');
  assert.ok(message.includes(built.imageId), message);

  const several = {
    ...honest,
    save: () =>
      dockerArchive([
        { ...other, tags: ['nginx:1'] },
        { ...sample, tags: ['x:1'] },
      ]),
  };
  const more = await startDockerApi(t, { images: [several] });
  const opened = await openWhole(docker, namedImage('nginx:1', folder, { dockerHost: more.host }));
  assert.equal(opened.images[0]?.imageId, built.imageId, 'the digest decides, not the name');
});

test('a name that moves between the question and the archive', async (t) => {
  const folder = temporaryFolder(t);
  const now = daemonImage(other, ['nginx:1']);
  let asked = 0;
  const before = { body: JSON.stringify(daemonImage(sample, ['nginx:1']).inspect) };
  const fault = (path: string) => (path.endsWith('/json') && asked++ === 0 ? before : undefined);
  const { host } = await startDockerApi(t, { images: [now], fault });
  const opened = await openWhole(docker, namedImage('nginx:1', folder, { dockerHost: host }));
  assert.equal(opened.images[0]?.imageId, builtOther.imageId);
});

test('answers that are none', async (t) => {
  const folder = temporaryFolder(t);
  const inspect = (members: Record<string, unknown>) => JSON.stringify({ Id: built.imageId, RepoTags: [], ...members });
  const answers: readonly RawAnswer[] = [
    { body: '' },
    { body: 'hello' },
    { body: '[]' },
    { body: 'null' },
    { body: '{}' },
    { body: '['.repeat(100_000) },
    { body: inspect({ Id: 5 }) },
    { body: inspect({ Id: 'sha256:../../x' }) },
    { body: inspect({ RepoTags: [1] }) },
    { body: inspect({ RepoDigests: 'x' }) },
    { body: inspect({ RepoTags: Array.from({ length: 20_000 }, () => 'x') }) },
    { body: 'x'.repeat(9 << 20) },
    { body: inspect({}), cutAfter: 20, headers: { 'content-length': '500' } },
    { status: 404, body: '<html>nothing here</html>' },
    { status: 404, body: '' },
    { status: 302, headers: { location: 'http://127.0.0.1:1/x' } },
    { status: 204 },
    { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' },
    { status: 403, body: '{"message":"authorization denied by plugin \\u001b[2J"}' },
    { status: 500, body: '{"message":"boom"}' },
    { status: 503, body: 'x'.repeat(100_000) },
  ];
  for (const answer of answers) {
    const { host, close } = await startDockerApi(t, { images: [], fault: () => answer });
    const { code, message } = await namedFails(docker, namedImage('nginx:1', folder, { dockerHost: host }));
    assert.equal(code, 'SOURCE_FAILED', JSON.stringify(answer).slice(0, 80));
    assert.ok(message.length < 1000 && !message.includes('\u001b'), message);
    if (String(answer.body).includes('boom')) assert.ok(message.includes('boom'), 'the daemon’s own words');
    await close();
  }
});

test('archives that break off, end in an error, or are none', async (t) => {
  const folder = temporaryFolder(t);
  const image = daemonImage(sample, ['nginx:1']);
  const archive = image.save(null);
  const late = '{"errorDetail":{"message":"disk on fire"},"error":"disk on fire"}\r\n';
  const spool = join(folder, 'spool');
  const cases: readonly (readonly [RawAnswer, string])[] = [
    [{ body: archive, cutAfter: 3000 }, 'SOURCE_FAILED'],
    [
      { body: archive, cutAfter: archive.length, headers: { 'content-length': String(archive.length + 1) } },
      'SOURCE_FAILED',
    ],
    [{ body: concatBytes([archive.subarray(0, 2048), toBytes(late)]) }, 'SOURCE_FAILED'],
    [{ body: late }, 'SOURCE_FAILED'],
    [{ body: archive.subarray(0, 2048) }, 'ARCHIVE_CORRUPT'],
    [{ body: buildTar([{ path: 'etc/passwd', content: 'root' }]) }, 'NOT_AN_IMAGE'],
    [{ body: archive.subarray(0, 2000) }, 'ARCHIVE_CORRUPT'],
    [{ body: '' }, 'NOT_AN_IMAGE'],
    [{ body: 'hello' }, 'NOT_AN_IMAGE'],
    [{ status: 404, body: '{"message":"it has just gone"}' }, 'SOURCE_FAILED'],
    [{ status: 500, body: '{"message":"no"}' }, 'SOURCE_FAILED'],
  ];
  for (const [answer, expected] of cases) {
    const fault = (path: string) => (path.includes('/get') ? answer : undefined);
    const { host, close } = await startDockerApi(t, { images: [image], fault });
    const { code, message } = await namedFails(docker, namedImage('nginx:1', spool, { dockerHost: host }));
    assert.equal(code, expected, `${message} ${JSON.stringify(answer).slice(0, 60)}`);
    if (expected === 'SOURCE_FAILED' && String(answer.body).includes('fire'))
      assert.ok(message.includes('disk on fire'), message);
    await close();
  }
  assert.deepEqual(readdirSync(spool), [], 'nothing is left behind');
});

test('layers from a daemon are checked like those of any archive', async (t) => {
  const folder = temporaryFolder(t);
  const [layer] = sample.layers;
  assert.ok(layer && 'items' in layer);
  const forged = {
    ...sample,
    layers: [{ ...layer, forged: built.layers[1]?.stored ?? toBytes('') }, ...sample.layers.slice(1)],
  };
  const { host } = await startDockerApi(t, { images: [daemonImage(forged, ['nginx:1'])] });
  assert.equal((await namedFails(docker, namedImage('nginx:1', folder, { dockerHost: host }))).code, 'DIGEST_MISMATCH');
});

test('a daemon with TLS: authority, client certificates, and what is missing', async (t) => {
  const folder = temporaryFolder(t);
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ names: ['127.0.0.1'] });
  const client = await authority.issue({ names: ['somebody'], client: true });
  const images = [daemonImage(sample, ['nginx:1'])];
  const { host } = await startDockerApi(t, { images, tls: { cert, key, clientCa: authority.pem } });
  const certificates = (name: string, files: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(files)) write(join(folder, name, file), text);
    return join(folder, name);
  };
  const whole = certificates('whole', { 'ca.pem': authority.pem, 'cert.pem': client.cert, 'key.pem': client.key });
  const asking = (environment: Record<string, string>) =>
    namedImage('nginx:1', folder, { environment: { HOME: folder, DOCKER_HOST: host, ...environment } });
  const fits = async (environment: Record<string, string>) => {
    const { images: found } = await openWhole(docker, asking(environment));
    assert.equal(found[0]?.imageId, built.imageId);
  };
  await fits({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: whole });
  await fits({ DOCKER_CERT_PATH: whole });
  await fits({ DOCKER_TLS_VERIFY: '1', DOCKER_CONFIG: whole });
  const unverified = certificates('unverified', { 'cert.pem': client.cert, 'key.pem': client.key });
  await fits({ DOCKER_TLS: '1', DOCKER_CERT_PATH: unverified });
  const strangers = await makeAuthority('Somebody else');
  const wrongCa = certificates('wrong', { 'ca.pem': strangers.pem, 'cert.pem': client.cert, 'key.pem': client.key });
  const noClient = certificates('no-client', { 'ca.pem': authority.pem });
  const half = certificates('half', { 'ca.pem': authority.pem, 'cert.pem': client.cert });
  for (const environment of [
    { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: unverified },
    { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: wrongCa },
    { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: noClient },
    { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: half },
    { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(folder, 'absent') },
  ]) {
    const { code } = await namedFails(docker, asking(environment));
    assert.ok(
      code === 'SOURCE_UNAVAILABLE' || code === 'SOURCE_FAILED',
      `${JSON.stringify(environment)}: ${String(code)}`,
    );
  }
  assert.ok(['SOURCE_UNAVAILABLE', 'SOURCE_FAILED'].includes(String((await namedFails(docker, asking({}))).code)));

  // A context has certificates of its own.
  const configDir = join(folder, 'config');
  writeContext(
    configDir,
    'secure',
    { Host: host },
    { 'ca.pem': authority.pem, 'cert.pem': client.cert, 'key.pem': client.key },
  );
  const context = { environment: { DOCKER_CONFIG: configDir, DOCKER_CONTEXT: 'secure' } };
  assert.equal((await openWhole(docker, namedImage('nginx:1', folder, context))).images[0]?.imageId, built.imageId);
});

test('the contexts of docker', async (t) => {
  const folder = temporaryFolder(t);
  const configDir = join(folder, '.docker');
  const first = await startDockerApi(t, { images: [daemonImage(sample, ['nginx:1'])] });
  const second = await startDockerApi(t, { images: [daemonImage(other, ['nginx:1'])] });
  writeContext(configDir, 'first', { Host: first.host });
  writeContext(configDir, 'second', { Host: second.host });
  writeContext(configDir, 'ssh', { Host: 'ssh://user:secret@host' });
  write(join(configDir, 'config.json'), JSON.stringify({ currentContext: 'second' }));
  const idWith = async (environment: Record<string, string>, dockerHost?: string) => {
    const wanted = namedImage('nginx:1', folder, { environment: { HOME: folder, ...environment }, dockerHost });
    return (await openWhole(docker, wanted)).images[0]?.imageId;
  };
  assert.equal(await idWith({}), builtOther.imageId, 'the current one');
  assert.equal(await idWith({ HOME: '', DOCKER_CONFIG: configDir }), builtOther.imageId);
  assert.equal(await idWith({ DOCKER_CONTEXT: 'first' }), built.imageId);
  assert.equal(await idWith({ DOCKER_CONTEXT: 'second', DOCKER_HOST: first.host }), built.imageId);
  assert.equal(await idWith({ DOCKER_HOST: first.host }, second.host), builtOther.imageId);
  const failsWith = (environment: Record<string, string>) =>
    namedFails(docker, namedImage('nginx:1', folder, { environment: { HOME: folder, ...environment } }));
  const absent = await failsWith({ DOCKER_CONTEXT: 'third' });
  assert.equal(absent.code, 'SOURCE_UNAVAILABLE');
  assert.ok(absent.message.includes('third'), absent.message);
  const ssh = await failsWith({ DOCKER_CONTEXT: 'ssh' });
  assert.equal(ssh.code, 'SOURCE_UNAVAILABLE');
  assert.ok(ssh.hint?.includes('docker save') && !ssh.message.includes('secret'), ssh.message);
  for (const text of ['{', '[1', `{"a":${'['.repeat(1000)}`]) {
    write(join(configDir, 'config.json'), text);
    assert.equal((await failsWith({})).code, 'SOURCE_UNAVAILABLE', text.slice(0, 9));
  }
});

test('an API below a path', async (t) => {
  const folder = temporaryFolder(t);
  const { host, requests } = await startDockerApi(t, { images: [daemonImage(sample, ['nginx:1'])] });
  await openWhole(docker, namedImage('nginx:1', folder, { dockerHost: `${host}/below/a/path/` }));
  assert.ok(requests.length > 0 && requests.every((path) => path.startsWith('/below/a/path/images/')));
});

test('whoever cancels is heard while the archive comes', async (t) => {
  const folder = temporaryFolder(t);
  const image = daemonImage(sample, ['nginx:1']);
  const stop = new AbortController();
  const endless = { body: image.save(null).subarray(0, 3000), stall: true };
  const fault = (path: string) => (path.includes('/get') ? endless : undefined);
  const { host } = await startDockerApi(t, { images: [image], fault });
  const context = createContext({ signal: stop.signal, progress: () => stop.abort() });
  const opening = docker.open(context, namedImage('nginx:1', join(folder, 'spool'), { dockerHost: host }));
  await assert.rejects(opening, { name: 'AbortError' });
  assert.deepEqual(readdirSync(join(folder, 'spool')), []);
});

test('whatever text a host is, there is an endpoint or an error of ours', () => {
  const parts = fc.constantFrom(
    'unix',
    'tcp',
    'https',
    'ssh',
    '://',
    ':',
    '/',
    '@',
    '[',
    ']',
    '%',
    '#',
    '?',
    '127.0.0.1',
    '65536',
    ' ',
    '\u0000',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(parts, fc.string()), { maxLength: 8 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(text, (host) => {
      try {
        const endpoint = parseEndpoint({ host, title: 'Docker', saving: 'docker save' });
        assert.ok(endpoint.kind === 'socket' ? endpoint.path !== '' : endpoint.url.hostname !== '');
      } catch (thrown) {
        assert.ok(thrown instanceof ImageError && thrown.code === 'SOURCE_UNAVAILABLE', String(thrown));
      }
    }),
  );
});

test('services that are not there', async (t) => {
  const folder = temporaryFolder(t);
  const plain = join(folder, 'plain');
  writeFileSync(plain, '');
  const stale = join(folder, 'stale.sock');
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  const hosts = [
    `unix://${join(folder, 'absent.sock')}`,
    `unix://${join(plain, 'below.sock')}`,
    join(folder, 'absent.sock'),
    `unix://${plain}`,
    `unix://${stale}`,
    `tcp://127.0.0.1:${address.port}`,
    `127.0.0.1:${address.port}`,
    'ssh://user:secret@host',
    'npipe:////./pipe/docker_engine',
    'fd://',
    'ftp://user:secret@host',
    'unix://',
    'tcp://',
    'tcp://user:secret@:80:80',
    'tcp://[::1',
    'tcp://a b',
  ];
  for (const host of hosts) {
    for (const [source, members] of [
      [docker, { dockerHost: host }],
      [podman, { podmanHost: host }],
    ] as const) {
      const { code, message, hint } = await namedFails(source, namedImage('nginx:1', folder, members));
      assert.equal(code, 'SOURCE_UNAVAILABLE', `${host}: ${message}`);
      assert.ok(!`${message} ${hint}`.includes('secret'), message);
    }
  }
});

test('the usual sockets of a user', async (t) => {
  const folder = temporaryFolder(t);
  const images = [daemonImage(sample, ['nginx:1'])];
  for (const path of ['run/podman/podman.sock', 'run/docker.sock', 'home/.docker/run/docker.sock']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
  }
  const environment = { HOME: join(folder, 'home'), XDG_RUNTIME_DIR: join(folder, 'run') };
  const wanted = namedImage('nginx:1', folder, { environment });
  const forPodman = await startDockerApi(t, { images, socketPath: join(folder, 'run/podman/podman.sock') });
  assert.equal((await openWhole(podman, wanted)).images[0]?.imageId, built.imageId);
  await forPodman.close();
  if (existsSync('/var/run/docker.sock')) return; // the machine's own goes first, and what it has is not known here
  const rootless = await startDockerApi(t, { images, socketPath: join(folder, 'run/docker.sock') });
  assert.equal((await openWhole(docker, wanted)).images[0]?.imageId, built.imageId);
  await rootless.close();
  await startDockerApi(t, { images, socketPath: join(folder, 'home/.docker/run/docker.sock') });
  assert.equal((await openWhole(docker, wanted)).images[0]?.imageId, built.imageId);
});

function writeContext(
  configDir: string,
  name: string,
  endpoint: Readonly<Record<string, unknown>>,
  certificates: Readonly<Record<string, string>> = {},
): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { SkipTLSVerify: false, ...endpoint } } };
  write(join(configDir, 'contexts', 'meta', id, 'meta.json'), JSON.stringify(meta));
  for (const [file, text] of Object.entries(certificates)) {
    write(join(configDir, 'contexts', 'tls', id, 'docker', file), text);
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
