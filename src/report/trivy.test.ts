import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { full, hostile, shop } from './fixtures/reports.js';
import type { ScanReport } from './scan-report.js';
import { write } from './write.js';

const trivy = process.env['TRIVY'] ?? 'trivy';
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const textOf = (report: ScanReport, format: string): string =>
  [...write(report, { sha256Hex, format, showSuppressed: true })].join('');

/** What Trivy makes of a report of ours; `undefined` where there is no Trivy. */
function converted(report: ScanReport, args: readonly string[]): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-report-'));
  try {
    const file = join(folder, 'report.json');
    writeFileSync(file, textOf(report, 'json'));
    const options = ['convert', '--show-suppressed', ...args, file];
    const { error, status, stdout, stderr } = spawnSync(trivy, options, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      // Said once a day, on the first run in a home.
      env: { ...process.env, TRIVY_DISABLE_VEX_NOTICE: 'true' },
    });
    if (error) return undefined;
    assert.equal(status, 0, stderr);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('Trivy reads our JSON and writes the same again', (t) => {
  for (const report of [shop, full, hostile]) {
    const again = converted(report, ['--format', 'json']);
    if (again === undefined) return t.skip('there is no trivy (TRIVY=/path/to/trivy)');
    const ours = textOf(report, 'json');
    // Its own document, but for the one member that it does not know.
    assert.equal(again, `${ours.slice(0, ours.indexOf(',\n  "Tidewaiter": {'))}\n}\n`);
  }
});

test('Trivy makes the same table of our JSON', (t) => {
  const theirs = converted(shop, ['--scanners', 'vuln']);
  if (theirs === undefined) return t.skip('there is no trivy (TRIVY=/path/to/trivy)');
  assert.equal(textOf(shop, 'table'), theirs);
});
