import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import fc from 'fast-check';
import { FormatError, limits } from '../core/index.js';
import {
  buildTar,
  concatBytes,
  gnuLongName,
  paxHeader,
  tarEntry,
  tarHeader,
  toBytes,
  type TarItem,
} from '../../test/support/tar-writer.js';
import { cleanPath, readTarDirectory, type TarEntry, TarParser } from './index.js';

interface Read {
  readonly entries: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  readonly tooLarge: readonly string[];
  readonly full: readonly TarEntry[];
}

/** Reads an archive, given in pieces of these sizes (the last one again and again), and collects every file. */
function read(
  tar: Uint8Array,
  options: { sizes?: readonly number[]; allowed?: number; maxEntries?: number } = {},
): Read {
  const full: TarEntry[] = [];
  const files = new Map<string, string>();
  const tooLarge: string[] = [];
  const parser = new TarParser(
    {
      entry: (entry) => {
        full.push(entry);
        return options.allowed ?? 1 << 20;
      },
      file: (entry, bytes) => files.set(entry.path, new TextDecoder('latin1').decode(bytes)),
      tooLarge: (entry) => tooLarge.push(entry.path),
    },
    { maxEntries: options.maxEntries },
  );
  const sizes = options.sizes ?? [tar.length];
  for (let at = 0, turn = 0; at < tar.length; turn++) {
    const size = sizes[Math.min(turn, sizes.length - 1)] || 1;
    // A copy, as the caller's buffer is used again for the next piece.
    const piece = tar.slice(at, at + size);
    parser.feed(piece);
    piece.fill(0xee);
    at += size;
  }
  parser.end();
  assert.equal(parser.entries, full.length);
  const entries = full.map(({ type, path, linkTarget, sizeBytes }) =>
    [type, path, ...(linkTarget === undefined ? [] : [linkTarget]), ...(sizeBytes ? [String(sizeBytes)] : [])].join(
      ' ',
    ),
  );
  return { entries, files, tooLarge, full };
}

function fails(tar: Uint8Array, code: FormatError['code']): void {
  assert.throws(
    () => read(tar, { sizes: [100] }),
    (thrown) => thrown instanceof FormatError && thrown.code === code,
  );
}

const longName = `usr/${'long-directory/'.repeat(20)}file`;
const items: readonly TarItem[] = [
  { path: 'etc', dir: true },
  { path: 'etc/os-release', content: 'ID=alpine\n', mode: 0o644 },
  { path: 'bin/su', content: 'x'.repeat(1500), mode: 0o4755, uid: 0 },
  { path: 'lib64', link: '/usr/lib/../lib64' },
  { path: 'bin/su2', hardlink: './bin/su' },
  { path: 'dev/null', device: 'character' },
  { path: 'run/pipe', device: 'fifo' },
  { path: longName, content: 'deep' },
  { path: 'long-link', link: `/${longName}` },
  { path: 'sub/ünï', content: '' },
];
const expected = [
  'directory etc',
  'file etc/os-release 10',
  'file bin/su 1500',
  'symlink lib64 /usr/lib/../lib64',
  'hardlink bin/su2 bin/su',
  'device dev/null',
  'device run/pipe',
  `file ${longName} 4`,
  `symlink long-link /${longName}`,
  'file sub/ünï',
];

test('reads every kind of entry, with long names in both forms and any prefix', () => {
  for (const longNames of ['pax', 'gnu'] as const) {
    for (const prefix of ['', './', '/', './/']) {
      const found = read(buildTar(items, { longNames, prefix }));
      assert.deepEqual(found.entries, expected, `${longNames} "${prefix}"`);
      assert.equal(found.files.get('etc/os-release'), 'ID=alpine\n');
      assert.equal(found.files.get('sub/ünï'), '');
      assert.equal(found.files.get(longName), 'deep');
      assert.equal(found.full.find((entry) => entry.path === 'bin/su')?.mode, 0o4755);
    }
  }
});

test('the same entries come out however the stream is cut', () => {
  const tar = buildTar(items);
  const whole = read(tar);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const cut = read(tar, { sizes });
      assert.deepEqual(cut.entries, whole.entries);
      assert.deepEqual([...cut.files], [...whole.files]);
    }),
    { numRuns: 60 },
  );
});

test('no bytes make anything but entries or a FormatError', () => {
  const tar = buildTar(items.slice(0, 5));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
      const broken = tar.slice();
      for (const [at, byte] of changes) broken[at] = byte;
      try {
        read(broken, { sizes: [700] });
      } catch (thrown) {
        assert.ok(thrown instanceof FormatError);
      }
    }),
    { numRuns: 200 },
  );
});

test('skips what nobody wants and says what is too large', () => {
  const tar = buildTar([
    { path: 'small', content: 'abc' },
    { path: 'large', content: 'x'.repeat(5000) },
    { path: 'last', content: 'end' },
  ]);
  const found = read(tar, { sizes: [300], allowed: 100 });
  assert.deepEqual([...found.files.keys()], ['small', 'last']);
  assert.deepEqual(found.tooLarge, ['large']);
  assert.equal(read(tar, { allowed: 0 }).files.size, 0);
});

test('an archive may end at an entry, in one zero block or in many, and nowhere else', () => {
  const tar = buildTar([{ path: 'a', content: 'x'.repeat(600) }], { endMarker: false });
  for (const end of [0, 512, 1024, 10_240]) {
    assert.deepEqual(read(concatBytes([tar, new Uint8Array(end)])).entries, ['file a 600']);
  }
  assert.deepEqual(read(new Uint8Array()).entries, []);
  for (const length of [1, 511, 513, 1100, 1535]) fails(tar.subarray(0, length), 'TRUNCATED');
  fails(concatBytes([tar, new Uint8Array(1024), toBytes('more')]), 'INVALID');
  fails(concatBytes([tar, new Uint8Array(512), tar]), 'INVALID');
});

test('paths are clean and stay below the root', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a/b', 'a/b'],
    ['./a//b/', 'a/b'],
    ['/etc/passwd', 'etc/passwd'],
    ['../../etc/passwd', 'etc/passwd'],
    ['a/../../b', 'b'],
    ['a/./b/..', 'a'],
    ['.', ''],
    ['./', ''],
    ['a/.hidden', 'a/.hidden'],
    ['..a/b..', '..a/b..'],
    ['a\\..\\b', 'a\\..\\b'],
  ];
  for (const [name, clean] of cases) {
    assert.equal(cleanPath(name), clean, name);
    assert.equal(read(buildTar([{ path: name.replace(/\/$/, ''), content: '' }])).full[0]?.path, clean);
  }
  const lower = fc.constantFrom('a', '.', '..', '', 'b.c', '.wh.x');
  fc.assert(
    fc.property(fc.array(lower, { maxLength: 12 }), (parts) => {
      const clean = cleanPath(parts.join('/'));
      assert.ok(clean === '' || clean.split('/').every((part) => part !== '' && part !== '.' && part !== '..'));
      assert.equal(cleanPath(clean), clean);
    }),
  );
});

test('a path may be deep and long, within bounds', () => {
  assert.equal(cleanPath('a/'.repeat(4000)), 'a/'.repeat(4000).slice(0, -1));
  assert.throws(() => cleanPath('a/'.repeat(5000)), { code: 'LIMIT_EXCEEDED' });
  fails(
    concatBytes([gnuLongName('x'.repeat(limits.pathBytes + 1)), tarEntry({ name: 'x', type: '0' })]),
    'LIMIT_EXCEEDED',
  );
  fails(tarHeader({ name: 'PaxHeaders/x', type: 'x', size: limits.tarExtensionBytes + 1 }), 'LIMIT_EXCEEDED');
  assert.throws(() => read(buildTar(items), { maxEntries: 3 }), { code: 'LIMIT_EXCEEDED' });
});

test('names that are no UTF-8 are read all the same', () => {
  const name = concatBytes([toBytes('a/'), Uint8Array.of(0xff, 0xfe), toBytes('z')]);
  const tar = tarEntry({ name: '', type: '0', patch: [{ at: 0, bytes: name }] }, 'content');
  assert.deepEqual(read(tar).entries, ['file a/\ufffd\ufffdz 7']);
});

test('PAX records: the last counts, and only for the next entry', () => {
  const tar = concatBytes([
    paxHeader({ path: 'first' }),
    paxHeader({ path: 'second', linkpath: 'to/there', comment: 'x'.repeat(300) }),
    tarEntry({ name: 'ignored', type: '2', linkName: 'nowhere' }),
    tarEntry({ name: 'third', type: '0' }),
  ]);
  assert.deepEqual(read(tar).entries, ['symlink second to/there', 'file third']);
  const resized = concatBytes([paxHeader({ size: '5' }), tarEntry({ name: 'a', type: '0', size: 0 }, 'hello')]);
  assert.equal(read(resized).files.get('a'), 'hello');
});

test('a global PAX header changes nothing, as in what unpacks images', () => {
  const tar = concatBytes([
    paxHeader({ comment: 'c0ffee', path: 'elsewhere' }, 'g'),
    tarEntry({ name: 'a', type: '0' }, 'x'),
  ]);
  assert.deepEqual(read(tar).entries, ['file a 1']);
});

test('malformed PAX headers are errors', () => {
  const bodies = [
    '5 a=b',
    '99 path=x\n',
    'path=x\n',
    '0 path=x\n',
    '7 pathx\n',
    '6 =x\n\n',
    '10 path=ab!',
    '12 size=-5\n',
    '-8 a=b\n',
    '11 path=a\0b\n',
  ];
  for (const body of bodies) {
    const tar = concatBytes([tarEntry({ name: 'PaxHeaders/x', type: 'x' }, body), tarEntry({ name: 'a', type: '0' })]);
    assert.throws(() => read(tar), { code: 'INVALID' }, body);
  }
  fails(concatBytes([paxHeader({ size: '99999999999999999999' }), tarEntry({ name: 'a', type: '0' })]), 'INVALID');
});

test('sizes: base-256 is read, negative and huge ones are errors', () => {
  const size = (...bytes: number[]) =>
    tarHeader({
      name: 'a',
      type: '0',
      size: Uint8Array.from([
        ...bytes.slice(0, 1),
        ...Array.from({ length: 12 - bytes.length }, () => (bytes[0] === 0xff ? 0xff : 0)),
        ...bytes.slice(1),
      ]),
    });
  const five = concatBytes([size(0x80, 5), toBytes('hello'), new Uint8Array(507)]);
  assert.equal(read(five).files.get('a'), 'hello');
  fails(size(0xff, 0xfe), 'INVALID');
  fails(size(0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'INVALID');
  fails(size(0x80, 1, 0, 0, 0, 0, 0), 'TRUNCATED');
  fails(tarHeader({ name: 'a', type: '0', size: toBytes('12x45678901\0') }), 'INVALID');
});

test('a header whose checksum is wrong is an error; signed sums of old writers are good', () => {
  fails(tarHeader({ name: 'a', type: '0', checksum: 1234 }), 'INVALID');
  const high = tarHeader({ name: 'ÿÿ', type: '0' });
  let signed = 0;
  high.forEach((byte, at) => (signed += at >= 148 && at < 156 ? 32 : (byte << 24) >> 24));
  assert.deepEqual(read(tarHeader({ name: 'ÿÿ', type: '0', checksum: signed })).entries, ['file ÿÿ']);
});

test('links, directories and devices have no data whatever their size says', () => {
  for (const type of ['1', '2', '3', '4', '5', '6']) {
    const tar = concatBytes([
      tarHeader({ name: 'a', type, size: 512, linkName: 'b' }),
      tarEntry({ name: 'next', type: '0' }),
    ]);
    assert.equal(read(tar).full[1]?.path, 'next', type);
  }
});

test('old and odd headers: v7, prefixes, contiguous files, unknown types', () => {
  const v7 = concatBytes([
    tarEntry({ name: 'dir/', type: '\0', magic: '' }),
    tarEntry({ name: 'old', type: '\0', magic: '' }, 'v7'),
  ]);
  assert.deepEqual(read(v7).entries, ['directory dir', 'file old 2']);
  const prefixed = tarEntry({ name: 'name', type: '0', ustarPrefix: 'some/where' });
  assert.deepEqual(read(prefixed).entries, ['file some/where/name']);
  const gnuTimes = tarEntry({ name: 'name', type: '0', magic: 'ustar  \0', ustarPrefix: '13700000000' });
  assert.deepEqual(read(gnuTimes).entries, ['file name']);
  const oldGo = tarEntry({ name: 'name', type: '0', magic: 'ustar  \0', ustarPrefix: 'usr/share/doc/x' });
  assert.deepEqual(read(oldGo).entries, ['file usr/share/doc/x/name']);
  assert.deepEqual(read(tarEntry({ name: 'c', type: '7' }, 'xy')).entries, ['file c 2']);
  assert.deepEqual(read(tarEntry({ name: 'c', type: 'Z' }, 'xy')).entries, ['file c 2']);
  fails(tarEntry({ name: 'c', type: 'M' }, 'xy'), 'UNSUPPORTED');
});

const octal = (value: number) => toBytes(`${value.toString(8).padStart(11, '0')}\0`);

test('old GNU sparse files are filled with their holes', () => {
  const pieces = [0, 3, 600, 2].map(octal);
  const header = tarHeader({
    name: 'sparse',
    type: 'S',
    size: 5,
    magic: 'ustar  \0',
    patch: [...pieces.map((bytes, index) => ({ at: 386 + 12 * index, bytes })), { at: 483, bytes: octal(1000) }],
  });
  const tar = concatBytes([header, toBytes('abcde'), new Uint8Array(507), tarEntry({ name: 'next', type: '0' })]);
  const found = read(tar, { sizes: [100] });
  assert.deepEqual(found.entries, ['file sparse 1000', 'file next']);
  assert.equal(found.files.get('sparse'), `abc${'\0'.repeat(597)}de${'\0'.repeat(398)}`);
});

test('old GNU sparse maps may go on in further blocks', () => {
  const first = Array.from({ length: 4 }, (_, index) => [octal(index * 10), octal(1)]).flat();
  const header = tarHeader({
    name: 'sparse',
    type: 'S',
    size: 6,
    patch: [
      ...first.map((bytes, index) => ({ at: 386 + 12 * index, bytes })),
      { at: 482, bytes: Uint8Array.of(1) },
      { at: 483, bytes: octal(60) },
    ],
  });
  const more = new Uint8Array(512);
  [40, 1, 50, 1].forEach((value, index) => more.set(octal(value), 12 * index));
  const tar = concatBytes([header, more, toBytes('abcdef'), new Uint8Array(506)]);
  const content = read(tar, { sizes: [64] }).files.get('sparse') ?? '';
  assert.equal(content.replaceAll('\0', '.'), `a.........b.........c.........d.........e.........f.........`);
});

test('PAX sparse files, forms 0.0, 0.1 and 1.0', () => {
  const zero = concatBytes([
    tarEntry(
      { name: 'PaxHeaders/x', type: 'x' },
      [
        'GNU.sparse.size=10',
        'GNU.sparse.offset=1',
        'GNU.sparse.numbytes=2',
        'GNU.sparse.offset=8',
        'GNU.sparse.numbytes=1',
      ]
        .map((record) => `${record.length + 4} ${record}\n`)
        .join(''),
    ),
    tarEntry({ name: 'sparse', type: '0' }, 'abc'),
  ]);
  const zeroOne = concatBytes([
    paxHeader({ 'GNU.sparse.map': '1,2,8,1', 'GNU.sparse.size': '10', 'GNU.sparse.name': 'sparse' }),
    tarEntry({ name: 'GNUSparseFile.1/sparse', type: '0' }, 'abc'),
  ]);
  const map = new Uint8Array(512);
  map.set(toBytes('2\n1\n2\n8\n1\n'));
  const one = concatBytes([
    paxHeader({
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.realsize': '10',
      'GNU.sparse.name': 'sparse',
    }),
    tarEntry({ name: 'GNUSparseFile.1/sparse', type: '0' }, concatBytes([map, toBytes('abc')])),
  ]);
  for (const tar of [zero, zeroOne, one]) {
    const found = read(tar, { sizes: [77] });
    assert.deepEqual(found.entries, ['file sparse 10']);
    assert.equal(found.files.get('sparse')?.replaceAll('\0', '.'), '.ab.....c.');
  }
});

test('sparse maps that lie are errors', () => {
  const maps = ['5,2,1,2', '0,20', '0,4', '0,1', '1,2,8', 'x,1', '', '9007199254740992,1'];
  for (const map of maps) {
    const tar = concatBytes([
      paxHeader({ 'GNU.sparse.map': map, 'GNU.sparse.size': '10', comment: 'x' }),
      tarEntry({ name: 'sparse', type: '0' }, map === '0,1' ? 'x'.repeat(600) : 'abc'),
    ]);
    if (map === '') assert.equal(read(tar).files.get('sparse'), 'abc');
    else assert.throws(() => read(tar), { code: 'INVALID' }, map);
  }
  const huge = concatBytes([
    paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '10' }),
    tarEntry({ name: 'sparse', type: '0' }, '999999999\n1\n'),
  ]);
  fails(huge, 'INVALID');
});

test('a sparse file that claims to be huge takes no memory', () => {
  const tar = concatBytes([
    paxHeader({ 'GNU.sparse.map': '0,3', 'GNU.sparse.size': '8000000000000' }),
    tarEntry({ name: 'sparse', type: '0' }, 'abc'),
  ]);
  assert.deepEqual(read(tar).tooLarge, ['sparse']);
});

test('readTarDirectory finds the same entries by seeking', () => {
  const tar = buildTar(items, { longNames: 'gnu' });
  const archive = {
    size: tar.length,
    read: (position: number, length: number) => tar.subarray(position, position + length),
  };
  const members = readTarDirectory(archive);
  assert.deepEqual(
    members.map((member) => member.entry),
    read(tar).full,
  );
  const found = members.find((member) => member.entry.path === 'etc/os-release');
  assert.ok(found);
  assert.equal(
    new TextDecoder().decode(tar.subarray(found.dataFrom, found.dataFrom + found.entry.storedBytes)),
    'ID=alpine\n',
  );
  assert.throws(() => readTarDirectory(archive, { maxEntries: 3 }), { code: 'LIMIT_EXCEEDED' });
  const cut = { ...archive, size: 2000 };
  assert.throws(() => readTarDirectory(cut), { code: 'TRUNCATED' });
});

test('reads what tar itself writes, in all its formats', (t) => {
  if (spawnSync('tar', ['--version']).status !== 0) return t.skip('no tar program here');
  const names = ['src/formats/tar.test.ts', 'src/formats/README.md'];
  for (const format of ['gnu', 'posix', 'ustar', 'v7', 'oldgnu']) {
    const made = spawnSync('tar', [`--format=${format}`, '-cf', '-', ...names], {
      cwd: process.env['TIDEWAITER_REPO'] ?? process.cwd(),
      maxBuffer: 1 << 26,
    });
    assert.deepEqual(
      read(made.stdout).full.map((entry) => entry.path),
      names,
      format,
    );
  }
});
