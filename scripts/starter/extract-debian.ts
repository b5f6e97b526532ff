/**
 * Restates facts of Debian's security lists for the reviewed source packages:
 *
 *     npx tsx scripts/starter/extract-debian.ts 10 ARCHIVE > data/starter/debian-10-lists.yaml
 *
 * ARCHIVE is a `.tar.zst` with `DSA.list` and `DLA.list` of Debian's security tracker. The names come from `reviewed:`
 * in data/starter/debian-NN.yaml, and from debian-NN-lists.yaml as it was.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { schemes } from '../../src/versions/index.js';
import { codeNames, type ListedFix, readDebianLists } from './debian-lists.js';

interface Fact {
  version: string;
  readonly ids: string[];
}

const [number = '', archive = ''] = process.argv.slice(2);
const codeName = codeNames[number];
if (codeName === undefined || archive === '') throw new Error('usage: extract-debian.ts 10|11 ARCHIVE');

const reviewed = new Set([
  ...reviewedNames(`data/starter/debian-${number}.yaml`),
  ...namesWithFacts(`data/starter/debian-${number}-lists.yaml`),
]);
const fixes = readDebianLists(archive).filter(
  ({ release, packageName }) => release === codeName && reviewed.has(packageName),
);
process.stdout.write(render(number, collect(fixes)));

function reviewedNames(path: string): ReadonlySet<string> {
  const document: { reviewed?: string[] } = parse(readFileSync(path, 'utf8'));
  return new Set(document.reviewed ?? []);
}

function namesWithFacts(path: string): readonly string[] {
  const document: { advisories?: Record<string, object> } = existsSync(path) ? parse(readFileSync(path, 'utf8')) : {};
  return Object.keys(document.advisories ?? {});
}

/** A regression update names no CVE and counts under its own id; of several fixes of one CVE the highest counts. */
function collect(list: readonly ListedFix[]): ReadonlyMap<string, ReadonlyMap<string, Fact>> {
  const packages = new Map<string, Map<string, Fact>>();
  for (const { packageName, advisory, version, cves } of list) {
    const facts = packages.get(packageName) ?? new Map<string, Fact>();
    packages.set(packageName, facts);
    if (cves.length === 0) facts.set(advisory, { version, ids: [] });
    for (const cve of cves) {
      const fact = facts.get(cve) ?? { version, ids: [] };
      facts.set(cve, fact);
      if (schemes.dpkg.compare(version, fact.version) > 0) fact.version = version;
      fact.ids.push(advisory);
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
  for (const [name, facts] of byKey(packages)) {
    lines.push(`  ${name}:`);
    for (const [id, { version, ids }] of byKey(facts)) {
      const vendor = ids.length === 0 ? '' : `, ids: [${[...ids].sort().join(', ')}]`;
      lines.push(`    ${id}: {fixed: '${version}'${vendor}}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function byKey<T>(map: ReadonlyMap<string, T>): readonly [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
