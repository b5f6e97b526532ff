import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { deflateRawSync, gzipSync, crc32 } from 'node:zlib';
import { advisoryDatabase, builtAt, writeSource } from '../../test/support/advisory-database.js';
import { tarOf } from '../../test/support/advisory-tar.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { storeAsZstd } from '../../test/support/zstd-frame.js';
import { createContext, type ProgressStep } from '../core/index.js';
import { AdvisoryError, type AdvisoryErrorCode, buildDatabase, type BuiltDatabase, openDatabase } from './index.js';

const ctx = createContext();
const fails =
  (code: AdvisoryErrorCode, names = '') =>
  (thrown: unknown) =>
    thrown instanceof AdvisoryError &&
    thrown.code === code &&
    thrown.hint !== undefined &&
    thrown.message.includes(names);

const secdb = (version: string, fixed = '1.0-r0'): string =>
  `distroversion: ${version}\nreponame: main\npackages:\n  - pkg:\n      name: zlib\n      secfixes:\n        ${fixed}: [CVE-2020-1]\n`;
const osvRecord = (id: string): string =>
  JSON.stringify({
    id,
    modified: '2020-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'npm', name: 'Left' }, versions: ['1.0.0'] }],
  });

async function build(sources: readonly string[], outDir: string): Promise<BuiltDatabase> {
  return buildDatabase(ctx, { sources, outDir, now: builtAt });
}

test('the same sources and time give the same bytes, and nothing else lies in the folder', async (t) => {
  const folder = temporaryFolder(t);
  const files = { 'v3.11/main.yaml': secdb('v3.11'), 'b/osv.json': osvRecord('GHSA-1'), 'README.md': 'words' };
  const [a, b] = [await advisoryDatabase(join(folder, 'a'), files), await advisoryDatabase(join(folder, 'b'), files)];
  assert.deepEqual(readdirSync(a).sort(), ['metadata.json', 'trivy.db']);
  for (const name of readdirSync(a)) assert.deepEqual(readFileSync(join(a, name)), readFileSync(join(b, name)));
  assert.deepEqual(JSON.parse(readFileSync(join(a, 'metadata.json'), 'utf8')), {
    Version: 2,
    NextUpdate: '2026-01-03T03:04:05.000Z',
    UpdatedAt: '2026-01-02T03:04:05.000Z',
    DownloadedAt: '2026-01-02T03:04:05.000Z',
  });
});

test('archives of every kind are read as the folder that they hold', async (t) => {
  const folder = temporaryFolder(t);
  const files = { 'x/main.yaml': Buffer.from(secdb('v3.11')), 'x/osv.json': Buffer.from(osvRecord('GHSA-1')) };
  const plain = await advisoryDatabase(folder, { 'x/main.yaml': secdb('v3.11'), 'x/osv.json': osvRecord('GHSA-1') });
  const tar = tarOf(files);
  const archives = {
    'a.tar': tar,
    'b.tgz': gzipSync(tar),
    'c.tar.zst': storeAsZstd(tar),
    'd.zip': zipOf(files),
    'named-as-nothing': zipOf(files),
  };
  for (const [name, bytes] of Object.entries(archives)) {
    const source = writeSource(join(folder, 'archives'), name, bytes);
    const built = await build([source], join(folder, `out-${name}`));
    assert.deepEqual(readFileSync(built.path), readFileSync(join(plain, 'trivy.db')), name);
    assert.equal(built.advisories, 2);
  }
});

test('one packed file is read as that file', async (t) => {
  const folder = temporaryFolder(t);
  const source = writeSource(folder, 'main.yaml.gz', gzipSync(secdb('v3.11')));
  assert.equal((await build([source], join(folder, 'out'))).advisories, 1);
});

test('sources add up; what is no source is told', async (t) => {
  const folder = temporaryFolder(t);
  writeSource(folder, 'in/a.yaml', secdb('v3.10'));
  writeSource(folder, 'in/package.json', '{"name": "no advisory"}');
  writeSource(folder, 'in/.git/broken.json', '{');
  const other = writeSource(folder, 'other.yaml', secdb('v3.11'));
  const built = await build([join(folder, 'in'), other], join(folder, 'out'));
  assert.deepEqual(built.feeds, [{ feed: 'alpine-secdb', files: 2 }]);
  assert.deepEqual([built.packages, built.advisories], [2, 2]);
  assert.equal(built.warnings.filter((warning) => warning.includes('package.json')).length, 1);
});

test('a source that is missing, unknown or broken is an error that names it', async (t) => {
  const folder = temporaryFolder(t);
  const outDir = join(folder, 'out');
  const cases: readonly (readonly [string, string | Uint8Array, AdvisoryErrorCode])[] = [
    ['words.txt', 'just words', 'SOURCE_UNRECOGNISED'],
    ['empty.yaml', '', 'SOURCE_UNRECOGNISED'],
    ['other.json', '{"some": "json"}', 'SOURCE_UNRECOGNISED'],
    ['binary', new Uint8Array(1000), 'SOURCE_UNRECOGNISED'],
    ['cut.json', '{"id": "GHSA-1", "affected": [', 'SOURCE_INVALID'],
    ['deep.json', `{"id": "GHSA-1", "affected": ${'['.repeat(10_000)}`, 'SOURCE_INVALID'],
    ['cut.yaml', 'distroversion: v3.10\npackages: [', 'SOURCE_INVALID'],
    ['no-name.yaml', 'distroversion: v3.10\npackages:\n  - pkg: {}\n', 'SOURCE_INVALID'],
    ['DSA', '[01 Jan 2020] DSA-1-1 a - b\n\tsomething else\n', 'SOURCE_INVALID'],
    ['latin1.yaml', Buffer.from('distroversion: v3.10\npackages: [] # \xe9', 'latin1'), 'SOURCE_INVALID'],
    ['cut.tar.gz', gzipSync(tarOf({ a: Buffer.from(secdb('v3.10')) })).subarray(0, 100), 'SOURCE_INVALID'],
    ['cut.zip', zipOf({ a: Buffer.from(secdb('v3.10')) }).subarray(0, 60), 'SOURCE_INVALID'],
    ['unrelated.zip', zipOf({ a: Buffer.from('words') }), 'SOURCE_UNRECOGNISED'],
    ['cut.tar', tarOf({ a: Buffer.from(secdb('v3.10')) }).subarray(0, 600), 'SOURCE_INVALID'],
    ['bomb.zip', zipOf({ a: Buffer.from('x') }, { claimedBytes: 2 ** 31 }), 'SOURCE_INVALID'],
    ['wrong-sum.zip', zipOf({ a: Buffer.from(secdb('v3.10')) }, { crc: 1 }), 'SOURCE_INVALID'],
  ];
  for (const [name, content, code] of cases) {
    const source = writeSource(join(folder, 'in'), name, content);
    await assert.rejects(build([source], outDir), fails(code, name), name);
  }
  await assert.rejects(build([join(folder, 'none')], outDir), fails('SOURCE_MISSING', 'none'));
  mkdirSync(join(folder, 'nothing'));
  await assert.rejects(build([join(folder, 'nothing')], outDir), fails('SOURCE_UNRECOGNISED', 'nothing'));
  const one = writeSource(folder, 'mixed/good.yaml', secdb('v3.10'));
  writeSource(folder, 'mixed/bad.yaml', 'distroversion: v3.10\npackages: [');
  await assert.rejects(build([join(folder, 'mixed')], outDir), fails('SOURCE_INVALID', 'bad.yaml'));
  await assert.rejects(build([one], join(one, 'below')), fails('DATABASE_UNWRITABLE'));
  assert.deepEqual(readdirSync(outDir), [], 'no build left anything behind');
});

test('links that lead in circles are not followed', async (t) => {
  const folder = temporaryFolder(t);
  const source = writeSource(folder, 'in/a.yaml', secdb('v3.10'));
  symlinkSync('..', join(folder, 'in', 'up'));
  symlinkSync(source, join(folder, 'in', 'again.yaml'));
  assert.deepEqual((await build([join(folder, 'in')], join(folder, 'out'))).feeds, [
    { feed: 'alpine-secdb', files: 2 },
  ]);
});

test('progress rises to its end, and cancelling leaves nothing', async (t) => {
  const folder = temporaryFolder(t);
  writeSource(folder, 'in/a.yaml', secdb('v3.10'));
  writeSource(folder, 'in/b.yaml', secdb('v3.11'));
  const steps: ProgressStep[] = [];
  const watching = createContext({ progress: (step) => steps.push(step) });
  await buildDatabase(watching, { sources: [join(folder, 'in')], outDir: join(folder, 'out'), now: builtAt });
  const reading = steps.filter((step) => step.unit === 'bytes');
  assert.ok(reading.length >= 2);
  assert.equal(reading.at(-1)?.done, reading.at(-1)?.total);
  const signal = { aborted: true, reason: undefined, throwIfAborted: () => assert.fail('cancelled') };
  const cancelled = buildDatabase(createContext({ signal }), {
    sources: [join(folder, 'in')],
    outDir: join(folder, 'none'),
  });
  await assert.rejects(cancelled);
  assert.deepEqual(readdirSync(join(folder, 'none')), []);
});

test('a starter database counts only the packages that were named as reviewed', async (t) => {
  const folder = temporaryFolder(t);
  const text =
    'tidewaiter: advisories/v1\nscope: npm\nsource: ghsa\nadvisories: {Lodash: {CVE-1-1: {vulnerable: ["<1"]}}}\n';
  const source = writeSource(folder, 'npm.yaml', text);
  for (const starter of [true, false]) {
    const outDir = join(folder, String(starter));
    await buildDatabase(ctx, { sources: [source], outDir, starter, now: builtAt });
    const database = openDatabase(outDir, { kind: 'starter' });
    assert.equal(database.reviewed('npm::', 'lodash'), starter ? true : undefined);
    assert.equal(database.reviewed('npm::', 'react'), starter ? false : undefined);
    assert.equal(database.meta()?.kind, starter ? 'starter' : 'built');
    assert.equal(database.info().location, 'inside the package');
    assert.equal(database.info().nextUpdate === undefined, starter);
    database.close();
  }
});

test('a list of reviewed packages falls away when a whole feed of that scope is read too', async (t) => {
  const folder = temporaryFolder(t);
  const plain = 'tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: alpine\nreviewed: [musl]\nadvisories: {}\n';
  const database = openDatabase(await advisoryDatabase(folder, { 'a.yaml': plain, 'b.yaml': secdb('v3.11') }), {
    kind: 'file',
  });
  assert.equal(database.reviewed('alpine 3.11', 'curl'), undefined);
  database.close();
});

interface ZipOptions {
  readonly claimedBytes?: number;
  readonly crc?: number;
}

function zipOf(files: Readonly<Record<string, Uint8Array>>, options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  Object.entries(files).forEach(([name, bytes], i) => {
    const stored = i % 2 === 1;
    const packed = stored ? Buffer.from(bytes) : deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(options.crc ?? crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(options.claimedBytes ?? bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(position, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, Buffer.from(name)]));
    parts.push(local);
    position += local.length;
  });
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(position, 16);
  return Buffer.concat([...parts, listed, end]);
}

test('a file that cannot be written over is an error', async (t) => {
  const folder = temporaryFolder(t);
  const source = writeSource(folder, 'a.yaml', secdb('v3.10'));
  mkdirSync(join(folder, 'out', 'trivy.db', 'full'), { recursive: true });
  writeFileSync(join(folder, 'out', 'trivy.db', 'full', 'file'), '');
  await assert.rejects(build([source], join(folder, 'out')), fails('DATABASE_UNWRITABLE'));
});
