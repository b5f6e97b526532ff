import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { metadataOf, packedDatabase, smallDatabase } from '../../test/support/database-artifact.js';
import { type FileServer, startFileServer } from '../../test/support/file-server.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { openAccess } from '../access/index.js';
import { createContext } from '../core/index.js';
import { AdvisoryError } from './errors.js';
import { openInstalledDatabase } from './database.js';
import { updateDatabase, type UpdatedDatabase } from './update.js';
import { parseDatabaseSource } from './update-source.js';

const ctx = createContext();
type Test = { after(run: () => void | Promise<void>): void };

interface Setting {
  readonly server: FileServer;
  readonly cache: string;
  readonly packed: Uint8Array;
  readonly database: Uint8Array;
  readonly update: (...addresses: readonly string[]) => Promise<UpdatedDatabase>;
}

async function setUp(t: Test): Promise<Setting> {
  const server = await startFileServer(t);
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const access = openAccess({});
  t.after(async () => await access.close());
  const database = await smallDatabase(folder);
  return {
    server,
    cache,
    database,
    packed: packedDatabase(database, { ballast: 100_000 }),
    update: async (...addresses) =>
      await updateDatabase(ctx, {
        cacheDir: cache,
        sources: addresses.map((address) => parseDatabaseSource(`${server.origin}${address}`)),
        connections: access,
      }),
  };
}

function isUsable(cache: string): boolean {
  const database = openInstalledDatabase(cache);
  database?.close();
  return database !== undefined;
}

const leftovers = (cache: string): readonly string[] =>
  readdirSync(join(cache, 'db')).filter((name) => name.startsWith('download-'));

test('update from the web: a file, and nothing when it did not change', async (t) => {
  const { server, cache, packed, update } = await setUp(t);
  server.files.set('/db.tar.gz', { bytes: packed, etag: '"one"' });
  const updated = await update('/db.tar.gz');
  assert.equal(updated.outcome, 'installed');
  assert.equal(updated.updatedAt, '2026-08-21T06:16:26.279066241Z');
  assert.ok(isUsable(cache));
  assert.deepEqual(leftovers(cache), []);
  const metadata = readFileSync(join(updated.installed.path, 'metadata.json'), 'utf8');
  assert.match(
    metadata,
    /^\{"Version":2,"NextUpdate":"2100-[^"]+","UpdatedAt":"2026-08-21T06:16:26\.279066241Z","DownloadedAt":"20[^"]+"\}\n$/,
  );
  assert.equal((await update('/db.tar.gz')).outcome, 'current');
  assert.deepEqual(server.log, ['GET /db.tar.gz', 'GET /db.tar.gz ?']);
  server.files.set('/db.tar.gz', { bytes: packed, etag: '"two"' });
  assert.equal((await update('/db.tar.gz')).outcome, 'installed');
});

test('update from the web: a damaged installation is downloaded again', async (t) => {
  const { server, cache, packed, update } = await setUp(t);
  server.files.set('/db.tar.gz', { bytes: packed, lastModified: 'Fri, 21 Aug 2026 06:00:00 GMT' });
  const { installed } = await update('/db.tar.gz');
  const bytes = readFileSync(join(installed.path, 'trivy.db'));
  bytes[bytes.length - 5000] = (bytes[bytes.length - 5000] ?? 0) ^ 1;
  writeFileSync(join(installed.path, 'trivy.db'), bytes);
  assert.equal((await update('/db.tar.gz')).outcome, 'installed');
  assert.ok(isUsable(cache));
});

test('update from the web: a folder, packed or not, however it is spelt', async (t) => {
  const { server, packed, database, update } = await setUp(t);
  server.files.set('/packed/db.tar.gz', { bytes: packed });
  assert.equal((await update('/packed/')).outcome, 'installed');
  server.files.set('/plain/trivy.db', { bytes: database, etag: '"db"' });
  server.files.set('/plain/metadata.json', { bytes: new TextEncoder().encode(metadataOf()) });
  server.files.set('/plain', { bytes: database, redirectTo: '/plain/' });
  server.files.set('/plain/', { bytes: new TextEncoder().encode('<html>') });
  for (const address of ['/plain/', '/plain/trivy.db', '/plain']) {
    assert.match((await update(address)).outcome, /installed|current/, address);
  }
});

test('update from the web: broken off, it goes on where it was, if the file is the same', async (t) => {
  const { server, cache, packed, update } = await setUp(t);
  server.files.set('/db.tar.gz', { bytes: packed, etag: '"one"', cut: { times: 3, afterBytes: 20_000 } });
  assert.equal((await update('/db.tar.gz')).outcome, 'installed');
  assert.equal(server.log.length, 4);
  assert.match(server.log[1] ?? '', /^GET \/db\.tar\.gz \d+$/);
  assert.ok(isUsable(cache));
});

test('update from the web: broken off without a word about the file, it does not go on', async (t) => {
  const { server, cache, packed, update } = await setUp(t);
  server.files.set('/db.tar.gz', { bytes: packed, cut: { times: 1, afterBytes: 20_000 } });
  await assert.rejects(update('/db.tar.gz'), { code: 'UPDATE_FAILED' });
  assert.equal((await update('/db.tar.gz')).outcome, 'installed');
  assert.deepEqual(server.log, ['GET /db.tar.gz', 'GET /db.tar.gz']);
  assert.ok(isUsable(cache));
});

test('update from the web: a server that never ends the file is given up; a file that changed begins again', async (t) => {
  const { server, cache, packed, update } = await setUp(t);
  const cut = { times: Infinity, afterBytes: 0 };
  server.files.set('/db.tar.gz', { bytes: packed, etag: '"one"', cut: { times: 1, afterBytes: 20_000 } });
  const file = server.files.get('/db.tar.gz');
  assert.ok(file);
  // The second answer and all that follow bring nothing.
  const stubborn = update('/db.tar.gz');
  file.cut = { times: 1, afterBytes: 20_000 };
  await stubborn.catch(() => undefined);
  server.files.set('/db.tar.gz', { bytes: packed, etag: '"two"', cut });
  await assert.rejects(update('/db.tar.gz'), { code: 'UPDATE_FAILED' });
  server.files.set('/db.tar.gz', { bytes: packed, etag: '"three"' });
  assert.match((await update('/db.tar.gz')).outcome, /installed/);
  assert.ok(isUsable(cache));
});

test('update from the web: what is no database is refused, and the next place is tried', async (t) => {
  const { server, cache, packed, update } = await setUp(t);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  server.files.set('/html', { bytes: bytes('<html>not this</html>'), etag: '"1"' });
  server.files.set('/empty', { bytes: new Uint8Array(), etag: '"1"' });
  server.files.set('/half', { bytes: packed.subarray(0, packed.length / 2), etag: '"1"' });
  server.files.set('/future', { bytes: packedDatabase(packed, { version: 3 }) });
  server.files.set('/alone/trivy.db', { bytes: packed });
  server.files.set('/broken', { bytes: packed, status: 418 });
  for (const address of ['/html', '/empty', '/half', '/future', '/alone/', '/broken', '/nowhere', '/nowhere/']) {
    await assert.rejects(update(address), (thrown) => {
      assert.ok(thrown instanceof AdvisoryError);
      assert.equal(thrown.code, 'UPDATE_FAILED');
      assert.match(thrown.message, /No database is installed/);
      return thrown.message.includes(`${server.origin}${address}`) || assert.fail(thrown.message);
    });
    assert.deepEqual(
      leftovers(cache).filter((name) => readFileSync(join(cache, 'db', name)).length > 0),
      [],
      address,
    );
  }
  server.files.set('/good', { bytes: packed, chunked: true });
  assert.equal((await update('/html', '/nowhere', '/good')).source, `${server.origin}/good`);
  await assert.rejects(update('/html'), /The database of 2026-08-21 .* stays in use/);
  assert.ok(isUsable(cache));
});
