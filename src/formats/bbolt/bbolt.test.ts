import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FormatError, type RandomAccess } from '../../core/index.js';
import { fnv1a64 } from './layout.js';
import { type BoltBucket, type BoltBucketWriter, BoltDatabase, BoltWriter, compareBytes } from './index.js';

interface Tree {
  readonly [key: string]: string | Tree;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function write(tree: Tree, pageSize = 1024): Uint8Array {
  const pages = new Map<number, Uint8Array>();
  const writer = new BoltWriter({ write: (position, bytes) => pages.set(position, bytes) }, { pageSize });
  fill(writer.root, tree);
  const file = new Uint8Array(writer.finish());
  for (const [position, bytes] of pages) file.set(bytes, position);
  return file;
}

function fill(bucket: BoltBucketWriter, tree: Tree): void {
  const entries = Object.entries(tree).map(([key, value]) => ({ key: encode(key), value }));
  for (const { key, value } of entries.sort((a, b) => compareBytes(a.key, b.key))) {
    if (typeof value === 'string') bucket.put(key, encode(value));
    else bucket.bucket(key, (nested) => fill(nested, value));
  }
}

function accessTo(file: Uint8Array): RandomAccess {
  return {
    size: file.length,
    read(position, length) {
      if (position + length > file.length) throw new FormatError('TRUNCATED', 'past the end');
      return file.slice(position, position + length);
    },
  };
}

function open(file: Uint8Array): BoltBucket {
  return new BoltDatabase(accessTo(file), { cacheBytes: 8192 }).root;
}

function readAll(bucket: BoltBucket): Tree {
  const tree: Record<string, string | Tree> = {};
  for (const { key, value } of bucket.entries()) {
    const nested = value ? undefined : bucket.bucket(key);
    tree[decode(key)] = value ? decode(value) : readAll(nested ?? assert.fail('a bucket that does not open'));
  }
  return tree;
}

const numbered = (count: number, value: (i: number) => string): Tree =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${String(i).padStart(6, '0')}`, value(i)]));

test('what was written is read: empty, inline, one page, branches, overflow', () => {
  const tree = {
    empty: {},
    inline: { a: '1', b: '' },
    'one page': numbered(20, (i) => 'x'.repeat(i)),
    branches: numbered(3000, (i) => `value ${i}`),
    overflow: { big: 'y'.repeat(50_000), small: 'z', 'also big': 'w'.repeat(1024) },
    deeper: { below: { 'still below': { a: 'leaf' }, none: {} } },
  };
  assert.deepEqual(readAll(open(write(tree))), sorted(tree));
  assert.deepEqual(readAll(open(write(tree, 4096))), sorted(tree));
});

function sorted(tree: Tree): Tree {
  const keys = Object.keys(tree).sort((a, b) => compareBytes(encode(a), encode(b)));
  return Object.fromEntries(
    keys.map((key) => {
      const value = tree[key] ?? '';
      return [key, typeof value === 'string' ? value : sorted(value)];
    }),
  );
}

test('any tree comes back the same', () => {
  const key = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text !== '__proto__');
  const value = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.integer({ min: 0, max: 3000 }).map((length) => 'v'.repeat(length)),
  );
  const inner = fc.dictionary(key, value, { maxKeys: 60 });
  const middle = fc.dictionary(key, fc.oneof(value, inner), { maxKeys: 30 });
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(middle, inner), { maxKeys: 12 }), (tree) => {
      const plain = sorted(tree);
      assert.deepEqual(readAll(open(write(plain))), plain);
    }),
    { numRuns: 60 },
  );
});

test('sizes around the borders of inline buckets and pages', () => {
  for (const around of [1024 / 4, 1024, 2048]) {
    for (let size = around - 40; size <= around + 8; size++) {
      const tree = { bucket: { k: 'v'.repeat(Math.max(0, size - 33)) }, next: { k: '1' } };
      assert.deepEqual(readAll(open(write(tree))), tree);
    }
  }
});

test('look-ups find what is there and nothing else', () => {
  const root = open(write({ many: numbered(2000, String), other: { key: 'x', bucket: {} } }));
  const many = root.bucket(encode('many')) ?? assert.fail();
  for (let i = 0; i < 2000; i += 7) {
    assert.equal(decode(many.get(encode(`key-${String(i).padStart(6, '0')}`)) ?? assert.fail()), String(i));
  }
  for (const key of ['', 'key', 'key-', 'key-000000x', 'key-0019990', 'key-002000', 'zzz']) {
    assert.equal(many.get(encode(key)), undefined, key);
  }
  const other = root.bucket(encode('other')) ?? assert.fail();
  assert.equal(other.get(encode('bucket')), undefined, 'a bucket is no value');
  assert.equal(other.bucket(encode('key')), undefined, 'a value is no bucket');
  assert.equal(root.bucket(encode('none')), undefined);
});

test('a walk may start anywhere', () => {
  const many = open(write({ many: numbered(500, String) })).bucket(encode('many')) ?? assert.fail();
  const from = (key: string): readonly string[] => [...many.entries(encode(key))].map((entry) => decode(entry.key));
  assert.equal(from('').length, 500);
  assert.deepEqual(from('key-000498'), ['key-000498', 'key-000499']);
  assert.deepEqual(from('key-0004985'), ['key-000499']);
  assert.deepEqual(from('l'), []);
  for (let i = 0; i < 500; i += 13) assert.equal(from(`key-${String(i).padStart(6, '0')}`).length, 500 - i);
});

test('keys are bytes: they sort and compare as such', () => {
  const keys = ['\uffff', '\u{1f600}', 'z', 'Z', 'ä'];
  const root = open(write({ b: Object.fromEntries(keys.map((key) => [key, key])) }));
  const bucket = root.bucket(encode('b')) ?? assert.fail();
  assert.deepEqual(
    [...bucket.entries()].map(({ key }) => decode(key)),
    ['Z', 'z', 'ä', '\uffff', '\u{1f600}'],
  );
  for (const key of keys) assert.equal(decode(bucket.get(encode(key)) ?? assert.fail()), key);
});

test('keys out of order, empty or too long are refused by the writer', () => {
  const { root } = new BoltWriter({ write() {} });
  root.put(encode('b'), encode(''));
  const refused = (key: string): void => assert.throws(() => root.put(encode(key), encode('')), FormatError);
  refused('a');
  refused('b');
  refused('');
  refused('x'.repeat(32769));
});

test('either meta page is enough, the newer valid one counts', () => {
  const file = write({ a: { b: 'c' } });
  for (const broken of [0, 1024]) {
    const copy = file.slice();
    copy.fill(0, broken + 16, broken + 80);
    assert.deepEqual(readAll(open(copy)), { a: { b: 'c' } });
  }
  const both = file.slice();
  both.fill(0, 0, 2048);
  assert.throws(() => open(both), isFormatError('INVALID'));
});

test('a newer meta page with a wrong checksum is passed over', () => {
  const file = write({ a: { b: 'c' } });
  const view = new DataView(file.buffer);
  view.setBigUint64(1024 + 32, 999n, true);
  assert.deepEqual(readAll(open(file)), { a: { b: 'c' } });
});

test('the other byte order, other files and short files are refused', () => {
  const swapped = write({ a: {} });
  swapped.subarray(16, 20).reverse();
  assert.throws(() => open(swapped), isFormatError('UNSUPPORTED'));
  assert.throws(() => open(new Uint8Array(5000).fill(7)), isFormatError('INVALID'));
  assert.throws(() => open(new Uint8Array(10)), isFormatError('TRUNCATED'));
  const file = write({ a: numbered(100, String) });
  assert.throws(() => open(file.slice(0, file.length - 1)), isFormatError('TRUNCATED'));
});

function isFormatError(code: FormatError['code']): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof FormatError && thrown.code === code;
}

/** A file whose page 3 on is written by hand; both metas point to page 3. */
function craft(pages: readonly ((view: DataView, page: number) => void)[]): Uint8Array {
  const file = new Uint8Array((3 + pages.length) * 1024);
  file.set(write({}).subarray(0, 3 * 1024));
  for (const at of [0, 1024]) {
    const meta = new DataView(file.buffer, at, 1024);
    meta.setBigUint64(32, 3n, true);
    meta.setBigUint64(56, BigInt(3 + pages.length), true);
    meta.setBigUint64(72, fnv1a64(file.subarray(at + 16, at + 72)), true);
  }
  pages.forEach((make, i) => {
    const view = new DataView(file.buffer, (3 + i) * 1024, 1024);
    view.setBigUint64(0, BigInt(3 + i), true);
    make(view, 3 + i);
  });
  return file;
}

/** A branch whose children are these pages, under the keys a, b, c... */
const branch =
  (...children: readonly number[]) =>
  (view: DataView): void => {
    view.setUint16(8, 1, true);
    view.setUint16(10, children.length, true);
    children.forEach((child, i) => {
      const at = 16 + i * 16;
      view.setUint32(at, 512 + i - at, true);
      view.setUint32(at + 4, 1, true);
      view.setBigUint64(at + 8, BigInt(child), true);
      view.setUint8(512 + i, 97 + i);
    });
  };

const leaf =
  (change: (view: DataView) => void = () => {}) =>
  (view: DataView): void => {
    view.setUint16(8, 2, true);
    view.setUint16(10, 1, true);
    view.setUint32(20, 16, true);
    view.setUint32(24, 1, true);
    view.setUint32(28, 1, true);
    view.setUint8(32, 97);
    change(view);
  };

const hostile: readonly (readonly [string, Uint8Array])[] = [
  ['a page that is its own child', craft([branch(3, 3)])],
  ['two pages that are each other’s children', craft([branch(4), branch(3)])],
  ['a child past the end', craft([branch(99)])],
  ['a child that is a meta page', craft([branch(0)])],
  ['a child that is the freelist', craft([branch(2)])],
  ['a child beyond 2^53', craft([(view) => (branch(1)(view), view.setUint32(28, 0xffffffff, true))])],
  ['a branch without children', craft([branch()])],
  ['a page with another number', craft([(view) => (leaf()(view), view.setBigUint64(0, 9n, true))])],
  ['unknown flags', craft([leaf((view) => view.setUint16(8, 0x12, true))])],
  ['a count that does not fit', craft([leaf((view) => view.setUint16(10, 65000, true))])],
  ['an element that points outside', craft([leaf((view) => view.setUint32(20, 5000, true))])],
  ['an element that points into the header', craft([leaf((view) => view.setUint32(20, 0, true))])],
  ['a key of 4 GiB', craft([leaf((view) => view.setUint32(24, 0xffffffff, true))])],
  ['a value of 4 GiB', craft([leaf((view) => view.setUint32(28, 0xffffffff, true))])],
  ['an overflow past the end', craft([leaf((view) => view.setUint32(12, 0xfffffff0, true))])],
  ['a bucket without a header', craft([leaf((view) => view.setUint32(16, 1, true))])],
  ['a bucket that is the tree it stands in', craft([leaf(selfBucket)])],
];

/** A bucket whose tree is the page it stands in: opened again and again it never ends. */
function selfBucket(view: DataView): void {
  view.setUint32(16, 1, true);
  view.setUint32(28, 16, true);
  view.setBigUint64(33, 3n, true);
}

for (const [name, file] of hostile) {
  test(`hostile: ${name}`, () => {
    assert.throws(() => {
      const walk = (bucket: BoltBucket, depth: number): void => {
        if (depth > 100) throw new FormatError('LIMIT_EXCEEDED', 'the caller’s own bound');
        for (const { key, value } of bucket.entries()) if (!value) walk(bucket.bucket(key) ?? assert.fail(), depth + 1);
      };
      walk(open(file), 0);
    }, FormatError);
    try {
      open(file).get(encode('a'));
      open(file).bucket(encode('a'))?.get(encode('a'));
    } catch (thrown) {
      assert.ok(thrown instanceof FormatError, String(thrown));
    }
  });
}

test('a tree that shares its pages is not walked more often than it has pages', () => {
  const levels = Array.from({ length: 30 }, (_, i) => branch(4 + i, 4 + i));
  assert.throws(() => [...open(craft([...levels, leaf()])).entries()], FormatError);
});

test('an overflow that claims a huge file is refused before it is read', () => {
  const pages = 200_000;
  const small = craft([leaf((view) => view.setUint32(12, pages - 10, true))]);
  const view = new DataView(small.buffer);
  for (const at of [0, 1024]) {
    view.setBigUint64(at + 56, BigInt(pages), true);
    view.setBigUint64(at + 72, fnv1a64(small.subarray(at + 16, at + 72)), true);
  }
  const inner = accessTo(small);
  const claimed: RandomAccess = {
    size: pages * 1024,
    read: (position, length) => (length > 1024 ? assert.fail('read in one piece') : inner.read(position, length)),
  };
  assert.throws(() => [...new BoltDatabase(claimed).root.entries()], isFormatError('LIMIT_EXCEEDED'));
});

test('flipped bytes end in an error of ours or in an answer', () => {
  const tree = { p: { inline: { a: '1' }, large: numbered(300, String) }, q: numbered(50, String) };
  const file = write(tree);
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let i = 0; i < 3000; i++) {
    const copy = file.slice();
    const at = random(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    try {
      walkBounded(open(copy), 0);
    } catch (thrown) {
      assert.ok(thrown instanceof FormatError, `byte ${at}: ${String(thrown)}`);
    }
  }
});

function walkBounded(bucket: BoltBucket, depth: number): void {
  if (depth > 5) return;
  for (const { key, value } of bucket.entries()) {
    const nested = value ? undefined : bucket.bucket(key);
    if (nested) walkBounded(nested, depth + 1);
  }
}
