/**
 * Builds the example images: every `examples/<name>.yaml` becomes the docker archive `examples/images/<name>.tar`.
 *
 *     npx tsx examples/build.ts [--quiet] [NAME...]
 *
 * The same descriptions give the same bytes. What a description says stands in `examples/README.md`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dockerArchive } from '../test/support/image-builder.js';
import { readApkTable } from './apk-database.js';
import { parseDescription } from './description.js';
import { imageSpecOf } from './image-spec.js';

const folder = dirname(fileURLToPath(import.meta.url));
const output = join(folder, 'images');

const known = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();
const isQuiet = process.argv.includes('--quiet');
const wanted = process.argv.slice(2).filter((word) => word !== '--quiet');
const missing = wanted.filter((name) => !known.includes(name));
if (missing.length > 0) {
  console.error(`no such example: ${missing.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

const apkTable = readApkTable(readFileSync(join(folder, 'apk', 'packages.yaml'), 'utf8'));
mkdirSync(output, { recursive: true });
for (const name of wanted.length > 0 ? wanted : known) {
  const description = parseDescription(readFileSync(join(folder, `${name}.yaml`), 'utf8'), `${name}.yaml`);
  const bytes = dockerArchive(imageSpecOf(description, apkTable));
  writeFileSync(join(output, `${name}.tar`), bytes);
  if (isQuiet) continue;
  console.log(
    `examples/images/${name}.tar  ${Math.ceil(bytes.length / 1024)} KiB  ${description.names[0] ?? 'no name'}`,
  );
}
