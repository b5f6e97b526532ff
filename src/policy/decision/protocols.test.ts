import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { notSeenBy, policyChecks, policyUnknownCodes } from '../index.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();
const documentation = readFileSync(join(repoRoot, 'docs', 'policy.md'), 'utf8');

test('the documentation tells what each protocol cannot see', () => {
  const section = documentation.slice(documentation.indexOf('## Who can see what'));
  const rows = [...section.matchAll(/^\| `(\w+)` \| (yes|no) \| (yes|no) \|$/gm)].map(([, id, ...seen]) => [
    id,
    ...seen,
  ]);
  const word = (protocol: 'ImageReview' | 'AdmissionReview', id: string): string =>
    notSeenBy(protocol).some((one) => one === id) ? 'no' : 'yes';
  const wanted = Object.keys(policyChecks).map((id) => [id, word('ImageReview', id), word('AdmissionReview', id)]);
  const lines = (table: readonly (readonly (string | undefined)[])[]): ReadonlySet<string> =>
    new Set(table.map((row) => row.join(' ')));
  assert.deepEqual(lines(rows), lines(wanted));
  assert.equal(rows.length, wanted.length);
});

test('the documentation tells every code of what could not be assessed', () => {
  for (const code of policyUnknownCodes) assert.ok(documentation.includes(`\`${code}\``), code);
});
