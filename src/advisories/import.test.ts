import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { advisoryDatabase } from '../../test/support/advisory-database.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { tarOf } from '../../test/support/advisory-tar.js';
import { createContext } from '../core/index.js';
import {
  AdvisoryError,
  type AdvisoryErrorCode,
  findInstalledDatabase,
  importDatabase,
  openDatabase,
  openInstalledDatabase,
  type OpenedDatabase,
} from './index.js';

const ctx = createContext();
const fails = (code: AdvisoryErrorCode) => (thrown: unknown) =>
  thrown instanceof AdvisoryError && thrown.code === code && thrown.hint !== undefined;

/** A database of many packages, so that it spreads over pages and blocks. */
function source(fixed: string): string {
  const packages = Array.from({ length: 400 }, (_, i) => `  package-${i}: {CVE-2020-${1000 + i}: ${fixed}-r${i}}`);
  return `tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: alpine\nreviewed: []\nadvisories:\n${packages.join('\n')}\n`;
}

async function built(folder: string, fixed: string): Promise<string> {
  return advisoryDatabase(join(folder, fixed), { 'plain.yaml': source(fixed) });
}

function fixedVersionOf(database: OpenedDatabase | undefined, i = 7): string | undefined {
  return database?.advisories('alpine 3.11', `package-${i}`).advisories[0]?.fixedVersion;
}

function using<T>(database: OpenedDatabase | undefined, ask: (database: OpenedDatabase | undefined) => T): T {
  try {
    return ask(database);
  } finally {
    database?.close();
  }
}

const databasesIn = (cacheDir: string): readonly string[] =>
  readdirSync(join(cacheDir, 'db')).filter((name) => /^[0-9a-f]{64}$/.test(name));

test('nothing is installed at first', (t) => {
  const cacheDir = temporaryFolder(t);
  assert.equal(findInstalledDatabase(cacheDir), undefined);
  assert.equal(openInstalledDatabase(cacheDir), undefined);
});

test('a file, a folder and a packed archive are the same database', async (t) => {
  const folder = temporaryFolder(t);
  const out = await built(folder, '1.0');
  const files = {
    'trivy.db': readFileSync(join(out, 'trivy.db')),
    'metadata.json': readFileSync(join(out, 'metadata.json')),
  };
  writeFileSync(join(folder, 'db.tar.gz'), gzipSync(tarOf(files)));
  writeFileSync(
    join(folder, 'dotted'),
    tarOf({ './metadata.json': files['metadata.json'], './trivy.db': files['trivy.db'] }),
  );
  const ids = new Set<string>();
  for (const input of [out, join(out, 'trivy.db'), join(folder, 'db.tar.gz'), join(folder, 'dotted')]) {
    const cacheDir = join(folder, `cache-${ids.size}`);
    const installed = await importDatabase(ctx, input, cacheDir);
    assert.deepEqual(findInstalledDatabase(cacheDir), installed);
    ids.add(installed.id);
    using(openInstalledDatabase(cacheDir), (database) => {
      assert.equal(fixedVersionOf(database), '1.0-r7');
      const info = database?.info();
      assert.equal(info?.kind, 'installed');
      assert.match(info?.digest ?? '', /^sha256:[0-9a-f]{64}$/);
      assert.equal(info?.updatedAt, '2026-01-02T03:04:05.000Z');
    });
    assert.deepEqual(readdirSync(join(cacheDir, 'db')).sort(), [installed.id, 'current'].sort());
  }
  assert.equal(ids.size, 1);
});

test('a file without metadata beside it can be installed', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'alone'));
  copyFileSync(join(await built(folder, '1.0'), 'trivy.db'), join(folder, 'alone', 'trivy.db'));
  await importDatabase(ctx, join(folder, 'alone', 'trivy.db'), join(folder, 'cache'));
  using(openInstalledDatabase(join(folder, 'cache')), (database) => assert.equal(fixedVersionOf(database), '1.0-r7'));
});

test('a new database replaces the old one for new readers; who has opened the old one keeps it', async (t) => {
  const folder = temporaryFolder(t);
  const cacheDir = join(folder, 'cache');
  const ids: string[] = [];
  await importDatabase(ctx, await built(folder, '1.0'), cacheDir);
  const first = openInstalledDatabase(cacheDir);
  for (const version of ['2.0', '3.0', '4.0']) {
    ids.push((await importDatabase(ctx, await built(folder, version), cacheDir)).id);
    using(openInstalledDatabase(cacheDir), (database) => assert.equal(fixedVersionOf(database), `${version}-r7`));
  }
  using(first, (database) => {
    for (let i = 0; i < 400; i += 20) assert.equal(fixedVersionOf(database, i), `1.0-r${i}`);
  });
  assert.deepEqual([...databasesIn(cacheDir)].sort(), ids.slice(1).sort(), 'the one in use and the one before');
});

test('a failed import leaves the database in use as it is', async (t) => {
  const folder = temporaryFolder(t);
  const cacheDir = join(folder, 'cache');
  const out = await built(folder, '1.0');
  const installed = await importDatabase(ctx, out, cacheDir);
  const whole = readFileSync(join(out, 'trivy.db'));
  const metadata = readFileSync(join(out, 'metadata.json'));
  const cases: readonly (readonly [string, string | Uint8Array, AdvisoryErrorCode])[] = [
    ['empty', '', 'DATABASE_CORRUPT'],
    ['text', 'no database '.repeat(1000), 'DATABASE_CORRUPT'],
    ['short', whole.subarray(0, 8192), 'DATABASE_CORRUPT'],
    ['damaged.gz', gzipSync(tarOf({ 'trivy.db': whole })).subarray(0, 2000), 'DATABASE_CORRUPT'],
    ['no-metadata.tar.gz', gzipSync(tarOf({ 'trivy.db': whole })), 'DATABASE_CORRUPT'],
    ['no-database.tar.gz', gzipSync(tarOf({ 'metadata.json': metadata })), 'DATABASE_CORRUPT'],
    [
      'twice.tar',
      tarOf([
        ['trivy.db', whole],
        ['trivy.db', whole],
        ['metadata.json', metadata],
      ]),
      'DATABASE_CORRUPT',
    ],
    ['broken-metadata.tar', tarOf({ 'trivy.db': whole, 'metadata.json': Buffer.from('{') }), 'DATABASE_CORRUPT'],
    ['old.tar', tarOf({ 'trivy.db': whole, 'metadata.json': Buffer.from('{"Version":1}') }), 'DATABASE_SCHEMA'],
    ['huge-metadata.tar', tarOf({ 'trivy.db': whole, 'metadata.json': Buffer.alloc(100_000, 32) }), 'DATABASE_CORRUPT'],
  ];
  for (const [name, content, code] of cases) {
    const path = join(folder, 'broken', name, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    await assert.rejects(importDatabase(ctx, path, cacheDir), fails(code), name);
  }
  await assert.rejects(importDatabase(ctx, join(folder, 'none'), cacheDir), fails('DATABASE_MISSING'));
  await assert.rejects(importDatabase(ctx, out, join(out, 'trivy.db')), fails('DATABASE_UNWRITABLE'));
  assert.deepEqual(findInstalledDatabase(cacheDir), installed);
  assert.deepEqual(readdirSync(join(cacheDir, 'db')).sort(), [installed.id, 'current'].sort());
});

test('a cancelled import leaves nothing', async (t) => {
  const folder = temporaryFolder(t);
  const signal = { aborted: true, reason: undefined, throwIfAborted: () => assert.fail('cancelled') };
  await assert.rejects(importDatabase(createContext({ signal }), await built(folder, '1.0'), join(folder, 'cache')));
  assert.deepEqual(readdirSync(join(folder, 'cache', 'db')), []);
});

test('a flipped byte anywhere in an installed database is an error or the right answer', async (t) => {
  const folder = temporaryFolder(t);
  const cacheDir = join(folder, 'cache');
  const { path } = await importDatabase(ctx, await built(folder, '1.0'), cacheDir);
  const files = [
    join(cacheDir, 'db', 'current'),
    ...['trivy.db', 'metadata.json', 'blocks'].map((name) => join(path, name)),
  ];
  const contents = files.map((file) => readFileSync(file));
  let errors = 0;
  for (let i = 0; i < 1000; i++) {
    const which = i % 3 === 0 ? i % files.length : 1;
    const file = files[which] ?? assert.fail();
    const whole = contents[which] ?? assert.fail();
    const copy = Buffer.from(whole);
    const at = (i * 104_729 + which * 31) % copy.length;
    copy[at] = (copy[at] ?? 0) ^ (1 << (i % 8));
    writeFileSync(file, copy);
    try {
      using(openInstalledDatabase(cacheDir), (database) => {
        for (let j = i % 20; j < 400; j += 20)
          assert.equal(fixedVersionOf(database, j), `1.0-r${j}`, `byte ${at} of ${file}`);
        assert.equal(database?.reviewed('alpine 3.11', 'package-1'), true);
        assert.equal(database?.reviewed('alpine 3.11', 'none'), false);
        assert.equal(database?.info().updatedAt, '2026-01-02T03:04:05.000Z');
      });
    } catch (thrown) {
      assert.ok(fails('DATABASE_CORRUPT')(thrown), `byte ${at} of ${file}: ${String(thrown)}`);
      errors++;
    }
    writeFileSync(file, whole);
  }
  assert.ok(errors > 300, `only ${errors} flips were noticed`);
  using(openInstalledDatabase(cacheDir), (database) => assert.equal(fixedVersionOf(database), '1.0-r7'));
});

test('an installed database with a missing or a foreign file is damaged; importing it again repairs it', async (t) => {
  const folder = temporaryFolder(t);
  const cacheDir = join(folder, 'cache');
  const out = await built(folder, '1.0');
  const other = await built(folder, '2.0');
  for (const name of ['trivy.db', 'metadata.json', 'blocks']) {
    const { path } = await importDatabase(ctx, out, cacheDir);
    rmSync(join(path, name));
    assert.throws(() => openInstalledDatabase(cacheDir), fails('DATABASE_CORRUPT'), name);
  }
  const { path } = await importDatabase(ctx, out, cacheDir);
  copyFileSync(join(other, 'trivy.db'), join(path, 'trivy.db'));
  assert.throws(() => fixedVersionOf(openInstalledDatabase(cacheDir)), fails('DATABASE_CORRUPT'));
  rmSync(path, { recursive: true });
  assert.throws(() => openInstalledDatabase(cacheDir), fails('DATABASE_CORRUPT'));
  await importDatabase(ctx, out, cacheDir);
  using(openInstalledDatabase(cacheDir), (database) => assert.equal(fixedVersionOf(database), '1.0-r7'));
});

test('a pointer that names no database is damage, never a path', async (t) => {
  const folder = temporaryFolder(t);
  const cacheDir = join(folder, 'cache');
  await importDatabase(ctx, await built(folder, '1.0'), cacheDir);
  for (const content of ['', '../../etc\n', 'A'.repeat(64), `${'g'.repeat(64)}\n`, '0'.repeat(64), 'x'.repeat(1000)]) {
    writeFileSync(join(cacheDir, 'db', 'current'), content);
    assert.throws(() => openInstalledDatabase(cacheDir), fails('DATABASE_CORRUPT'), content);
  }
});

test('imports at the same time end with one whole database', async (t) => {
  const folder = temporaryFolder(t);
  const cacheDir = join(folder, 'cache');
  const outs = await Promise.all(['1.0', '2.0', '3.0', '4.0'].map(async (version) => built(folder, version)));
  await Promise.all([...outs, ...outs].map(async (out) => importDatabase(ctx, out, cacheDir)));
  using(openInstalledDatabase(cacheDir), (database) => assert.match(fixedVersionOf(database) ?? '', /^[1-4]\.0-r7$/));
  assert.ok(databasesIn(cacheDir).length <= 2);
});

test('a folder that looks installed but lies elsewhere is bound to its name', async (t) => {
  const folder = temporaryFolder(t);
  const { path } = await importDatabase(ctx, await built(folder, '1.0'), join(folder, 'cache'));
  const moved = join(folder, '0'.repeat(64));
  mkdirSync(moved);
  for (const name of readdirSync(path)) copyFileSync(join(path, name), join(moved, name));
  assert.throws(() => openDatabase(moved, { kind: 'installed' }), fails('DATABASE_CORRUPT'));
});

test('what imports that were killed left behind goes with the next one, but not what one still writes', async (t) => {
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const leave = (name: string, changed: Date): string => {
    const path = join(cache, 'db', name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'trivy.db'), 'x');
    utimesSync(join(path, 'trivy.db'), changed, changed);
    utimesSync(path, changed, changed);
    return path;
  };
  const long = new Date(Date.now() - 10 * 60 * 1000);
  const killed = leave('.incoming-1-ab', long);
  const writing = leave('.incoming-2-cd', long);
  utimesSync(join(writing, 'trivy.db'), new Date(), new Date());
  const pushing = leave('.push-3-ef', long);
  await importDatabase(ctx, await built(folder, '1.0'), cache);
  assert.deepEqual(
    [killed, writing, pushing].map((path) => existsSync(path)),
    [false, true, true],
  );
});
