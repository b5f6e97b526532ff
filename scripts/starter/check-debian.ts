/**
 * Checks the Debian facts of the starter table against a copy of the DSA and DLA lists:
 *
 *     npx tsx scripts/starter/check-debian.ts [ARCHIVE]
 *
 * ARCHIVE (default ../shared/data/advisories/debian-dsa-dla.tar.zst). Ends with 1 if anything contradicts.
 */
import { existsSync } from 'node:fs';
import { compareDebian } from './compare-debian.js';
import { readDebianLists } from './debian-lists.js';
import { readStarterTable } from './starter-table.js';

const archive = process.argv[2] ?? '../shared/data/advisories/debian-dsa-dla.tar.zst';
if (!existsSync(archive)) console.log(`not compared with Debian's security lists: ${archive} is not here`);
const lists = existsSync(archive) ? readDebianLists(archive) : [];
for (const { release, equal, beyond, contradictions } of compareDebian(readStarterTable('data/starter'), lists)) {
  console.log(`Debian ${release}: ${equal} equal, ${beyond} beyond the lists, ${contradictions.length} contradictions`);
  for (const problem of contradictions) console.error(`PROBLEM ${problem}`);
  if (contradictions.length > 0) process.exitCode = 1;
}
