import { type Severity, severityRank, sourcePrecedence } from '../findings/index.js';
import { scoreCvss } from '../cvss/index.js';

/** What one source says of one vulnerability. */
export interface SourceDetail {
  /** Source id; empty for words that are of no source. */
  readonly source: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The source's own word for how bad it is. */
  readonly severity?: Severity | undefined;
  readonly v2Vector?: string | undefined;
  readonly v3Vector?: string | undefined;
  readonly v40Vector?: string | undefined;
  readonly cweIds?: readonly string[] | undefined;
  readonly references?: readonly string[] | undefined;
  /** RFC 3339. */
  readonly publishedDate?: string | undefined;
  readonly lastModifiedDate?: string | undefined;
}

const rejections = ['** REJECT **', 'DO NOT USE THIS CANDIDATE NUMBER'];

/** Does this source say that the identifier was withdrawn? Then no advisory may speak of it. */
export function isRejected(detail: SourceDetail): boolean {
  const text = detail.description ?? '';
  return text.startsWith('Rejected reason:') || rejections.some((words) => text.includes(words));
}

/** The members of a stored vulnerability record. */
export interface VulnerabilityRecord {
  readonly Title?: string | undefined;
  readonly Description?: string | undefined;
  readonly Severity?: string | undefined;
  readonly CweIDs?: readonly string[] | undefined;
  readonly VendorSeverity?: Readonly<Record<string, number>> | undefined;
  readonly CVSS?: Readonly<Record<string, CvssRecord>> | undefined;
  readonly References?: readonly string[] | undefined;
  readonly PublishedDate?: string | undefined;
  readonly LastModifiedDate?: string | undefined;
}

interface CvssRecord {
  readonly V2Vector?: string | undefined;
  readonly V3Vector?: string | undefined;
  readonly V40Vector?: string | undefined;
  readonly V2Score?: number | undefined;
  readonly V3Score?: number | undefined;
  readonly V40Score?: number | undefined;
}

/** One record out of what all sources say; among details of one source the later ones win. */
export function mergeDetails(details: readonly SourceDetail[]): VulnerabilityRecord {
  const bySource = new Map<string, SourceDetail>();
  for (const detail of details) bySource.set(detail.source, addUp(bySource.get(detail.source), detail));
  const ordered = [...bySource.values()].sort(
    (a, b) => rank(a.source) - rank(b.source) || (a.source < b.source ? -1 : 1),
  );
  const named = ordered.filter((detail) => detail.source !== '');
  const severities = named.flatMap((detail) => {
    const severity = severityOf(detail);
    return severity === 'UNKNOWN' ? [] : [[detail.source, severity] as const];
  });
  return {
    Title: first(ordered, (detail) => detail.title),
    Description: first(ordered, (detail) => detail.description),
    Severity: severities[0]?.[1],
    CweIDs: first(ordered, (detail) => (detail.cweIds?.length ? detail.cweIds : undefined)),
    VendorSeverity: recordOf(severities.map(([source, severity]) => [source, severityRank(severity)])),
    CVSS: recordOf(named.flatMap((detail) => cvssEntry(detail))),
    References: references(ordered),
    PublishedDate: first(ordered, (detail) => detail.publishedDate),
    LastModifiedDate: first(ordered, (detail) => detail.lastModifiedDate),
  };
}

/** A ready-made record over what other sources say: its own words stay, what it lacks is added. */
export function overlayRecord(own: VulnerabilityRecord, merged: VulnerabilityRecord): VulnerabilityRecord {
  return {
    ...merged,
    ...own,
    VendorSeverity: joined(merged.VendorSeverity, own.VendorSeverity),
    CVSS: joined(merged.CVSS, own.CVSS),
    References: own.References || merged.References ? sortedUnion(merged.References, own.References) : undefined,
  };
}

function addUp(earlier: SourceDetail | undefined, later: SourceDetail): SourceDetail {
  if (!earlier) return later;
  return {
    source: later.source,
    title: later.title ?? earlier.title,
    description: later.description ?? earlier.description,
    severity: worse(earlier.severity, later.severity, later.source),
    v2Vector: later.v2Vector ?? earlier.v2Vector,
    v3Vector: later.v3Vector ?? earlier.v3Vector,
    v40Vector: later.v40Vector ?? earlier.v40Vector,
    cweIds: [...new Set([...(earlier.cweIds ?? []), ...(later.cweIds ?? [])])],
    references: [...(earlier.references ?? []), ...(later.references ?? [])],
    publishedDate: later.publishedDate ?? earlier.publishedDate,
    lastModifiedDate: later.lastModifiedDate ?? earlier.lastModifiedDate,
  };
}

/** Sources whose severity is an erratum's, not a flaw's: of several errata the worst one counts. */
const errataSources: ReadonlySet<string> = new Set(['alma', 'rocky']);

function worse(earlier: Severity | undefined, later: Severity | undefined, source: string): Severity | undefined {
  if (!earlier || !later || !errataSources.has(source)) return later ?? earlier;
  return severityRank(earlier) > severityRank(later) ? earlier : later;
}

function rank(source: string): number {
  const at = sourcePrecedence.indexOf(source);
  if (at >= 0) return at;
  return source === '' ? sourcePrecedence.length + 1 : sourcePrecedence.length;
}

function first<T>(details: readonly SourceDetail[], read: (detail: SourceDetail) => T | undefined): T | undefined {
  for (const detail of details) {
    const value = read(detail);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

function severityOf(detail: SourceDetail): Severity {
  if (detail.severity && detail.severity !== 'UNKNOWN') return detail.severity;
  for (const vector of [detail.v40Vector, detail.v3Vector, detail.v2Vector]) {
    const scored = vector === undefined ? undefined : scoreCvss(vector);
    if (scored) return severityOfScore(scored.score);
  }
  return 'UNKNOWN';
}

function severityOfScore(score: number): Severity {
  if (score >= 9) return 'CRITICAL';
  if (score >= 7) return 'HIGH';
  if (score >= 4) return 'MEDIUM';
  return score > 0 ? 'LOW' : 'UNKNOWN';
}

function cvssEntry(detail: SourceDetail): readonly (readonly [string, CvssRecord])[] {
  const v2 = worth(detail.v2Vector);
  const v3 = worth(detail.v3Vector);
  const v40 = worth(detail.v40Vector);
  if (!v2 && !v3 && !v40) return [];
  const record = {
    V2Vector: v2?.vector,
    V3Vector: v3?.vector,
    V40Vector: v40?.vector,
    V2Score: v2?.score,
    V3Score: v3?.score,
    V40Score: v40?.score,
  };
  return [[detail.source, record]];
}

function worth(vector: string | undefined): { readonly vector: string; readonly score: number } | undefined {
  const found = vector === undefined ? undefined : scoreCvss(vector);
  return vector !== undefined && found && found.score > 0 ? { vector, score: found.score } : undefined;
}

function references(details: readonly SourceDetail[]): readonly string[] | undefined {
  const all = details.flatMap((detail) => (detail.source === 'amazon' ? [] : (detail.references ?? [])));
  const clean = sortedUnion(all.flatMap((text) => text.split('\n').map(canonicalReference)));
  return clean.length > 0 ? clean : undefined;
}

/** An address with scheme and host in lower case and the escapes of its path in upper case; other text only trimmed. */
export function canonicalReference(text: string): string {
  const trimmed = text.trim();
  const scheme = trimmed.indexOf('://');
  if (scheme <= 0) return trimmed;
  const rest = trimmed.slice(scheme + 3);
  const hostEnd = rest.search(/[/?#]/);
  const host = (hostEnd < 0 ? rest : rest.slice(0, hostEnd)).toLowerCase();
  const path = hostEnd < 0 ? '' : rest.slice(hostEnd);
  const escaped = path.replaceAll(' ', '%20').replace(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
  return `${trimmed.slice(0, scheme).toLowerCase()}://${host}${escaped}`;
}

function sortedUnion(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))].filter((text) => text !== '').sort();
}

function recordOf<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> | undefined {
  if (entries.length === 0) return undefined;
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function joined<T>(
  a: Readonly<Record<string, T>> | undefined,
  b: Readonly<Record<string, T>> | undefined,
): Readonly<Record<string, T>> | undefined {
  return a || b ? { ...a, ...b } : undefined;
}
