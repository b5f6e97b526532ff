import assert from 'node:assert/strict';
import { openSync, readFileSync, closeSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type BoltTree, writeBolt } from '../../../test/support/containerd-store.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { toBytes } from '../../../test/support/tar-writer.js';
import { createContext, FormatError } from '../../core/index.js';
import type { BoltBucket } from '../../formats/index.js';
import { readContainerdMetadata } from './containerd-metadata.js';

const pageSize = 4096;

function store(t: { after(run: () => void): void }) {
  const folder = temporaryFolder(t);
  const file = join(folder, 'meta.db');
  let transaction = 10;
  /** Writes over the file as a transaction does that comes after `steps` others. */
  const write = (value: string, steps = 1) => {
    const fresh = join(folder, 'fresh.db');
    writeBolt(fresh, treeOf(value));
    const bytes = new Uint8Array(readFileSync(fresh));
    transaction += steps;
    setTransactions(bytes, BigInt(transaction));
    const handle = openSync(file, 'a+');
    closeSync(handle);
    const over = openSync(file, 'r+');
    writeSync(over, bytes, 0, bytes.length, 0);
    closeSync(over);
  };
  return { file, write };
}

const treeOf = (value: string): BoltTree => ({ a: { value: toBytes(value) }, b: { value: toBytes(value) } });

const valueIn = (root: BoltBucket, bucket: string) =>
  new TextDecoder().decode(root.bucket(toBytes(bucket))?.get(toBytes('value')));

test('what is written over while it is read is read again', async (t) => {
  const { file, write } = store(t);
  write('one');
  let reads = 0;
  const pair = await readContainerdMetadata(createContext(), file, (root) => {
    const first = valueIn(root, 'a');
    if (reads++ < 3) write(`more ${reads}`);
    return [first, valueIn(root, 'b')];
  });
  assert.deepEqual(pair, ['more 3', 'more 3']);
  assert.equal(reads, 4);
});

test('an error from pages that were written over meanwhile is none', async (t) => {
  const { file, write } = store(t);
  write('one');
  let reads = 0;
  const value = await readContainerdMetadata(createContext(), file, (root) => {
    if (reads++ > 0) return valueIn(root, 'a');
    write('two');
    throw new FormatError('INVALID', 'a page of another time');
  });
  assert.equal(value, 'two');
});

test('a file that changes whenever it is read is given up', async (t) => {
  const { file, write } = store(t);
  write('one');
  let reads = 0;
  const reading = readContainerdMetadata(createContext(), file, () => write(`again ${reads++}`));
  await assert.rejects(reading, { code: 'SOURCE_FAILED' });
  assert.ok(reads > 10 && reads < 100);
});

test('an error from pages that nobody touched is told at once', async (t) => {
  const { file, write } = store(t);
  write('one');
  let reads = 0;
  const reading = readContainerdMetadata(createContext(), file, () => {
    reads++;
    throw new FormatError('INVALID', 'damaged');
  });
  await assert.rejects(reading, { code: 'SOURCE_FAILED' });
  assert.equal(reads, 1);
});

test('a first page that is torn leaves the other one, and both leave nothing', async (t) => {
  const { file, write } = store(t);
  write('one');
  const bytes = readFileSync(file);
  const torn = (pages: readonly number[]) => {
    const copy = Buffer.from(bytes);
    for (const page of pages) copy.fill(0xff, page * pageSize + 40, page * pageSize + 60);
    writeFileSync(file, copy);
  };
  const value = () => readContainerdMetadata(createContext(), file, (root) => valueIn(root, 'a'));
  torn([0]);
  assert.equal(await value(), 'one');
  torn([1]);
  assert.equal(await value(), 'one');
  torn([0, 1]);
  await assert.rejects(value(), { code: 'SOURCE_FAILED' });
});

test('whoever cancels is heard', async (t) => {
  const { file, write } = store(t);
  write('one');
  const stop = new AbortController();
  const reading = readContainerdMetadata(createContext({ signal: stop.signal }), file, () => {
    write('more');
    stop.abort();
  });
  await assert.rejects(reading, { name: 'AbortError' });
});

/** Both meta pages say the transaction's number, and its checksum holds. */
function setTransactions(bytes: Uint8Array, transaction: bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const at of [0, pageSize]) {
    view.setBigUint64(at + 64, transaction, true);
    let hash = 0xcbf29ce484222325n;
    for (const byte of bytes.subarray(at + 16, at + 72)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
    view.setBigUint64(at + 72, hash, true);
  }
}
