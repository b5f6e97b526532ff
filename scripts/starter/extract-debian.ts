/**
 * Restates facts of Debian's security lists for the reviewed source packages:
 *
 *     npx tsx scripts/starter/extract-debian.ts 10 DIRECTORY > data/starter/debian-10-lists.yaml
 *
 * DIRECTORY holds `DSA.list` and `DLA.list` of Debian's security tracker. The names come from `reviewed:` in
 * data/starter/debian-NN.yaml.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { codeNames, type ListedFix, readListedFixes } from './debian-lists.js';

interface Fact {
  version: string;
  readonly ids: string[];
}

const [number = '', directory = ''] = process.argv.slice(2);
const codeName = codeNames[number];
if (codeName === undefined || directory === '') throw new Error('usage: extract-debian.ts 10|11 DIRECTORY');

const reviewed = reviewedNames(`data/starter/debian-${number}.yaml`);
const fixes = ['DSA.list', 'DLA.list']
  .flatMap((name) => readListedFixes(join(directory, name)))
  .filter((fix) => fix.release === codeName && reviewed.has(fix.packageName));
process.stdout.write(render(number, collect(fixes)));

function reviewedNames(path: string): ReadonlySet<string> {
  const document: { reviewed?: string[] } = parse(readFileSync(path, 'utf8'));
  return new Set(document.reviewed ?? []);
}

/** A regression update names no CVE and counts under its own id; of two fixes of one CVE the first one counts. */
function collect(list: readonly ListedFix[]): ReadonlyMap<string, ReadonlyMap<string, Fact>> {
  const packages = new Map<string, Map<string, Fact>>();
  for (const fix of list) {
    const facts = packages.get(fix.packageName) ?? new Map<string, Fact>();
    packages.set(fix.packageName, facts);
    if (fix.cves.length === 0) facts.set(fix.advisory, { version: fix.version, ids: [] });
    for (const cve of fix.cves) {
      const fact = facts.get(cve) ?? { version: fix.version, ids: [] };
      facts.set(cve, fact);
      fact.ids.push(fix.advisory);
    }
  }
  return packages;
}

function render(release: string, packages: ReadonlyMap<string, ReadonlyMap<string, Fact>>): string {
  const lines = [
    '# Written by scripts/starter/extract-debian.ts from the DSA and DLA lists of April 2023; not edited by hand.',
    'tidewaiter: advisories/v1',
    `scope: debian ${release}`,
    'source: debian',
    'facts: https://salsa.debian.org/security-tracker-team/security-tracker/-/tree/master/data',
    'advisories:',
  ];
  for (const [name, facts] of [...packages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`  ${name}:`);
    for (const [id, fact] of [...facts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const ids = fact.ids.length === 0 ? '' : `, ids: [${fact.ids.join(', ')}]`;
      lines.push(`    ${id}: {fixed: '${fact.version}'${ids}}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
