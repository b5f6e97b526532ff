import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const layerCount = 7;
const packages =
  'build-essential,python3-dev,python3-pip,python3-yaml,apache2,nginx,curl,git,perl-doc,php-cli,ruby,vim,postgresql-client';

/** A docker archive of about 280 MB of gzip layers; built once into `folder`. */
export async function bigImage(folder: string): Promise<string> {
  const image = join(folder, 'big.tar');
  if (existsSync(image)) return image;
  mkdirSync(folder, { recursive: true });
  const root = join(folder, 'root.tar');
  const made = spawnSync('mmdebstrap', ['--variant=minbase', `--include=${packages}`, 'bookworm', root], {
    stdio: 'ignore',
  });
  const layers = made.status === 0 ? await splitRoot(root, folder) : await madeUpLayers(folder);
  if (made.status !== 0)
    console.log('mmdebstrap is not installed (or had no network): the image is made of made-up files');
  await writeDockerArchive(layers, `${image}.part`);
  renameSync(`${image}.part`, image);
  for (const layer of layers) rmSync(layer);
  rmSync(root, { force: true });
  return image;
}

/** A docker archive with one uncompressed layer of one file of `bytes` zero bytes. */
export async function hugeFileImage(folder: string, bytes: number): Promise<string> {
  const image = join(folder, 'huge-file.tar');
  if (existsSync(image)) return image;
  mkdirSync(folder, { recursive: true });
  const layer = join(folder, 'huge-layer.tar');
  const file = await open(layer, 'w');
  await file.write(header('big.bin', bytes));
  const block = Buffer.alloc(1 << 24);
  for (let left = bytes; left > 0; left -= block.length) await file.write(block, 0, Math.min(block.length, left));
  await file.write(Buffer.alloc(padding(bytes) + 1024));
  await file.close();
  await writeDockerArchive([layer], image);
  rmSync(layer);
  return image;
}

/** A docker archive with one gzip layer of `count` empty files. */
export async function manyFilesImage(folder: string, count: number): Promise<string> {
  const image = join(folder, 'many-files.tar');
  if (existsSync(image)) return image;
  mkdirSync(folder, { recursive: true });
  const layer = join(folder, 'many-layer.tar');
  const file = await open(layer, 'w');
  for (let at = 0; at < count; ) {
    const headers: Buffer[] = [];
    for (; headers.length < 4096 && at < count; at++) headers.push(header(`srv/d${at % 1000}/file-${at}`, 0));
    await file.write(Buffer.concat(headers));
  }
  await file.write(Buffer.alloc(1024));
  await file.close();
  await writeDockerArchive([await gzipped(layer)], image);
  rmSync(layer);
  rmSync(`${layer}.gz`);
  return image;
}

/** Cuts a root file system's archive into layers of about equal size, at borders between entries. */
async function splitRoot(root: string, folder: string): Promise<string[]> {
  const source = await open(root, 'r');
  const end = statSync(root).size;
  const borders: number[] = [0];
  const head = Buffer.alloc(512);
  let inExtension = false;
  for (let at = 0; at + 512 <= end; ) {
    await source.read(head, 0, 512, at);
    if (head[0] === 0) {
      borders.push(at);
      break;
    }
    if (!inExtension && head[156] !== 0x31 && at >= (end / layerCount) * borders.length) borders.push(at);
    inExtension = head[156] === 0x78 || head[156] === 0x4c || head[156] === 0x4b;
    const size = Number.parseInt(head.toString('latin1', 124, 135), 8) || 0;
    at += 512 + size + padding(size);
  }
  const layers: string[] = [];
  for (let index = 0; index + 1 < borders.length; index++) {
    const layer = join(folder, `layer-${index}.tar`);
    await pipeline(
      createReadStream(root, { start: borders[index], end: (borders[index + 1] ?? end) - 1 }),
      createWriteStream(layer),
    );
    const file = await open(layer, 'a');
    await file.write(Buffer.alloc(1024));
    await file.close();
    layers.push(await gzipped(layer));
    rmSync(layer);
  }
  await source.close();
  return layers;
}

async function madeUpLayers(folder: string): Promise<string[]> {
  const layers: string[] = [];
  for (let index = 0; index < layerCount; index++) {
    const layer = join(folder, `layer-${index}.tar`);
    const file = await open(layer, 'w');
    const noise = randomBytes(1 << 14);
    for (let at = 0; at < 5700; at++) {
      const size = 4096 + ((at * 2654435761) % 28000);
      await file.write(header(`usr/share/part-${index}/d${at % 97}/file-${at}`, size));
      const body = Buffer.alloc(size + padding(size), `line ${at} of part ${index}\n`);
      noise.copy(body, 0, 0, Math.min(noise.length, Math.floor(size * 0.4)));
      await file.write(body);
    }
    if (index === 0) await addAlpine(file);
    await file.write(Buffer.alloc(1024));
    await file.close();
    layers.push(await gzipped(layer));
    rmSync(layer);
  }
  return layers;
}

async function addAlpine(file: FileHandle): Promise<void> {
  const files = {
    'etc/alpine-release': '3.11.5\n',
    'lib/apk/db/installed': 'P:musl\nV:1.1.24-r2\nA:x86_64\no:musl\n\nP:openssl\nV:1.1.1d-r3\nA:x86_64\no:openssl\n\n',
  };
  for (const [name, text] of Object.entries(files)) {
    await file.write(header(name, text.length));
    await file.write(Buffer.concat([Buffer.from(text), Buffer.alloc(padding(text.length))]));
  }
}

async function gzipped(file: string): Promise<string> {
  await pipeline(createReadStream(file), createGzip({ level: 6 }), createWriteStream(`${file}.gz`));
  return `${file}.gz`;
}

async function writeDockerArchive(layers: readonly string[], path: string): Promise<void> {
  const diffIds: string[] = [];
  const names: string[] = [];
  for (const layer of layers) {
    const gzip = layer.endsWith('.gz');
    diffIds.push(`sha256:${await hashOf(layer, gzip)}`);
    names.push(`${await hashOf(layer, false)}${gzip ? '.tar.gz' : '.tar'}`);
  }
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, index) => ({ created: '2026-01-01T00:00:00Z', created_by: `layer ${index}` })),
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  const file = await open(path, 'w');
  const add = async (name: string, text: string): Promise<void> => {
    await file.write(header(name, Buffer.byteLength(text)));
    await file.write(Buffer.concat([Buffer.from(text), Buffer.alloc(padding(Buffer.byteLength(text)))]));
  };
  await add(configName, config);
  for (const [index, layer] of layers.entries()) {
    const size = statSync(layer).size;
    await file.write(header(names[index] ?? '', size));
    for await (const chunk of createReadStream(layer, { highWaterMark: 1 << 20 })) await file.write(chunk as Buffer);
    await file.write(Buffer.alloc(padding(size)));
  }
  await add('manifest.json', JSON.stringify([{ Config: configName, RepoTags: ['big:1'], Layers: names }]));
  await file.write(Buffer.alloc(1024));
  await file.close();
}

async function hashOf(path: string, unpack: boolean): Promise<string> {
  const hash = createHash('sha256');
  const { createGunzip } = await import('node:zlib');
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  for await (const chunk of unpack ? source.pipe(createGunzip({ chunkSize: 1 << 20 })) : source)
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100, 'latin1');
  block.write('0000644\u00000000000\u00000000000\u0000', 100, 'latin1');
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('00000000000\0', 136, 'latin1');
  block.write('        0', 148, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padding(size: number): number {
  return (512 - (size % 512)) % 512;
}
