import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type PathKind, PathListing } from './path-listing.js';

const kinds: readonly PathKind[] = ['file', 'directory', 'symlink', 'hardlink', 'device', 'whiteout', 'opaque'];
const paths = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom('a', 'usr', 'lib', 'é')).map((parts) => parts.join('/')),
);
const entries = fc.array(fc.tuple(paths, fc.constantFrom(...kinds)).map(([path, kind]) => ({ path, kind })));

test('gives back every path and kind in order, before and after it was bytes', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const listing = listingOf(list);
      assert.deepEqual([...listing], list);
      assert.equal(listing.count, list.length);
      const read = PathListing.fromBytes(listing.toBytes());
      assert.deepEqual([...(read ?? [])], list);
      assert.equal(read?.count, list.length);
    }),
  );
});

test('goes on where it was read', () => {
  const read = PathListing.fromBytes(listingOf([{ path: 'a/b', kind: 'file' }]).toBytes());
  read?.add('a/c', 'directory');
  assert.deepEqual(
    [...(read ?? [])],
    [
      { path: 'a/b', kind: 'file' },
      { path: 'a/c', kind: 'directory' },
    ],
  );
});

test('costs about a dozen bytes a path, over many chunks', () => {
  const listing = new PathListing();
  for (let i = 0; i < 200_000; i++) listing.add(`srv/data/${Math.floor(i / 1000)}/file-${i}.bin`, 'file');
  const bytes = listing.toBytes();
  assert.ok(bytes.length < 200_000 * 20, `${bytes.length}`);
  let count = 0;
  let last = '';
  listing.walk((cursor) => {
    count++;
    if (count === 200_000) last = new TextDecoder().decode(cursor.bytes.subarray(0, cursor.length));
  });
  assert.equal(count, 200_000);
  assert.equal(last, 'srv/data/199/file-199999.bin');
});

test('keeps a path longer than a chunk', () => {
  const path = 'x/'.repeat(8000);
  assert.deepEqual([...listingOf([{ path, kind: 'file' }])], [{ path, kind: 'file' }]);
});

test('refuses bytes that are no whole listing', () => {
  const whole = listingOf([
    { path: 'a/bc', kind: 'file' },
    { path: 'a/bcd', kind: 'file' },
  ]).toBytes();
  assert.equal(PathListing.fromBytes(whole.subarray(0, whole.length - 1)), undefined);
  assert.equal(PathListing.fromBytes(Uint8Array.of(7, 0)), undefined, 'a kind that does not exist');
  assert.equal(PathListing.fromBytes(Uint8Array.of(80, 0)), undefined, 'more shared bytes than there are');
  assert.equal(PathListing.fromBytes(Uint8Array.of(255, 255, 255, 255, 255, 1)), undefined, 'a number without end');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const listing = PathListing.fromBytes(bytes);
      if (listing) assert.equal([...listing].length, listing.count);
    }),
  );
});

function listingOf(list: readonly { readonly path: string; readonly kind: PathKind }[]): PathListing {
  const listing = new PathListing();
  for (const { path, kind } of list) listing.add(path, kind);
  return listing;
}
