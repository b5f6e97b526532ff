import { formatVersion } from '../ecosystems/index.js';
import type { Finding } from '../findings/index.js';
import type { PackageReport } from './scan-report.js';

/** Finds the package of a finding inside its own result. */
export function packageLookup(packages: readonly PackageReport[]): (finding: Finding) => PackageReport | undefined {
  const exact = new Map<string, PackageReport>();
  const loose = new Map<string, PackageReport>();
  for (const item of packages) {
    const name = JSON.stringify([item.id, item.name, item.filePath ?? '']);
    const full = JSON.stringify([name, formatVersion(item)]);
    if (!exact.has(full)) exact.set(full, item);
    if (!loose.has(name)) loose.set(name, item);
  }
  return (finding) => {
    const name = JSON.stringify([finding.packageId, finding.packageName, finding.packagePath ?? '']);
    return exact.get(JSON.stringify([name, finding.installedVersion])) ?? loose.get(name);
  };
}
