import { hash } from 'node:crypto';
import type { Package } from '../ecosystems/index.js';
import { parseJson } from '../formats/index.js';
import type { LayerFacts } from './layer-facts.js';
import { readHead } from './facts-head.js';
import { PathListing } from './path-listing.js';

/** Four characters that name the form; a new form gets a new last one. */
const sign = 'TWL1';
const checksumBytes = 16;
const headerBytes = sign.length + checksumBytes + 8;
const maxHeadBytes = 512 * 1024 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The facts of a layer as bytes: sign, checksum, two lengths, a JSON head, the files that packages own, the listing. The
 * files are most of it and are seldom asked for, so that they stand apart and are decoded when somebody looks.
 */
export function encodeLayerFacts(facts: LayerFacts): Uint8Array {
  const files: string[] = [];
  let filesLength = 0;
  const withoutFiles = (each: Package): unknown => {
    const { installedFiles, ...rest } = each;
    if (!installedFiles || installedFiles.length === 0) return rest;
    const text = installedFiles.join('\0');
    const start = filesLength;
    filesLength += Buffer.byteLength(text);
    files.push(text);
    return { ...rest, files: [start, filesLength] };
  };
  const { paths, lists, licenses, ...others } = facts;
  const head = encoder.encode(
    JSON.stringify({
      ...others,
      licenses: [...licenses],
      lists: lists.map((list) => ({ ...list, packages: list.packages.map(withoutFiles) })),
    }),
  );
  return assemble(head, encoder.encode(files.join('')), paths.toBytes());
}

function assemble(head: Uint8Array, files: Uint8Array, listing: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes + head.length + files.length + listing.length);
  const view = new DataView(bytes.buffer);
  encoder.encodeInto(sign, bytes);
  view.setUint32(headerBytes - 8, head.length);
  view.setUint32(headerBytes - 4, files.length);
  bytes.set(head, headerBytes);
  bytes.set(files, headerBytes + head.length);
  bytes.set(listing, headerBytes + head.length + files.length);
  bytes.set(checksumOf(bytes), sign.length);
  return bytes;
}

/**
 * What `encodeLayerFacts` wrote; `undefined` for anything else: another form, a flipped bit, a cut. The result keeps the
 * bytes, which must not change any more.
 */
export function decodeLayerFacts(bytes: Uint8Array): LayerFacts | undefined {
  if (bytes.length < headerBytes || decoder.decode(bytes.subarray(0, sign.length)) !== sign) return undefined;
  const checksum = checksumOf(bytes);
  if (checksum.some((byte, i) => byte !== bytes[sign.length + i])) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headEnd = headerBytes + view.getUint32(headerBytes - 8);
  const filesEnd = headEnd + view.getUint32(headerBytes - 4);
  if (filesEnd > bytes.length) return undefined;
  const paths = PathListing.fromBytes(bytes.subarray(filesEnd));
  if (!paths) return undefined;
  try {
    const head = parseJson(bytes.subarray(headerBytes, headEnd), { maxBytes: maxHeadBytes });
    return readHead(head, { files: bytes.subarray(headEnd, filesEnd), paths });
  } catch {
    // Whatever is wrong with kept facts: they are made anew.
    return undefined;
  }
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes.subarray(sign.length + checksumBytes), 'buffer').subarray(0, checksumBytes);
}
