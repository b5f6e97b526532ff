/** One entry of a tar file to be made. Exactly one of the members that say what it is. */
export type TarItem = TarMetadata &
  (
    | { readonly path: string; readonly content: string | Uint8Array }
    | { readonly path: string; readonly dir: true }
    /** Symbolic link. */
    | { readonly path: string; readonly link: string }
    /** Hard link to a path of the same layer. */
    | { readonly path: string; readonly hardlink: string }
    | { readonly path: string; readonly device: 'character' | 'block' | 'fifo' }
    /** The path that lower layers have is gone. */
    | { readonly path: string; readonly whiteout: true }
    /** What lower layers have in this directory is gone. */
    | { readonly path: string; readonly opaque: true }
    /** Bytes that go into the archive as they are: for headers that no writer would write. */
    | { readonly raw: Uint8Array }
  );

export interface TarMetadata {
  /** Default: 0755 for directories, 0777 for links, 0644 for the rest. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; default 0. */
  readonly mtime?: number;
}

export interface TarOptions {
  /** Put in front of every entry's name, `./` say. */
  readonly prefix?: string;
  /** How names of more than 100 bytes are written; default `pax`. */
  readonly longNames?: 'pax' | 'gnu';
  /** Default true: two zero blocks at the end. */
  readonly endMarker?: boolean;
}

/** The fields of one tar header as they are to be written, sensible or not. */
export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly size?: number | Uint8Array;
  readonly linkName?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  /** What stands at byte 257, 8 bytes; default the ustar magic and version. */
  readonly magic?: string;
  readonly checksum?: number;
  readonly ustarPrefix?: string;
  /** Bytes to put anywhere in the header before its checksum is made. */
  readonly patch?: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

const encoder = new TextEncoder();

/** A tar file of the items, in their order; nothing is added, so parents that should have entries must be listed. */
export function buildTar(items: readonly TarItem[], options: TarOptions = {}): Uint8Array {
  const parts = items.flatMap((item) => entryParts(item, options));
  if (options.endMarker !== false) parts.push(new Uint8Array(1024));
  return concatBytes(parts);
}

/** One 512-byte header block with a right checksum, unless one is given. */
export function tarHeader(header: TarHeader): Uint8Array {
  const block = new Uint8Array(512);
  putText(block, 0, 100, header.name);
  putOctal(block, 100, 8, header.mode ?? 0o644);
  putOctal(block, 108, 8, header.uid ?? 0);
  putOctal(block, 116, 8, header.gid ?? 0);
  if (header.size instanceof Uint8Array) block.set(header.size, 124);
  else putOctal(block, 124, 12, header.size ?? 0);
  putOctal(block, 136, 12, header.mtime ?? 0);
  block[156] = header.type.charCodeAt(0);
  putText(block, 157, 100, header.linkName ?? '');
  putText(block, 257, 8, header.magic ?? 'ustar\u000000');
  putText(block, 345, 155, header.ustarPrefix ?? '');
  for (const { at, bytes } of header.patch ?? []) block.set(bytes, at);
  block.fill(32, 148, 156);
  const sum = header.checksum ?? block.reduce((total, byte) => total + byte, 0);
  putText(block, 148, 8, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** A header and its data, padded to whole blocks. */
export function tarEntry(header: TarHeader, content: string | Uint8Array = ''): Uint8Array {
  const bytes = toBytes(content);
  return concatBytes([tarHeader({ size: bytes.length, ...header }), bytes, new Uint8Array(padding(bytes.length))]);
}

/** An extended header (`x` for the next entry, `g` for all that follow) with these records. */
export function paxHeader(records: Readonly<Record<string, string | Uint8Array>>, type: 'x' | 'g' = 'x'): Uint8Array {
  const lines = Object.entries(records).map(([key, value]) => paxRecord(key, toBytes(value)));
  return tarEntry({ name: 'PaxHeaders/entry', type }, concatBytes(lines));
}

/** A GNU header that carries the long name (`L`) or link target (`K`) of the next entry. */
export function gnuLongName(name: string, type: 'L' | 'K' = 'L'): Uint8Array {
  return tarEntry({ name: '././@LongLink', type, magic: 'ustar  \0' }, `${name}\0`);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content;
}

function entryParts(item: TarItem, options: TarOptions): Uint8Array[] {
  if ('raw' in item) return [item.raw];
  const content = 'content' in item ? toBytes(item.content) : new Uint8Array();
  const name = `${options.prefix ?? ''}${entryName(item)}`;
  const linkName = 'link' in item ? item.link : 'hardlink' in item ? `${options.prefix ?? ''}${item.hardlink}` : '';
  const header = tarHeader({
    name: clip(name),
    linkName: clip(linkName),
    type: entryType(item),
    size: content.length,
    mode: item.mode ?? ('dir' in item ? 0o755 : 'link' in item ? 0o777 : 0o644),
    uid: item.uid ?? 0,
    gid: item.gid ?? 0,
    mtime: item.mtime ?? 0,
  });
  return [...longNameParts(name, linkName, options), header, content, new Uint8Array(padding(content.length))];
}

function longNameParts(name: string, linkName: string, options: TarOptions): Uint8Array[] {
  const long = { path: tooLong(name), linkpath: tooLong(linkName) };
  if (options.longNames === 'gnu') {
    return [...(long.linkpath ? [gnuLongName(linkName, 'K')] : []), ...(long.path ? [gnuLongName(name)] : [])];
  }
  const records = { ...(long.path ? { path: name } : {}), ...(long.linkpath ? { linkpath: linkName } : {}) };
  return Object.keys(records).length > 0 ? [paxHeader(records)] : [];
}

function entryName(item: Exclude<TarItem, { readonly raw: Uint8Array }>): string {
  if ('dir' in item) return item.path.endsWith('/') ? item.path : `${item.path}/`;
  if ('opaque' in item) return item.path === '' ? '.wh..wh..opq' : `${item.path}/.wh..wh..opq`;
  if (!('whiteout' in item)) return item.path;
  const slash = item.path.lastIndexOf('/') + 1;
  return `${item.path.slice(0, slash)}.wh.${item.path.slice(slash)}`;
}

function entryType(item: Exclude<TarItem, { readonly raw: Uint8Array }>): string {
  if ('dir' in item) return '5';
  if ('link' in item) return '2';
  if ('hardlink' in item) return '1';
  if ('device' in item) return { character: '3', block: '4', fifo: '6' }[item.device];
  return '0';
}

function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const body = concatBytes([toBytes(` ${key}=`), value, toBytes('\n')]);
  let length = body.length + 1;
  while (String(length).length + body.length > length) length++;
  return concatBytes([toBytes(String(length)), body]);
}

function tooLong(name: string): boolean {
  return encoder.encode(name).length > 100;
}

function clip(name: string): string {
  return tooLong(name) ? name.slice(0, 25) : name;
}

function putText(block: Uint8Array, at: number, length: number, text: string): void {
  block.set(encoder.encode(text).subarray(0, length), at);
}

function putOctal(block: Uint8Array, at: number, length: number, value: number): void {
  putText(block, at, length, `${value.toString(8).padStart(length - 1, '0')}\0`);
}

function padding(size: number): number {
  return (512 - (size % 512)) % 512;
}
