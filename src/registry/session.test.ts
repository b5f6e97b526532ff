import assert from 'node:assert/strict';
import test from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { buildImage } from '../../test/support/image-builder.js';
import {
  type AuthOptions,
  blobSource,
  noise,
  offering,
  offeringFor,
  type RegistryServer,
  type RegistryServerOptions,
  readAll,
  startRegistry,
  testClient,
} from '../../test/support/registry/index.js';
import { isTidewaiterError, TidewaiterError } from '../core/index.js';
import type { CredentialSource } from '../credentials/index.js';
import { parseDigest, parseReference } from '../reference/index.js';

const image = buildImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]], compression: 'gzip' });
const right = { username: 'ann', password: 'right-password' };
const wrong = { username: 'ann', password: 'wrong-password' };
const users = { ann: 'right-password', 'b o b': 'pä:ss wörd' };

async function started(
  t: { after(run: () => Promise<void>): void },
  auth: Partial<AuthOptions> = {},
  options: RegistryServerOptions = {},
): Promise<RegistryServer> {
  const registry = await startRegistry({ auth: { kind: 'bearer', users, ...auth }, ...options });
  t.after(() => registry.close());
  registry.addImage('team/app', '1', image);
  registry.addImage('team/other', '1', image);
  return registry;
}

const app = ({ host }: RegistryServer, name = 'team/app:1') => parseReference(`${host}/${name}`);

/** All that a user could see of an error. */
function everythingOf(error: unknown): string {
  const texts: string[] = [];
  for (let each = error; each !== undefined && each !== null; each = each instanceof Error ? each.cause : undefined) {
    texts.push(each instanceof Error ? `${each.message} ${each.stack}` : JSON.stringify(each));
    if (isTidewaiterError(each)) texts.push(each.hint ?? '');
  }
  return texts.join('\n');
}

for (const kind of ['basic', 'bearer'] as const) {
  test(`${kind}: the right password opens, a wrong one is named with where it came from`, async (t) => {
    const registry = await started(t, { kind });
    for (const credential of [right, { username: 'b o b', password: 'pä:ss wörd' }]) {
      const { client, context } = testClient(t, { credentials: offering(credential) });
      assert.equal((await client.fetchManifest(context, app(registry))).digest, image.manifestDigest);
    }
    const { client, context, log } = testClient(t, { credentials: offering(wrong) });
    await assert.rejects(client.fetchManifest(context, app(registry)), (error: TidewaiterError) => {
      assert.equal(error.code, 'UNAUTHORIZED');
      assert.match(error.message, /place 1.*team\/app/);
      assert.match(error.hint ?? '', /tidewaiter login .*tidewaiter auth explain/);
      const said = everythingOf(error) + log.join('\n');
      for (const secret of ['wrong-password', Buffer.from('ann:wrong-password').toString('base64')]) {
        assert.ok(!said.includes(secret), secret);
      }
      return true;
    });
  });

  test(`${kind}: without a matching credential nothing is guessed`, async (t) => {
    const registry = await started(t, { kind });
    const { client, context } = testClient(t);
    await assert.rejects(client.fetchManifest(context, app(registry)), (error: TidewaiterError) => {
      assert.equal(error.code, 'UNAUTHORIZED');
      assert.match(error.message, /none matched/);
      return true;
    });
    assert.ok(registry.accessLog.every(({ authorization }) => authorization !== 'basic'));
  });

  test(`${kind}: credentials are tried in order, and the one that works is remembered`, async (t) => {
    const registry = await started(t, { kind });
    const { client, context } = testClient(t, {
      credentials: offering(wrong, { username: 'x', password: 'y' }, right),
    });
    await client.fetchManifest(context, app(registry));
    const asked = kind === 'basic' ? registry.accessLog : registry.tokens.accessLog;
    assert.deepEqual(
      asked.filter(({ authorization }) => authorization === 'basic').map(({ status }) => status),
      [401, 401, 200],
    );
    const before = asked.length;
    await client.findManifest(context, app(registry));
    assert.ok(asked.slice(before).every(({ status }) => status === 200));
  });

  test(`${kind}: when all are refused, the error counts them; then nobody in particular may be tried`, async (t) => {
    const may = (user: string | undefined, repository: string) => user !== undefined || repository === 'team/open';
    const registry = await started(t, { kind, may });
    registry.addImage('team/open', '1', image);
    const two = () => [wrong, { username: 'x', password: 'y' }];
    const strict = testClient(t, { credentials: offeringFor(two) });
    await assert.rejects(strict.client.fetchManifest(strict.context, app(registry)), {
      code: 'UNAUTHORIZED',
      message: /2 credentials \(from place 1; from place 2\)/,
    });
    const forgiving = testClient(t, { credentials: offeringFor(two, true) });
    const open = app(registry, 'team/open:1');
    if (kind === 'bearer') {
      registry.tokens.revokeAll();
      assert.ok(await forgiving.client.fetchManifest(forgiving.context, open));
    }
    await assert.rejects(forgiving.client.fetchManifest(forgiving.context, app(registry)), { code: 'UNAUTHORIZED' });
    // A second time it is no other.
    await assert.rejects(strict.client.fetchManifest(strict.context, app(registry)), {
      code: 'UNAUTHORIZED',
      message: /2 credentials/,
    });
  });
}

test('bearer: what is public needs no credential', async (t) => {
  const registry = await started(t, { may: (_user, _repository, action) => action === 'pull' });
  const { client, context } = testClient(t);
  await client.fetchManifest(context, app(registry));
  assert.deepEqual(
    registry.tokens.accessLog.map(({ authorization, status }) => [authorization, status]),
    [['none', 200]],
  );
});

test('bearer: a token is for one repository, and kept for it', async (t) => {
  const registry = await started(t);
  const { client, context } = testClient(t, { credentials: offering(right) });
  for (const name of ['team/app:1', 'team/other:1', 'team/app:1']) {
    await client.fetchManifest(context, app(registry, name));
    await readAll(client.fetchBlob(context, app(registry, name), layer()));
  }
  const scopes = registry.tokens.accessLog.map(({ path }) => new URL(path, 'http://x').searchParams.getAll('scope'));
  assert.deepEqual(scopes, [['repository:team/app:pull'], ['repository:team/other:pull']]);
});

test('bearer: many who ask at once make one token request', async (t) => {
  const registry = await started(t);
  registry.tokens.faults.add({ delayMs: 50 });
  const { client, context } = testClient(t, { credentials: offering(right) });
  await Promise.all(Array.from({ length: 8 }, () => client.fetchManifest(context, app(registry))));
  assert.equal(registry.tokens.accessLog.length, 1);
});

test('bearer: who waits for a token that another no longer wants, asks for it', async (t) => {
  const registry = await started(t);
  registry.tokens.faults.add({ stallAfterBytes: 0 });
  const { client, context } = testClient(t, { credentials: offering(right) });
  const controller = new AbortController();
  const first = client.fetchManifest({ ...context, signal: controller.signal }, app(registry));
  const outcome = assert.rejects(first, { message: 'enough' });
  while (registry.tokens.accessLog.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = client.fetchManifest(context, app(registry));
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort(new Error('enough'));
  await outcome;
  assert.equal((await second).digest, image.manifestDigest);
});

test('bearer: a token is renewed before it expires, and when it is refused before that', async (t) => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const registry = await started(t, { tokenLifetimeSeconds: 100 }, { now: () => now });
  registry.tokens.faults.add({ headers: { date: new Date(now).toUTCString() }, times: 100 });
  const { client, context } = testClient(t, {
    credentials: offering(right),
    context: { now: () => new Date(now) },
  });
  const asked = async (): Promise<number> => {
    await client.fetchManifest(context, app(registry));
    return registry.tokens.accessLog.length;
  };
  assert.equal(await asked(), 1);
  now += 80_000;
  assert.equal(await asked(), 1);
  now += 15_000;
  assert.equal(await asked(), 2);
  assert.equal(registry.accessLog.filter(({ status }) => status === 401).length, 1);
  registry.tokens.revokeAll();
  assert.equal(await asked(), 3);
  assert.equal(registry.accessLog.filter(({ status }) => status === 401).length, 2);
});

test('bearer: a token that never works is asked for twice at most', async (t) => {
  const registry = await started(t);
  const { client, context } = testClient(t, { credentials: offering(right) });
  registry.faults.add({ status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' }, times: 100, after: 1 });
  await assert.rejects(client.fetchManifest(context, app(registry)), isTidewaiterError);
  assert.ok(registry.accessLog.length <= 3);
});

test('bearer: an identity token goes by POST, or like a password where there is no POST', async (t) => {
  const identityTokens = { 'identity-token-of-ann': 'ann' };
  const credential = { username: 'ann', identityToken: 'identity-token-of-ann' };
  const registry = await started(t, { identityTokens });
  const one = testClient(t, { credentials: offering(credential) });
  await one.client.fetchManifest(one.context, app(registry));
  assert.deepEqual(
    registry.tokens.accessLog.map(({ method, status, authorization }) => [method, status, authorization]),
    [['POST', 200, 'none']],
  );
  assert.ok(!registry.tokens.accessLog[0]?.path.includes('identity-token'));
  const stale = testClient(t, { credentials: offering({ identityToken: 'stale-identity-token' }) });
  await assert.rejects(stale.client.fetchManifest(stale.context, app(registry)), (error: unknown) => {
    assert.ok(isTidewaiterError(error) && error.code === 'UNAUTHORIZED');
    return !everythingOf(error).includes('stale-identity-token');
  });

  const both = testClient(t, { credentials: offering({ ...right, identityToken: 'stale-identity-token' }) });
  await both.client.fetchManifest(both.context, app(registry));

  const old = await started(t, { oauth: false, users: { ann: 'identity-token-of-ann' } });
  const two = testClient(t, { credentials: offering(credential) });
  await two.client.fetchManifest(two.context, app(old));
  assert.deepEqual(
    old.tokens.accessLog.map(({ method, status, authorization }) => [method, status, authorization]),
    [
      ['POST', 404, 'none'],
      ['GET', 200, 'basic'],
    ],
  );
});

test('bearer: a registry token is shown as it is', async (t) => {
  const registry = await started(t, { registryTokens: { 'registry-token-of-ann': 'ann' } });
  const { client, context } = testClient(t, { credentials: offering({ registryToken: 'registry-token-of-ann' }) });
  await client.fetchManifest(context, app(registry));
  assert.equal(registry.tokens.accessLog.length, 0);
  const bad = testClient(t, { credentials: offering({ registryToken: 'no-such-token' }, right) });
  await bad.client.fetchManifest(bad.context, app(registry));
  assert.equal(registry.tokens.accessLog.length, 1);
});

test('bearer: tokens by their other name, from a store, and without a time', async (t) => {
  const registry = await started(t, { tokenMember: 'access_token' });
  const { client, context } = testClient(t, { credentials: offering(right) });
  await client.fetchManifest(context, app(registry));
  registry.tokens.faults.add({ status: 200, body: JSON.stringify({ token: '', access_token: 'made-up' }) });
  await assert.rejects(client.fetchManifest(context, app(registry, 'team/other:1')), { code: 'UNAUTHORIZED' });
});

test('403 is another answer than 401', async (t) => {
  for (const kind of ['basic', 'bearer'] as const) {
    const registry = await started(t, { kind });
    const { client, context } = testClient(t, { credentials: offering(right) });
    await client.fetchManifest(context, app(registry));
    registry.faults.add({ status: 403, body: '{"errors":[{"code":"DENIED","message":"not you"}]}' });
    await assert.rejects(client.fetchManifest(context, app(registry)), {
      code: 'DENIED',
      status: 403,
      message: /not you/,
    });
    // It was about what was asked for: the next request goes on as before.
    await client.fetchManifest(context, app(registry));
  }
});

test('many at once, with a credential that is refused before one that is not', async (t) => {
  for (const kind of ['basic', 'bearer'] as const) {
    const registry = await started(t, { kind });
    const { client, context } = testClient(t, { credentials: offering(wrong, right) });
    const fetched = Array.from({ length: 8 }, (_, at) =>
      client.fetchManifest(context, app(registry, at % 2 === 0 ? 'team/app:1' : 'team/other:1')),
    );
    for (const { digest } of await Promise.all(fetched)) assert.equal(digest, image.manifestDigest);
    const refused = testClient(t, { credentials: offering(wrong, { username: 'x', password: 'y' }) });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => refused.client.fetchManifest(refused.context, app(registry))),
    );
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'rejected' && isTidewaiterError(outcome.reason));
      assert.match(outcome.reason.message, /2 credentials/);
    }
  }
});

test('challenges: several at once, unknown ones, none', async (t) => {
  const either = await started(t, { challenge: (proper) => ['Negotiate', 'Basic realm="old"', proper] });
  const one = testClient(t, { credentials: offering(right) });
  await one.client.fetchManifest(one.context, app(either));
  assert.equal(either.tokens.accessLog.length, 1);

  for (const challenge of ['Negotiate', 'Bearer service="x"', '']) {
    const odd = await started(t, { challenge: () => challenge });
    const two = testClient(t, { credentials: offering(right) });
    await assert.rejects(two.client.fetchManifest(two.context, app(odd)), { code: 'UNAUTHORIZED' }, challenge);
    assert.ok(odd.accessLog.every(({ authorization }) => authorization === 'none'));
  }
});

test('challenges: of the scope in it only what is needed is asked for', async (t) => {
  const registry = await started(t, {
    challenge: (proper) =>
      proper.replace(
        'scope="',
        'scope="repository:victim/app:pull,push,delete registry:catalog:* repository:team/app:* ',
      ),
  });
  const { client, context } = testClient(t, { credentials: offering(right) });
  await client.fetchManifest(context, app(registry));
  const { searchParams } = new URL(registry.tokens.accessLog[0]?.path ?? '', 'http://x');
  assert.deepEqual(searchParams.getAll('scope'), ['repository:team/app:pull', 'repository:victim/app:pull']);
});

test('token servers that may not be asked are not', async (t) => {
  const realms = [
    'http://169.254.169.254/token',
    'http://metadata.google.internal/token',
    'file:///etc/passwd',
    'not a url',
    '',
    '/token',
  ];
  for (const realm of realms) {
    const registry = await started(t, { realm });
    const { client, context } = testClient(t, { credentials: offering(right) });
    await assert.rejects(
      client.fetchManifest(context, app(registry)),
      (error: TidewaiterError) => error.code === 'INVALID_ANSWER',
      realm,
    );
  }
});

test('over TLS: a private authority, and no token server in plain HTTP', async (t) => {
  const authority = await makeAuthority();
  const tls = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const registry = await started(t, {}, { tls });
  const http = { ca: [authority.pem] };
  const { client, context } = testClient(t, { http, credentials: offering(right) });
  await client.fetchManifest(context, app(registry));

  const stranger = testClient(t, { credentials: offering(right) });
  await assert.rejects(stranger.client.fetchManifest(stranger.context, app(registry)), {
    code: 'REGISTRY_UNREACHABLE',
    message: /authority/,
  });
  assert.ok(registry.accessLog.every(({ status }) => status === 200 || status === 401));

  const plain = await started(t);
  const fooled = await started(t, { realm: `http://${plain.tokens.host}/token` }, { tls });
  const victim = testClient(t, { http, credentials: offering(right) });
  await assert.rejects(victim.client.fetchManifest(victim.context, app(fooled)), { code: 'INVALID_ANSWER' });
  assert.equal(plain.tokens.accessLog.length, 0);
});

test('over TLS: client certificates', async (t) => {
  const authority = await makeAuthority();
  const server = await authority.issue({ names: ['127.0.0.1'] });
  const own = await authority.issue({ names: [], commonName: 'scanner', client: true });
  const registry = await started(t, {}, { tls: { ...server, clientCa: authority.pem } });
  const hosts = (host: string) => [host, { ca: [authority.pem], certificate: own.cert, key: own.key }] as const;
  const with_ = testClient(t, {
    http: { hosts: new Map([hosts(registry.host), hosts(registry.tokens.host)]) },
    credentials: offering(right),
  });
  await with_.client.fetchManifest(with_.context, app(registry));
  const without = testClient(t, { http: { ca: [authority.pem] }, credentials: offering(right) });
  await assert.rejects(without.client.fetchManifest(without.context, app(registry)), { code: 'REGISTRY_UNREACHABLE' });
});

test('token servers that fail', async (t) => {
  const cases = [
    { fault: { status: 500, times: 20 }, code: 'REGISTRY_UNAVAILABLE' },
    { fault: { html: true, times: 20 }, code: 'REGISTRY_UNAVAILABLE' },
    { fault: { status: 429, headers: { 'retry-after': '7200' } }, code: 'RATE_LIMITED' },
    { fault: { status: 404 }, code: 'INVALID_ANSWER' },
    { fault: { status: 200, body: 'hello' }, code: 'INVALID_ANSWER' },
    { fault: { status: 200, body: '{"token":"secret\\r\\nX-Evil: 1"}' }, code: 'INVALID_ANSWER' },
    { fault: { status: 200, body: '{"token":17}' }, code: 'INVALID_ANSWER' },
    { fault: { endless: true, times: 20 }, code: 'LIMIT_EXCEEDED' },
    { fault: { cutAfterBytes: 3, times: 20 }, code: 'REGISTRY_UNREACHABLE' },
  ];
  for (const { fault, code } of cases) {
    const registry = await started(t);
    registry.tokens.faults.add(fault);
    const { client, context } = testClient(t, { credentials: offering(right) });
    await assert.rejects(client.fetchManifest(context, app(registry)), { code }, JSON.stringify(fault));
  }
});

test('a registry that repeats what it was sent does not make us say it', async (t) => {
  const registry = await started(t, { kind: 'basic' });
  const sent = Buffer.from('ann:wrong-password').toString('base64');
  const message = `bad: ${sent} and wrong-password \u001b[31m\u202e`;
  registry.faults.add({
    after: 1,
    times: 5,
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="x"' },
    body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message }] }),
  });
  const { client, context, log } = testClient(t, { credentials: offering(wrong) });
  await assert.rejects(client.fetchManifest(context, app(registry)), (error: TidewaiterError) => {
    const said = everythingOf(error) + log.join('\n');
    assert.ok(!said.includes(sent) && !said.includes('wrong-password'), said);
    assert.ok(!['\u001b', '\u202e'].some((character) => error.message.includes(character)));
    return error.code === 'UNAUTHORIZED';
  });
});

test('a helper that fails leaves the others, and is named when nothing else is there', async (t) => {
  const registry = await started(t, { may: (user, repository) => user !== undefined || repository === 'team/other' });
  const failing: CredentialSource = {
    anonymousAfterRefusal: false,
    consider: async (context, name) => [
      {
        origin: 'helper desktop',
        matches: true,
        why: 'it is for all',
        load: () =>
          Promise.reject(new TidewaiterError('HELPER_MISSING', 'there is no program docker-credential-desktop')),
      },
      { origin: 'helper empty', matches: true, why: 'it is for all', load: () => Promise.resolve(undefined) },
      ...(name.repository === 'team/app' ? await offering(right).consider(context, name) : []),
    ],
  };
  const { client, context, log } = testClient(t, { credentials: failing });
  await client.fetchManifest(context, app(registry));
  await client.fetchManifest(context, app(registry, 'team/other:1'));
  assert.equal(log.filter((line) => line.startsWith('warn:')).length, 2);
  await assert.rejects(client.fetchManifest(context, app(registry, 'team/third:1')), {
    code: 'UNAUTHORIZED',
    message: /docker-credential-desktop/,
  });
});

test('a credential source that fails is heard', async (t) => {
  const registry = await started(t);
  const broken: CredentialSource = {
    anonymousAfterRefusal: true,
    consider: () => Promise.reject(new TidewaiterError('SECRET_INVALID', 'the secret cannot be read')),
  };
  const { client, context } = testClient(t, { credentials: broken });
  await assert.rejects(client.fetchManifest(context, app(registry)), { code: 'SECRET_INVALID' });
});

test('of an open registry nobody asks for credentials', async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  registry.addImage('team/app', '1', image);
  let asked = 0;
  const credentials: CredentialSource = {
    anonymousAfterRefusal: false,
    consider: () => {
      asked++;
      return Promise.resolve([]);
    },
  };
  const { client, context } = testClient(t, { credentials });
  await client.fetchManifest(context, app(registry));
  assert.equal(asked, 0);
});

test('pulling may be free where pushing is not', async (t) => {
  for (const kind of ['basic', 'bearer'] as const) {
    const registry = await started(t, { kind, may: (user, _name, action) => action === 'pull' || user === 'ann' });
    const { client, context } = testClient(t);
    const repository = app(registry);
    await client.fetchManifest(context, repository);
    await assert.rejects(client.pushBlob(context, repository, blobSource(noise(10))), { code: 'UNAUTHORIZED' });
    await client.fetchManifest(context, repository);
  }
});

test('too many requests: said as such, with the time to wait and what helps', async (t) => {
  const registry = await started(t, { kind: 'basic' });
  registry.faults.add({ status: 429, headers: { 'retry-after': '7200' }, times: 20 });
  const { client, context } = testClient(t, { aliases: new Map([['docker.io', registry.host]]) });
  await assert.rejects(client.fetchManifest(context, parseReference('team/app:1')), (error: TidewaiterError) => {
    assert.equal(error.code, 'RATE_LIMITED');
    assert.match(error.message, /docker\.io.*7200 s/);
    assert.match(error.hint ?? '', /tidewaiter login docker\.io/);
    return true;
  });
  // Once to find out what is spoken, and once with patience, which such a time is too much for.
  assert.ok(registry.accessLog.length <= 2);
});

test('servers in trouble: said as such, pages for people left out', async (t) => {
  const registry = await started(t, { kind: 'basic' });
  const { client, context } = testClient(t);
  for (const fault of [{ status: 500 }, { html: true }, { html: true, status: 503 }]) {
    registry.faults.clear();
    registry.faults.add({ ...fault, times: 20 });
    await assert.rejects(client.fetchManifest(context, app(registry)), (error: TidewaiterError) => {
      assert.equal(error.code, 'REGISTRY_UNAVAILABLE');
      assert.doesNotMatch(error.message, /[<>]/);
      return true;
    });
  }
  await registry.close();
  await assert.rejects(client.fetchManifest(context, app(registry)), { code: 'REGISTRY_UNREACHABLE' });
});

test('Docker Hub refuses what it does not have: the hint says so', async (t) => {
  const registry = await started(t, { may: () => false });
  const { client, context } = testClient(t, { aliases: new Map([['docker.io', registry.host]]) });
  await assert.rejects(client.fetchManifest(context, parseReference('no/such:1')), {
    code: 'UNAUTHORIZED',
    hint: /do not exist.*auth explain no\/such/,
  });
});

test('trying credentials: each is judged, the password never told', async (t) => {
  for (const kind of ['basic', 'bearer'] as const) {
    const registry = await started(t, { kind });
    const { client, context } = testClient(t, { credentials: offering(wrong, right) });
    const reference = app(registry);
    const { host } = registry;
    for (const name of [reference, { registry: host, repository: 'team/app' }, { registry: host }]) {
      const { tried, anonymous } = await client.tryCredentials(context, name);
      assert.deepEqual(
        tried.map(({ origin, accepted }) => [origin, accepted]),
        [
          ['place 1', false],
          ['place 2', true],
        ],
        JSON.stringify(name),
      );
      assert.match(tried[0]?.answer ?? '', /^401/);
      assert.equal(anonymous, undefined);
    }
    const nobody = testClient(t);
    const { tried, anonymous } = await nobody.client.tryCredentials(nobody.context, reference);
    assert.deepEqual(tried, []);
    assert.equal(anonymous?.accepted, false);
    const gone = await client.tryCredentials(context, app(registry, 'team/app:none'));
    assert.equal(gone.tried[1]?.accepted, true);
    assert.match(gone.tried[1]?.answer ?? '', /^404/);
  }
  const open = await startRegistry();
  t.after(() => open.close());
  const { client, context } = testClient(t, { credentials: offering(wrong) });
  const { tried, anonymous } = await client.tryCredentials(context, { registry: open.host });
  assert.deepEqual(anonymous, { accepted: true, answer: '200' });
  assert.equal(tried[0]?.accepted, true);
});

function layer() {
  const [first] = image.layers;
  if (!first) throw new RangeError('no layer');
  return { digest: parseDigest(first.digest), sizeBytes: first.stored.length };
}
