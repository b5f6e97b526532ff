import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a cache folder in which a Trivy finds this database (a `trivy.db`), and holds it for new for ever. */
export function prepareTrivyCache(cache: string, database: string): void {
  const folder = join(cache, 'db');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'trivy.db'))) copyFileSync(database, join(folder, 'trivy.db'));
  const far = '2100-01-01T00:00:00Z';
  const metadata = { Version: 2, NextUpdate: far, UpdatedAt: far, DownloadedAt: far };
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata));
}

/** The words behind `trivy` that scan an archive for vulnerabilities, offline, as JSON. */
export function trivyScan(cache: string, input: string): readonly string[] {
  const offline = ['--skip-db-update', '--skip-java-db-update', '--skip-version-check', '--disable-telemetry'];
  const wanted = ['--offline-scan', '--scanners', 'vuln', '--list-all-pkgs', '--quiet', '--format', 'json'];
  return ['image', '--cache-dir', cache, ...offline, ...wanted, '--input', input];
}
