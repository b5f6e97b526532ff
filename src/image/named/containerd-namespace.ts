import { FormatError } from '../../core/index.js';
import type { BoltBucket } from '../../formats/index.js';
import { type Digest, parseDigest } from '../../reference/index.js';

/** What an image record of containerd leads to. */
export interface ContainerdTarget {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

export interface ContainerdRecord {
  readonly name: string;
  readonly target: ContainerdTarget;
}

const mostRecords = 100_000;
const mostNamespaces = 1000;
/** Blobs that are looked at to find what a record leads to: a bound for indexes that name one another. */
const mostBlobs = 5000;
const deepestBlob = 6;

/** The bucket of the only schema version there is. */
export function namespacesOf(root: BoltBucket): readonly string[] {
  const names: string[] = [];
  for (const { key, value } of versionOf(root).entries()) {
    if (value === undefined && names.push(decode(key)) >= mostNamespaces) break;
  }
  return names;
}

/**
 * The images of one namespace in containerd's metadata:
 * `v1/NAMESPACE/images/NAME/target/{digest,mediatype,size}`, and the labels of blobs, which say what they lead to.
 * https://github.com/containerd/containerd/blob/main/core/metadata/buckets.go
 */
export class ContainerdNamespace {
  readonly name: string;
  readonly #images: BoltBucket | undefined;
  readonly #blobs: BoltBucket | undefined;

  private constructor(name: string, bucket: BoltBucket) {
    this.name = name;
    this.#images = bucket.bucket(encode('images'));
    this.#blobs = bucket.bucket(encode('content'))?.bucket(encode('blob'));
  }

  static of(root: BoltBucket, name: string): ContainerdNamespace | undefined {
    const bucket = name === '' ? undefined : versionOf(root).bucket(encode(name));
    return bucket && new ContainerdNamespace(name, bucket);
  }

  find(name: string): ContainerdRecord | undefined {
    const bucket = name === '' ? undefined : this.#images?.bucket(encode(name));
    if (!bucket) return undefined;
    const record = tryRecord(name, bucket);
    if (record) return record;
    throw new FormatError('INVALID', `the record of image ${name} has no target`);
  }

  /** Records whose names begin so, in byte order of the names. */
  *startingWith(prefix: string): Generator<ContainerdRecord> {
    if (!this.#images) return;
    const from = encode(prefix);
    let count = 0;
    for (const { key, value } of this.#images.entries(from.length > 0 ? from : undefined)) {
      const name = decode(key);
      if (!name.startsWith(prefix)) return;
      if (++count > mostRecords) throw new FormatError('LIMIT_EXCEEDED', `more than ${mostRecords} images`);
      const record = value === undefined ? tryRecord(name, this.#images.bucket(key)) : undefined;
      if (record) yield record;
    }
  }

  /** The first digest below a blob that passes, by what the labels say: manifests and configs, not layers. */
  findBelow(top: Digest, passes: (digest: Digest) => boolean): Digest | undefined {
    let level: readonly Digest[] = [top];
    const seen = new Set<Digest>(level);
    for (let depth = 0; depth < deepestBlob && level.length > 0; depth++) {
      const next: Digest[] = [];
      for (const digest of level.flatMap((above) => [...this.#childrenOf(above)])) {
        if (seen.has(digest)) continue;
        if (passes(digest)) return digest;
        if (seen.size >= mostBlobs) return undefined;
        seen.add(digest);
        next.push(digest);
      }
      level = next;
    }
    return undefined;
  }

  *#childrenOf(digest: Digest): Generator<Digest> {
    const labels = this.#blobs?.bucket(encode(digest))?.bucket(encode('labels'));
    const prefix = 'containerd.io/gc.ref.content.';
    for (const { key, value } of labels?.entries(encode(prefix)) ?? []) {
      const label = decode(key);
      if (!label.startsWith(prefix)) return;
      const child = value && tryDigest(decode(value));
      if (child && !label.startsWith(`${prefix}l.`)) yield child;
    }
  }
}

function versionOf(root: BoltBucket): BoltBucket {
  const version = root.bucket(encode('v1'));
  if (!version) throw new FormatError('UNSUPPORTED', 'it has no records of version 1');
  return version;
}

function tryRecord(name: string, bucket: BoltBucket | undefined): ContainerdRecord | undefined {
  const target = bucket?.bucket(encode('target'));
  const digest = tryDigest(textAt(target, 'digest'));
  const size = target?.get(encode('size'));
  const sizeBytes = size && readVarint(size);
  if (!digest || sizeBytes === undefined) return undefined;
  return { name, target: { digest, mediaType: textAt(target, 'mediatype'), sizeBytes } };
}

function textAt(bucket: BoltBucket | undefined, key: string): string {
  return decode(bucket?.get(encode(key)) ?? new Uint8Array());
}

/** A number that is not negative, as Go's `binary.PutVarint` writes it: twice the number, seven bits a byte. */
function readVarint(bytes: Uint8Array): number | undefined {
  let twice = 0;
  let scale = 1;
  for (const byte of bytes.subarray(0, 8)) {
    twice += (byte & 0x7f) * scale;
    if (byte < 0x80) return Number.isSafeInteger(twice) && twice % 2 === 0 ? twice / 2 : undefined;
    scale *= 128;
  }
  return undefined;
}

function tryDigest(text: string): Digest | undefined {
  try {
    return parseDigest(text);
  } catch {
    return undefined;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
