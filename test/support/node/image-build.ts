import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { NodeImage } from './kubelet.js';
import type { NodeBox } from './node-box.js';

/** Where the files of images lie in a box; containers see it, because all of `/opt` is shown to them. */
const store = '/opt/images';

/**
 * Stands in for `docker build`: follows the few instructions that our Dockerfile has, with the base image's Node.js at the
 * path where that image has it. An archive that is added is unpacked, as Docker does it.
 * @throws Error at anything else
 */
export async function buildImage(box: NodeBox, file: string, contextFolder: string): Promise<NodeImage> {
  let entrypoint: readonly string[] = [];
  for (const line of readFileSync(box.path(file), 'utf8').replaceAll('\\\n', ' ').split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    const said = rest.join(' ');
    if (word === '' || word.startsWith('#')) continue;
    if (word === 'ENTRYPOINT') entrypoint = jsonWords(said);
    else if (word === 'ADD') await add(box, rest, contextFolder);
    else if (!['ARG', 'FROM', 'LABEL', 'USER', 'ENV'].includes(word)) throw new Error(`not followed here: ${line}`);
  }
  const [program, ...words] = entrypoint;
  // Distroless images have Node.js there; the rest of a path is that of the image.
  if (program !== '/nodejs/bin/node') throw new Error(`the base image has no ${String(program)}`);
  return { entrypoint: ['/opt/node/node', ...words.map((one) => one.replace(/^\/app\//, `${store}/app/`))], env: {} };
}

function jsonWords(text: string): readonly string[] {
  const words: unknown = JSON.parse(text);
  return Array.isArray(words) ? words.map(String) : [];
}

async function add(box: NodeBox, words: readonly string[], contextFolder: string): Promise<void> {
  const [pattern = '', target = ''] = words.filter((one) => !one.startsWith('--'));
  const [before = '', after = ''] = pattern.split('*');
  const found = readdirSync(box.path(contextFolder)).filter((one) => one.startsWith(before) && one.endsWith(after));
  if (found.length === 0) throw new Error(`there is no ${pattern} in the context`);
  const folder = join(store, resolve('/', target));
  mkdirSync(box.path(folder), { recursive: true });
  for (const name of found) {
    const path = join(contextFolder, name);
    if (!/\.t(?:ar\.)?gz$/.test(name)) cpSync(box.path(path), box.path(join(folder, basename(name))));
    else {
      const { exitCode, stderr } = await box.run(`tar -xzf '${path}' -C '${folder}' --no-same-owner`);
      if (exitCode !== 0) throw new Error(stderr);
    }
  }
}

/** Puts the files of images that were made in one box into another, as loading an image does. */
export function loadImages(from: NodeBox, to: NodeBox): void {
  if (!existsSync(from.path(store))) return;
  cpSync(from.path(store), to.path(store), { recursive: true });
}
