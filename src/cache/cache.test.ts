import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { build } from 'esbuild';
import { repoPath, temporaryFolder } from '../../test/support/paths.js';
import { noCache, openCache } from './index.js';

const maxBytes = 1 << 20;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array | undefined): string | undefined => found && new TextDecoder().decode(found);

function newCache(t: TestContext, bound = maxBytes) {
  const dir = join(temporaryFolder(t), 'not', 'yet');
  const log: string[] = [];
  return { dir, log, cache: openCache({ dir, maxBytes: bound, log: (_, message) => log.push(message) }) };
}

test('gives back what was put last, in this and in another opening', (t) => {
  const { cache, dir } = newCache(t);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.sizeBytes(), 0);
  cache.put('a', bytes('one'));
  cache.put('a', bytes('two'));
  cache.put('../../etc/passwd', bytes('a key is no path'));
  cache.put('empty', bytes(''));
  for (const opened of [cache, openCache({ dir, maxBytes })]) {
    assert.equal(text(opened.get('a')), 'two');
    assert.equal(text(opened.get('../../etc/passwd')), 'a key is no path');
    assert.equal(text(opened.get('empty')), '');
    assert.equal(opened.get('b'), undefined);
  }
  assert.equal(readdirSync(dir).length, 3);
  assert.equal(cache.clear(), 3 * 48 + 3 + 16);
  assert.equal(cache.get('a'), undefined);
  assert.deepEqual(readdirSync(dir), []);
});

test('only this user can read it', (t) => {
  const { cache, dir } = newCache(t);
  cache.put('a', bytes('x'));
  if (process.platform === 'win32') return;
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  for (const name of readdirSync(dir)) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
});

test('a file that is torn, changed, padded or moved reads as absent', (t) => {
  const { cache, dir } = newCache(t);
  const restore = () => {
    cache.put('a', bytes('some content'));
    return join(dir, readdirSync(dir)[0] ?? '');
  };
  const path = restore();
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 7) {
    truncateSync(path, length);
    assert.equal(cache.get('a'), undefined, `cut to ${length}`);
    restore();
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(path, changed);
    assert.equal(cache.get('a'), undefined, `changed at ${at}`);
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(1)]));
  assert.equal(cache.get('a'), undefined);
  restore();
  cache.put('b', bytes('other'));
  const other = readdirSync(dir).find((name) => !path.endsWith(name)) ?? '';
  writeFileSync(join(dir, other), whole);
  assert.equal(cache.get('b'), undefined, 'content of another key');
  assert.equal(text(cache.get('a')), 'some content');
});

test('a folder that cannot be used is an empty cache, and says so once', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), 'x');
  for (const dir of [join(folder, 'file'), join(folder, 'file', 'below'), '/proc/none/here']) {
    const log: string[] = [];
    const cache = openCache({ dir, maxBytes, log: (_, message) => log.push(message) });
    for (const key of ['a', 'b', 'c']) cache.put(key, bytes('x'));
    assert.equal(cache.get('a'), undefined);
    assert.equal(cache.clear() + cache.sizeBytes(), 0);
    assert.equal(log.length, 1, dir);
  }
});

test('a read-only folder still gives what it holds', (t) => {
  const { cache, dir } = newCache(t);
  cache.put('a', bytes('x'));
  chmodSync(dir, 0o500);
  try {
    const again = openCache({ dir, maxBytes });
    again.put('b', bytes('y'));
    assert.equal(text(again.get('a')), 'x');
  } finally {
    chmodSync(dir, 0o700);
  }
});

test('a folder that everybody may write to is not trusted', (t) => {
  if (process.platform === 'win32') return t.skip('no permission bits here');
  const { cache, dir } = newCache(t);
  cache.put('a', bytes('x'));
  chmodSync(dir, 0o777);
  const log: string[] = [];
  const again = openCache({ dir, maxBytes, log: (_, message) => log.push(message) });
  assert.equal(again.get('a'), undefined);
  again.put('b', bytes('y'));
  assert.equal(log.length, 1);
  assert.equal(readdirSync(dir).length, 1);
});

test('it grows to its bound and not beyond; the oldest goes first', (t) => {
  const { cache, dir } = newCache(t, 100_000);
  const entry = new Uint8Array(1000);
  for (let i = 0; i < 600; i++) {
    cache.put(`key ${i}`, entry);
    const newest = readdirSync(dir).length;
    if (i === 20) for (const name of readdirSync(dir)) utimesSync(join(dir, name), 1, 1);
    assert.ok(newest < 400);
  }
  assert.ok(cache.sizeBytes() < 250_000, String(cache.sizeBytes()));
  assert.equal(cache.get('key 0'), undefined);
  assert.ok(cache.get('key 599'));
  cache.put('too large', new Uint8Array(200_000));
  assert.equal(cache.get('too large'), undefined);
});

test('so many entries and not many more', (t) => {
  const dir = join(temporaryFolder(t), 'cache');
  const cache = openCache({ dir, maxBytes, maxEntries: 50 });
  for (let i = 0; i < 300; i++) cache.put(`key ${i}`, bytes('x'));
  assert.ok(readdirSync(dir).length < 150, String(readdirSync(dir).length));
  assert.ok(cache.get('key 299'));
});

test('what killed writers leave behind goes away after an hour; foreign files stay', (t) => {
  const { cache, dir } = newCache(t);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const [stale, fresh] = [`.tmp-${'a'.repeat(24)}`, `.tmp-${'b'.repeat(24)}`];
  for (const name of [stale, fresh, 'README']) writeFileSync(join(dir, name), 'x');
  utimesSync(join(dir, stale), 1, 1);
  for (let i = 0; i < 80; i++) cache.put(`key ${i}`, bytes('x'));
  assert.ok(!existsSync(join(dir, stale)));
  assert.ok(existsSync(join(dir, fresh)));
  cache.clear();
  assert.deepEqual(readdirSync(dir), ['README']);
});

test('reading keeps an entry young', (t) => {
  const { cache, dir } = newCache(t);
  cache.put('a', bytes('x'));
  const path = join(dir, readdirSync(dir)[0] ?? '');
  utimesSync(path, 1, 1);
  assert.equal(text(cache.get('a')), 'x');
  assert.ok(statSync(path).mtimeMs > 1e12);
});

test('many processes at once, some killed: readers see whole entries or none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-cache-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'writer.mjs');
  const source = `import { openCache } from ${JSON.stringify(repoPath('src/cache/index.ts'))};
    const cache = openCache({ dir: process.argv[2], maxBytes: 4_000_000 });
    for (let i = 0; i < 300; i++) {
      const key = 'key ' + (i % 20), found = cache.get(key);
      if (found && (found.length !== 50_000 || found.some((byte) => byte !== found[0]))) process.exit(9);
      cache.put(key, new Uint8Array(50_000).fill(i + Number(process.argv[3])));
    }`;
  const bundle = {
    stdin: { contents: source, resolveDir: repoPath() },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
  } as const;
  await build(bundle);
  const dir = join(folder, 'cache');
  const run = (seed: number, killAfterMs?: number) =>
    new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, [program, dir, String(seed)], { stdio: 'inherit' });
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      child.on('close', resolve);
    });
  const codes = await Promise.all([run(1), run(2), run(3), run(4, 80), run(5, 120), run(6, 160)]);
  assert.deepEqual(codes.slice(0, 3), [0, 0, 0]);
  const cache = openCache({ dir, maxBytes: 4_000_000 });
  for (let i = 0; i < 20; i++) assert.equal(cache.get(`key ${i}`)?.length, 50_000);
  assert.equal(await run(7), 0);
});

test('a cache that keeps nothing', () => {
  const cache = noCache();
  cache.put('a', bytes('x'));
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.clear() + cache.sizeBytes(), 0);
});
