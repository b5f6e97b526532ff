import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BoltBucketWriter, BoltWriter, compareBytes } from '../../src/formats/index.js';
import { type ImageSpec, ociLayoutFiles } from './image-builder.js';
import { toBytes } from './tar-writer.js';

/** An image in a containerd store that a test lays out. */
export interface ContainerdSpec {
  /** Default `k8s.io`. */
  readonly namespace?: string;
  /** Records that lead to it: `docker.io/library/alpine:3.14`, `sha256:...`. */
  readonly names: readonly string[];
  /** Several: an index of them. */
  readonly image: ImageSpec | readonly ImageSpec[];
  /** Digests of blobs that are not there. */
  readonly without?: readonly string[];
  /** Contents that stand in the place of blobs, by digest. */
  readonly forged?: ReadonlyMap<string, Uint8Array>;
}

/** Buckets are objects. */
export type BoltTree = { readonly [key: string]: BoltTree | Uint8Array };

const metadataPath = 'io.containerd.metadata.v1.bolt/meta.db';

/** Writes the metadata and the content of a containerd, as one leaves them when it stops. */
export function writeContainerdStore(root: string, images: readonly ContainerdSpec[]): void {
  const namespaces = new Map<string, { images: Record<string, BoltTree>; blobs: Record<string, BoltTree> }>();
  for (const image of images) {
    const files = layoutOf(image);
    const [target] = readIndex(files.get('index.json'));
    const name = image.namespace ?? 'k8s.io';
    const namespace = namespaces.get(name) ?? { images: {}, blobs: {} };
    namespaces.set(name, namespace);
    for (const record of image.names) if (target) namespace.images[record] = { target: targetOf(target) };
    for (const [path, bytes] of files) {
      if (!path.startsWith('blobs/')) continue;
      const digest = path.slice('blobs/'.length).replace('/', ':');
      namespace.blobs[digest] = { size: varint(bytes.length), labels: labelsOf(bytes) };
      writeInto(join(root, 'io.containerd.content.v1.content', path), image.forged?.get(digest) ?? bytes);
    }
  }
  const tree: Record<string, BoltTree | Uint8Array> = { version: varint(6) };
  for (const [name, { images: records, blobs }] of namespaces) {
    tree[name] = { images: records, content: { blob: blobs }, leases: {} };
  }
  writeBolt(join(root, metadataPath), { v1: tree });
}

/** Writes a bbolt file. */
export function writeBolt(path: string, tree: BoltTree): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  const writer = new BoltWriter({ write: (position, bytes) => void writeSync(file, bytes, 0, bytes.length, position) });
  fill(writer.root, tree);
  writer.finish();
  closeSync(file);
}

/** A number as Go's `binary.PutVarint` writes it. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

interface Named {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function fill(bucket: BoltBucketWriter, tree: BoltTree): void {
  const keys = Object.keys(tree).map((key) => ({ key, bytes: toBytes(key) }));
  for (const { key, bytes } of keys.toSorted((a, b) => compareBytes(a.bytes, b.bytes))) {
    const value = tree[key];
    if (value instanceof Uint8Array) bucket.put(bytes, value);
    else if (value) bucket.bucket(bytes, (nested) => fill(nested, value));
  }
}

function layoutOf({ image, without }: ContainerdSpec): ReadonlyMap<string, Uint8Array> {
  const isList = Array.isArray(image);
  return ociLayoutFiles(image, { index: isList ? 'nested' : 'flat', ...(without ? { without } : {}) });
}

function readIndex(bytes: Uint8Array | undefined): readonly Named[] {
  const document = JSON.parse(new TextDecoder().decode(bytes)) as { manifests: readonly Named[] };
  return document.manifests;
}

function targetOf({ digest, mediaType, size }: Named): BoltTree {
  return { digest: toBytes(digest), mediatype: toBytes(mediaType), size: varint(size) };
}

/** What keeps blobs from being collected as garbage says what they lead to. */
function labelsOf(bytes: Uint8Array): BoltTree {
  const labels: Record<string, Uint8Array> = {};
  const add = (kind: string, digest: string) => {
    labels[`containerd.io/gc.ref.content.${kind}`] = toBytes(digest);
  };
  if (bytes[0] !== 0x7b) return labels;
  const document = JSON.parse(new TextDecoder().decode(bytes)) as Partial<{
    manifests: readonly Named[];
    config: Partial<Named>;
    layers: readonly Named[];
  }>;
  document.manifests?.forEach(({ digest }, index) => add(`m.${index}`, digest));
  if (document.config?.digest) add('config', document.config.digest);
  document.layers?.forEach(({ digest }, index) => add(`l.${index}`, digest));
  return labels;
}

function writeInto(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
