/**
 * Restates facts of Alpine's security database for the packages that data/starter/alpine-N.NN.yaml lists as reviewed:
 *
 *     npx tsx scripts/starter/extract-alpine.ts 3.11 ARCHIVE.tar.zst
 *
 * ARCHIVE holds `.../v3.11/main.yaml` and `community.yaml`. Versions `0` (never affected) and identifiers that are not
 * CVEs are left out. What comes out is a document of its own, to be compared with the table or to begin one.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readSecdbArchive, type SecdbRelease } from './secdb.js';

const [release = '', archive = ''] = process.argv.slice(2);
if (!/^\d+\.\d+$/.test(release) || archive === '') throw new Error('usage: extract-alpine.ts 3.11 ARCHIVE.tar.zst');

const table: { reviewed?: string[] } = parse(readFileSync(`data/starter/alpine-${release}.yaml`, 'utf8'));
const facts = readSecdbArchive(archive).get(release);
if (!facts) throw new Error(`${archive} has no release ${release}`);
process.stdout.write(render(release, new Set(table.reviewed), facts));

function render(number: string, reviewed: ReadonlySet<string>, packages: SecdbRelease): string {
  const lines = [
    'tidewaiter: advisories/v1',
    `scope: alpine ${number}`,
    'source: alpine',
    `facts: https://secdb.alpinelinux.org/v${number}/main.json`,
    'reviewed:',
    ...[...reviewed].sort().map((name) => `  - ${name}`),
    'advisories:',
  ];
  for (const [name, ids] of [...packages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = [...ids].filter(([id, versions]) => /^CVE-\d{4}-\d+$/.test(id) && !versions.has('0'));
    if (!reviewed.has(name) || known.length === 0) continue;
    lines.push(`  ${name}:`);
    for (const [id, versions] of known.sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push(`    ${id}: '${[...versions].at(-1)}'`);
    }
  }
  return `${lines.join('\n')}\n`;
}
