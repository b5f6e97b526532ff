/**
 * The floor under any scan of an image: every layer read once, hashed, gunzipped and hashed again, two layers at a
 * time, and nothing else. Usage: node floor.js IMAGE.tar (a plain archive whose layers are gzip or plain).
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';

interface Member {
  readonly start: number;
  readonly size: number;
  readonly gzip: boolean;
}

/** The members of a plain archive that look like layers, found by going from header to header. */
function layersOf(path: string): Member[] {
  const file = openSync(path, 'r');
  const end = fstatSync(file).size;
  const header = Buffer.alloc(512);
  const start = Buffer.alloc(512);
  const found: Member[] = [];
  for (let at = 0; at + 512 <= end; ) {
    readSync(file, header, 0, 512, at);
    if (header[0] === 0) break;
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8) || 0;
    if (size > 2) readSync(file, start, 0, 512, at + 512);
    const gzip = size > 2 && start[0] === 0x1f && start[1] === 0x8b;
    if (gzip || (size >= 1024 && start.toString('latin1', 257, 262) === 'ustar'))
      found.push({ start: at + 512, size, gzip });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  closeSync(file);
  return found;
}

async function pass(path: string, { start, size, gzip }: Member): Promise<void> {
  const stored = createHash('sha256');
  const source = createReadStream(path, { start, end: start + size - 1, highWaterMark: 1 << 20 });
  if (!gzip) {
    for await (const chunk of source) stored.update(chunk as Buffer);
    stored.digest();
    return;
  }
  const unpacked = createHash('sha256');
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  source.on('data', (chunk) => stored.update(chunk));
  source.pipe(gunzip);
  for await (const chunk of gunzip) unpacked.update(chunk as Buffer);
  stored.digest();
  unpacked.digest();
}

const path = process.argv[2] ?? '';
const queue = layersOf(path);
const worker = async (): Promise<void> => {
  for (let layer = queue.shift(); layer !== undefined; layer = queue.shift()) await pass(path, layer);
};
await Promise.all([worker(), worker()]);
