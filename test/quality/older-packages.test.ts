import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildDatabase } from '../../src/advisories/index.js';
import { createContext } from '../../src/core/index.js';
import { scanImage } from '../../src/scan/index.js';
import { sharedIsAbsent, sharedPath, temporaryFolder } from '../support/paths.js';
import { truthImages, unfixedAdvisories } from './older-packages.js';

const advisories = sharedPath('data', 'advisories');

test('packages older than their fixes are found, and those one revision past them stay silent', async (t) => {
  if (advisories === undefined) {
    t.skip(sharedIsAbsent);
    return;
  }
  const folder = temporaryFolder(t);
  const unfixed = join(folder, 'unfixed.yaml');
  writeFileSync(unfixed, unfixedAdvisories);
  const context = createContext();
  const sources = ['alpine-secdb.tar.zst', 'debian-dsa-dla.tar.zst'].map((file) => join(advisories, file));
  await buildDatabase(context, { sources: [...sources, unfixed], outDir: folder });

  const totals = { images: 0, packages: 0, findings: 0, silent: 0, statuses: new Set<string>() };
  for (const truth of truthImages(advisories)) {
    const input = join(folder, `${truth.name}.tar`);
    writeFileSync(input, truth.archive);
    const report = await scanImage(context, { input, cacheBackend: 'memory', databasePath: join(folder, 'trivy.db') });
    const findings = report.images.flatMap((image) => image.results.flatMap((result) => result.findings));
    const found = findings.map(({ vulnerabilityId, packageName, installedVersion, fixedVersion, status }) =>
      [vulnerabilityId, packageName, installedVersion, fixedVersion || '-', status].join(' '),
    );
    assert.deepEqual(found.sort(), truth.expected, truth.name);
    const loud = truth.silent.filter((name) => findings.some((finding) => finding.packageName === name));
    assert.deepEqual(loud, [], truth.name);
    assert.equal(report.verdict.outcome, 'pass', `${truth.name}: ${report.verdict.reasons.join('; ')}`);
    totals.images++;
    totals.packages += truth.packageCount;
    totals.findings += found.length;
    totals.silent += truth.silent.length;
    for (const finding of findings) totals.statuses.add(finding.status);
  }
  t.diagnostic(JSON.stringify({ ...totals, statuses: [...totals.statuses] }));
  assert.ok(totals.packages >= 400 && totals.findings >= 200 && totals.silent >= 100);
  assert.deepEqual([...totals.statuses].sort(), ['affected', 'end_of_life', 'fix_deferred', 'fixed', 'will_not_fix']);
});
