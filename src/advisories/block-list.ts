import { createHash } from 'node:crypto';
import { FormatError, type RandomAccess } from '../core/index.js';

/**
 * The hashes of an installed database: of the whole file, of every block, and of `metadata.json`. Its own SHA-256 is the
 * name of the folder that all three lie in, so that none of them can change unnoticed.
 *
 * Bytes: `TWBLOCK1`, block size (4, little endian), flags (4; 1: metadata exists), file size (8), SHA-256 of the file,
 * SHA-256 of the metadata (zeros without one), then SHA-256 of each block in order.
 */
export interface BlockList {
  readonly blockBytes: number;
  readonly fileBytes: number;
  readonly fileHash: Uint8Array;
  readonly metadataHash: Uint8Array | undefined;
  /** 32 bytes a block. */
  readonly blockHashes: Uint8Array;
}

const magic = 'TWBLOCK1';
const hashBytes = 32;
const headerBytes = 24 + 2 * hashBytes;

/** Bytes that one hash covers: small enough that a first read costs little, large enough that the list stays short. */
export const defaultBlockBytes = 32 * 1024;

/** A list longer than this (a database of 64 GiB) is refused unread. */
export const maxBlockListBytes = headerBytes + hashBytes * 2 * 1024 * 1024;

export function encodeBlockList(list: BlockList): Uint8Array {
  const bytes = new Uint8Array(headerBytes + list.blockHashes.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(magic));
  view.setUint32(8, list.blockBytes, true);
  view.setUint32(12, list.metadataHash ? 1 : 0, true);
  view.setBigUint64(16, BigInt(list.fileBytes), true);
  bytes.set(list.fileHash, 24);
  bytes.set(list.metadataHash ?? new Uint8Array(hashBytes), 24 + hashBytes);
  bytes.set(list.blockHashes, headerBytes);
  return bytes;
}

/** @throws FormatError if the bytes are no such list. */
export function decodeBlockList(bytes: Uint8Array): BlockList {
  if (bytes.length < headerBytes || new TextDecoder().decode(bytes.subarray(0, 8)) !== magic) {
    throw new FormatError('INVALID', 'not a list of block hashes');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blockBytes = view.getUint32(8, true);
  const fileBytes = Number(view.getBigUint64(16, true));
  const blockHashes = bytes.subarray(headerBytes);
  if (blockBytes === 0 || blockHashes.length !== Math.ceil(fileBytes / blockBytes) * hashBytes) {
    throw new FormatError('INVALID', 'a list of block hashes of the wrong length');
  }
  const metadataHash = view.getUint32(12, true) === 1 ? bytes.subarray(24 + hashBytes, headerBytes) : undefined;
  return { blockBytes, fileBytes, fileHash: bytes.subarray(24, 24 + hashBytes), metadataHash, blockHashes };
}

/** Collects the hashes of a file that comes in pieces. */
export class BlockHasher {
  readonly #whole = createHash('sha256');
  readonly #hashes: Uint8Array[] = [];
  readonly #blockBytes: number;
  #block = createHash('sha256');
  #inBlock = 0;
  #bytes = 0;

  constructor(blockBytes: number = defaultBlockBytes) {
    this.#blockBytes = blockBytes;
  }

  update(piece: Uint8Array): void {
    this.#whole.update(piece);
    this.#bytes += piece.length;
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + this.#blockBytes - this.#inBlock);
      this.#block.update(part);
      this.#inBlock += part.length;
      at += part.length;
      if (this.#inBlock === this.#blockBytes) this.#endBlock();
    }
  }

  finish(metadata: Uint8Array | undefined): BlockList {
    if (this.#inBlock > 0) this.#endBlock();
    const blockHashes = new Uint8Array(this.#hashes.length * hashBytes);
    this.#hashes.forEach((hash, i) => blockHashes.set(hash, i * hashBytes));
    return {
      blockBytes: this.#blockBytes,
      fileBytes: this.#bytes,
      fileHash: this.#whole.digest(),
      metadataHash: metadata && sha256(metadata),
      blockHashes,
    };
  }

  #endBlock(): void {
    this.#hashes.push(this.#block.digest());
    this.#block = createHash('sha256');
    this.#inBlock = 0;
  }
}

/** Reads through a block list: every block is checked whenever it comes from the disk. */
export class VerifiedAccess implements RandomAccess {
  readonly size: number;
  readonly #inner: RandomAccess;
  readonly #list: BlockList;
  readonly #kept = new Map<number, Uint8Array>();

  /** @throws FormatError if the sizes differ. */
  constructor(inner: RandomAccess, list: BlockList) {
    if (inner.size !== list.fileBytes) {
      throw new FormatError('INVALID', `it has ${inner.size} bytes and was installed with ${list.fileBytes}`);
    }
    this.size = inner.size;
    this.#inner = inner;
    this.#list = list;
  }

  /** @throws FormatError `INVALID` if a block is not what was installed. */
  read(position: number, length: number): Uint8Array {
    const { blockBytes } = this.#list;
    if (position < 0 || position + length > this.size) {
      throw new FormatError('TRUNCATED', `bytes ${position} to ${position + length} are past the end of the file`);
    }
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const index = Math.floor((position + done) / blockBytes);
      const block = this.#block(index);
      const from = position + done - index * blockBytes;
      const part = block.subarray(from, from + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  #block(index: number): Uint8Array {
    const known = this.#kept.get(index);
    if (known) return known;
    const { blockBytes, blockHashes } = this.#list;
    const start = index * blockBytes;
    const block = this.#inner.read(start, Math.min(blockBytes, this.size - start));
    if (!equalBytes(sha256(block), blockHashes.subarray(index * hashBytes, (index + 1) * hashBytes))) {
      throw new FormatError('INVALID', `bytes ${start} to ${start + block.length} are not what was installed`);
    }
    this.#kept.set(index, block);
    if (this.#kept.size > keptBlocks) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    return block;
  }
}

const keptBlocks = 64;

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
