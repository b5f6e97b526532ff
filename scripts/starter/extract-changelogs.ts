/**
 * Restates which updates of a Debian release fixed which identifiers, as the packages' own changelogs say:
 *
 *     npx tsx scripts/starter/extract-changelogs.ts 12 DIRECTORY > data/starter/debian-12-changelogs.yaml
 *
 * DIRECTORY holds one file `SOURCE.txt` for each source package: its `changelog.Debian`, unpacked. Only uploads made
 * after the release count; what came before it is in every image of the release. An upload belongs to the release if its
 * version (`deb12u`) or its distribution (`bookworm`, `bookworm-security`) says so. Identifiers of which Debian's lists
 * speak (data/starter/debian-NN-lists.yaml) are left to them: a changelog also names versions that were prepared but
 * came out only together with the next one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { codeNames } from './debian-lists.js';

interface Upload {
  readonly version: string;
  readonly distribution: string;
  readonly date: Date;
  readonly lines: readonly string[];
}

const releaseDates: Readonly<Record<string, string>> = { '11': '2021-08-14', '12': '2023-06-10' };
/** Lines that speak of an identifier without fixing it. */
const asides =
  /\b(not[- ]affected|unaffected|does not affect|doesn't affect|revert|drop|disable patch|not vulnerable|introduced by)/i;

const [number = '', directory = ''] = process.argv.slice(2);
const released = releaseDates[number];
if (released === undefined || directory === '') throw new Error('usage: extract-changelogs.ts 11|12 DIRECTORY');

const listed = listedFacts(`data/starter/debian-${number}-lists.yaml`);
const lines = [
  '# Written by scripts/starter/extract-changelogs.ts from the changelogs of the packages; not edited by hand.',
  'tidewaiter: advisories/v1',
  `scope: debian ${number}`,
  'source: debian',
  'facts: https://metadata.ftp-master.debian.org/changelogs/',
  'advisories:',
];
for (const file of readdirSync(directory).sort()) {
  const name = file.replace(/\.txt$/, '');
  const fixed = fixedIn(readUploads(readFileSync(join(directory, file), 'utf8')), new Date(released));
  const facts = [...fixed].filter(([id]) => !Object.hasOwn(listed[name] ?? {}, id));
  if (facts.length === 0) continue;
  lines.push(`  ${name}:`);
  for (const [id, version] of facts.sort(([a], [b]) => (a < b ? -1 : 1))) lines.push(`    ${id}: '${version}'`);
}
process.stdout.write(`${lines.join('\n')}\n`);

function listedFacts(path: string): Readonly<Record<string, object>> {
  const document: { advisories?: Record<string, object> } = existsSync(path) ? parse(readFileSync(path, 'utf8')) : {};
  return document.advisories ?? {};
}

/** The uploads of a changelog, newest first, as written. */
function readUploads(text: string): readonly Upload[] {
  const uploads: Upload[] = [];
  let version = '';
  let distribution = '';
  let body: string[] = [];
  for (const line of text.split('\n')) {
    const head = /^\S+ \(([^)]+)\) ([^;]*)/.exec(line);
    if (head) {
      [, version = '', distribution = ''] = head;
      body = [];
    } else if (line.startsWith(' -- ')) {
      uploads.push({ version, distribution, date: new Date(line.slice(line.indexOf('>') + 1).trim()), lines: body });
    } else {
      body.push(line);
    }
  }
  return uploads;
}

/**
 * An update may take over uploads that were made for another release (`2.4.57-2` below `2.4.57-2~deb12u1`): they
 * reached this release with the next update above them. Of several updates that name an identifier the first counts.
 */
function fixedIn(uploads: readonly Upload[], since: Date): ReadonlyMap<string, string> {
  const fixed = new Map<string, string>();
  let update = '';
  for (const upload of uploads) {
    if (upload.date < since) break;
    if (isOfRelease(upload)) update = upload.version;
    if (update === '') continue;
    for (const line of upload.lines) {
      if (asides.test(line)) continue;
      for (const id of identifiersOf(line)) fixed.set(id, update);
    }
  }
  return fixed;
}

/** The identifiers that a line says it fixes: of `CVE-A: apply the fix of CVE-B elsewhere` only the first. */
function identifiersOf(line: string): readonly string[] {
  const [, heading] = /^[\s*+-]*(CVE-[\dCVE, and-]+):/.exec(line) ?? [];
  return (heading ?? line).match(/CVE-\d{4}-\d{4,7}/g) ?? [];
}

function isOfRelease({ version, distribution }: Upload): boolean {
  const codeName = codeNames[number];
  const targets = distribution.split(/[\s,]+/).map((target) => target.replace(/-.*/, ''));
  return version.includes(`deb${number}u`) || (codeName !== undefined && targets.includes(codeName));
}
