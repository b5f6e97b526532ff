import { type Severity, severities } from '../findings/index.js';
import { asArray, asObject, asString, asStrings, type JsonObject } from '../formats/index.js';
import type { SourceDetail } from './details.js';

export interface OsvDetailOptions {
  readonly source: string;
  /** The id under which the detail is stored: the record's own or a CVE that it is about. */
  readonly vulnerabilityId: string;
}

const errataSeverities: Readonly<Record<string, Severity | undefined>> = {
  critical: 'CRITICAL',
  important: 'HIGH',
  moderate: 'MEDIUM',
  low: 'LOW',
};

/** What an OSV record says of a vulnerability in general. */
export function osvDetail(document: JsonObject, affected: JsonObject, options: OsvDetailOptions): SourceDetail {
  const id = asString(document.id) ?? '';
  const summary = asString(document.summary);
  const erratum = isErratum(id);
  const about = options.vulnerabilityId;
  // The text of an erratum is about all its flaws, and says little of one.
  const description = erratum && about !== id ? undefined : asString(document.details);
  const dated = about === id && id.startsWith('GHSA-');
  const specific = asObject(document.database_specific);
  return {
    source: options.source,
    title: summary,
    description,
    severity: erratum ? erratumSeverity(summary) : labelOf(asString(specific?.severity)),
    ...vectorsOf(document, affected),
    cweIds: asStrings(specific?.cwe_ids),
    references: referencesOf(document, erratum ? about : undefined),
    publishedDate: dated ? asString(document.published) : undefined,
    lastModifiedDate: dated ? asString(document.modified) : undefined,
  };
}

/** Errata are of a distribution: `ALSA-2021:2363`, `RLSA-...`, `DSA-...`, `USN-...`. */
function isErratum(id: string): boolean {
  return /^(?:AL[SBE]A|RL[SBE]A|RX[SBE]A|RH[SBE]A|DSA|DLA|USN|SUSE-[A-Z]U|openSUSE-[A-Z]U)-/.test(id);
}

function erratumSeverity(summary: string | undefined): Severity | undefined {
  const word = summary?.slice(0, Math.max(0, summary.indexOf(':'))).toLowerCase() ?? '';
  return Object.hasOwn(errataSeverities, word) ? errataSeverities[word] : undefined;
}

/** GitHub's labels: `MODERATE` is its word for medium. */
function labelOf(label: string | undefined): Severity | undefined {
  const upper = label?.toUpperCase();
  if (upper === 'MODERATE') return 'MEDIUM';
  return severities.find((severity) => severity === upper);
}

function vectorsOf(
  document: JsonObject,
  affected: JsonObject,
): Pick<SourceDetail, 'v2Vector' | 'v3Vector' | 'v40Vector'> {
  const own = asArray(document.severity) ?? [];
  const vectors: { v2Vector?: string; v3Vector?: string; v40Vector?: string } = {};
  for (const item of own.length > 0 ? own : (asArray(affected.severity) ?? [])) {
    const entry = asObject(item);
    const score = asString(entry?.score);
    if (score === undefined) continue;
    if (entry?.type === 'CVSS_V2') vectors.v2Vector ??= score;
    else if (entry?.type === 'CVSS_V3') vectors.v3Vector ??= score;
    else if (entry?.type === 'CVSS_V4') vectors.v40Vector ??= score;
  }
  return vectors;
}

/** The record's references; of an erratum only those that are about this flaw or about no flaw in particular. */
function referencesOf(document: JsonObject, about: string | undefined): readonly string[] {
  const urls = (asArray(document.references) ?? []).flatMap((item) => asString(asObject(item)?.url) ?? []);
  if (about === undefined) return urls;
  return urls.filter((url) => url.includes(about) || !/CVE-\d{4}-\d/.test(url));
}
