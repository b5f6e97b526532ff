import { type Finding, type Severity, severityOfRank, type VulnerabilityDetail } from '../findings/index.js';
import type { Advisory } from './advisory.js';

/** A severity and the source that said it. */
interface SourcedSeverity {
  readonly severity: Severity;
  readonly severitySource?: string | undefined;
}

const unknownSeverity: SourcedSeverity = { severity: 'UNKNOWN' };

/**
 * Severity, its source and the details of an advisory's vulnerability. A severity that the advisory gives to this very
 * package wins over the vulnerability's own and is put into the details beside the others, under `packageSource`.
 */
export function assessSeverity(
  advisory: Advisory,
  detail: VulnerabilityDetail | undefined,
  options: { readonly packageSource: string | undefined; readonly severitySources: readonly string[] },
): Pick<Finding, 'severity' | 'severitySource' | 'detail'> {
  const own = packageSeverity(advisory, options.packageSource);
  if (!detail) return own ?? unknownSeverity;
  if (own?.severitySource === undefined) return { ...severityOf(advisory, detail, options.severitySources), detail };
  const vendorSeverity = { ...detail.vendorSeverity, [own.severitySource]: own.severity };
  return { ...own, detail: { ...detail, vendorSeverity } };
}

function packageSeverity({ severity: rank }: Advisory, source: string | undefined): SourcedSeverity | undefined {
  if (source === undefined || !rank) return undefined;
  const severity = severityOfRank(rank);
  return severity === 'UNKNOWN' ? undefined : { severity, severitySource: source };
}

function severityOf(advisory: Advisory, detail: VulnerabilityDetail, sources: readonly string[]): SourcedSeverity {
  for (const source of sources) {
    if (source === 'auto') return automaticSeverity(advisory, detail);
    const found = severityBy(source, detail);
    if (found) return found;
  }
  return unknownSeverity;
}

function automaticSeverity({ dataSource, vulnerabilityId }: Advisory, detail: VulnerabilityDetail): SourcedSeverity {
  const own = severityBy(dataSource?.baseId || dataSource?.id || '', detail);
  if (own) return own;
  const national = vulnerabilityId.startsWith('GHSA-') ? ['ghsa', 'nvd'] : ['nvd'];
  const found = national.map((source) => severityBy(source, detail)).find((answer) => answer !== undefined);
  if (found && found.severity !== 'UNKNOWN') return found;
  return detail.severity ? { severity: detail.severity } : unknownSeverity;
}

function severityBy(source: string, { vendorSeverity }: VulnerabilityDetail): SourcedSeverity | undefined {
  if (!vendorSeverity || !Object.hasOwn(vendorSeverity, source)) return undefined;
  const severity = vendorSeverity[source];
  return severity && { severity, severitySource: source };
}
