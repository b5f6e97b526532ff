/**
 * Checks the starter table, its Alpine facts against a copy of Alpine's security database and its Debian facts against a
 * copy of the DSA and DLA lists, where there is one:
 *
 *     npx tsx scripts/starter/check.ts [DIRECTORY] [--unknown]
 *
 * DIRECTORY (default ../shared/data/advisories) holds `alpine-secdb.tar.zst` and `debian-dsa-dla.tar.zst`; `--unknown`
 * prints the identifiers that have no severity. Ends with 1 if anything contradicts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkStructure } from './check-structure.js';
import { compareAlpine } from './compare-alpine.js';
import { compareDebian } from './compare-debian.js';
import { readDebianLists } from './debian-lists.js';
import { readSecdbArchive } from './secdb.js';
import { readStarterTable } from './starter-table.js';

const directory = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? '../shared/data/advisories';
const documents = readStarterTable('data/starter');
const structure = checkStructure(documents);
console.log(`${structure.scopes} scopes, ${structure.reviewed} reviewed packages, ${structure.facts} facts`);
console.log(
  `${structure.identifiers} identifiers: ${structure.judged} with a severity, ${structure.unknown.length} UNKNOWN`,
);
if (structure.overruled.length > 0) console.log(`${structure.overruled.length} facts of changelogs overruled by lists`);
if (process.argv.includes('--unknown')) console.log(structure.unknown.join('\n'));

const archive = join(directory, 'alpine-secdb.tar.zst');
const comparisons = existsSync(archive) ? compareAlpine(documents, readSecdbArchive(archive)) : [];
if (comparisons.length === 0) console.log(`not compared with Alpine's security database: ${archive} is not here`);
for (const { release, equal, reworded, newer, contradictions } of comparisons) {
  const counts = `${equal} equal, ${reworded.length} reworded, ${newer} newer than the copy`;
  console.log(`Alpine ${release}: ${counts}, ${contradictions.length} contradictions`);
  for (const line of reworded) console.log(`  reworded: ${line}`);
}

const lists = join(directory, 'debian-dsa-dla.tar.zst');
const debian = existsSync(lists) ? compareDebian(documents, readDebianLists(lists)) : [];
if (debian.length === 0) console.log(`not compared with Debian's security lists: ${lists} is not here`);
for (const { release, equal, beyond, contradictions } of debian) {
  console.log(`Debian ${release}: ${equal} equal, ${beyond} beyond the lists, ${contradictions.length} contradictions`);
}

const problems = [
  structure.problems,
  ...[...comparisons, ...debian].map(({ contradictions }) => contradictions),
].flat();
for (const problem of problems) console.error(`PROBLEM ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
