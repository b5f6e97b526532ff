import { FormatError } from '../core/index.js';
import {
  type Cvss,
  type DataSource,
  type Severity,
  severities,
  severityOfRank,
  type VulnerabilityDetail,
} from '../findings/index.js';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asStrings,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../formats/index.js';
import type { Advisory } from '../match/index.js';

/** A single record is never longer than this. */
const maxRecordBytes = 32 * 1024 * 1024;

/** Where an advisory stands, which its own record does not say. */
export interface AdvisoryPlace {
  readonly bucket: string;
  readonly vulnerabilityId: string;
  readonly dataSource: DataSource | undefined;
}

/**
 * One advisory record. Numbers outside their range count as 0, unknown members are left alone; a member of the wrong
 * type is an error, because a range that was dropped would turn "affected" into "clean".
 * @throws FormatError if the record cannot be taken for what it says.
 */
export function decodeAdvisory(bytes: Uint8Array, place: AdvisoryPlace): Advisory {
  const value = parseJson(bytes, { maxBytes: maxRecordBytes });
  const record = value === null ? {} : asObject(value);
  if (!record) throw new FormatError('INVALID', 'the record is not a JSON object');
  return advisoryOf(record, place);
}

/** What a record holds, while its members are read. */
interface Members {
  vendorIds?: readonly string[] | undefined;
  status?: number | undefined;
  severity?: number | undefined;
  fixedVersion?: string | undefined;
  affectedVersion?: string | undefined;
  vulnerableVersions?: readonly string[] | undefined;
  patchedVersions?: readonly string[] | undefined;
  unaffectedVersions?: readonly string[] | undefined;
  arches?: readonly string[] | undefined;
  entries?: readonly Advisory[] | undefined;
  custom?: unknown;
}

/** Most records have one or two members, so the members are walked instead of asked for. */
function advisoryOf(record: JsonObject, place: AdvisoryPlace): Advisory {
  const members: Members = {};
  for (const name in record) {
    const value = record[name];
    if (value !== undefined && value !== null) readMember(members, name, value, place);
  }
  const { bucket, vulnerabilityId, dataSource } = place;
  return {
    bucket,
    vulnerabilityId,
    dataSource,
    vendorIds: members.vendorIds,
    status: members.status,
    severity: members.severity,
    fixedVersion: members.fixedVersion,
    affectedVersion: members.affectedVersion,
    vulnerableVersions: members.vulnerableVersions,
    patchedVersions: members.patchedVersions,
    unaffectedVersions: members.unaffectedVersions,
    arches: members.arches,
    entries: members.entries,
    custom: members.custom,
  };
}

function readMember(members: Members, name: string, value: JsonValue, place: AdvisoryPlace): void {
  switch (name) {
    case 'VendorIDs':
      members.vendorIds = strings(name, value);
      break;
    case 'Status':
      members.status = number(name, value);
      break;
    case 'Severity':
      members.severity = severities[number(name, value)] === undefined ? 0 : number(name, value);
      break;
    case 'FixedVersion':
      members.fixedVersion = text(name, value);
      break;
    case 'AffectedVersion':
      members.affectedVersion = text(name, value);
      break;
    case 'VulnerableVersions':
      members.vulnerableVersions = strings(name, value);
      break;
    case 'PatchedVersions':
      members.patchedVersions = strings(name, value);
      break;
    case 'UnaffectedVersions':
      members.unaffectedVersions = strings(name, value);
      break;
    case 'Arches':
      members.arches = strings(name, value);
      break;
    case 'Entries':
      members.entries = entries(name, value, place);
      break;
    case 'Custom':
      members.custom = value;
      break;
    default:
  }
}

function number(name: string, value: JsonValue): number {
  const found = asNumber(value);
  if (found === undefined) throw wrong(name);
  return Number.isInteger(found) && found >= 0 ? found : 0;
}

function text(name: string, value: JsonValue): string | undefined {
  const found = asString(value);
  if (found === undefined) throw wrong(name);
  return found === '' ? undefined : found;
}

function strings(name: string, value: JsonValue): readonly string[] {
  const found = asStrings(value);
  if (found === undefined) throw wrong(name);
  return found;
}

/** Entries of entries are not a thing: they would be read as unknown members. */
function entries(name: string, value: JsonValue, place: AdvisoryPlace): readonly Advisory[] {
  const found = asArray(value);
  if (found === undefined) throw wrong(name);
  return found.map((item) => {
    const entry = asObject(item);
    if (!entry) throw wrong(name);
    const { Entries: _, ...own } = entry;
    return advisoryOf(own, place);
  });
}

function wrong(name: string): FormatError {
  return new FormatError('INVALID', `its member ${name} has the wrong type`);
}

/** One vulnerability record, taking what can be read of it; `undefined` if it is no JSON object. */
export function decodeVulnerability(bytes: Uint8Array): VulnerabilityDetail | undefined {
  let value: JsonValue;
  try {
    value = parseJson(bytes, { maxBytes: maxRecordBytes });
  } catch (cause) {
    if (cause instanceof FormatError) return undefined;
    throw cause;
  }
  const record = asObject(value);
  if (!record) return undefined;
  const severity = severities.find((name) => name === record.Severity);
  return {
    title: filled(record.Title),
    description: filled(record.Description),
    severity,
    cweIds: asStrings(record.CweIDs),
    vendorSeverity: vendorSeverity(asObject(record.VendorSeverity)),
    cvss: cvssBySource(asObject(record.CVSS)),
    references: asStrings(record.References),
    publishedDate: filled(record.PublishedDate),
    lastModifiedDate: filled(record.LastModifiedDate),
  };
}

function filled(value: JsonValue | undefined): string | undefined {
  return asString(value) || undefined;
}

function vendorSeverity(record: JsonObject | undefined): Readonly<Record<string, Severity>> | undefined {
  if (!record) return undefined;
  // `fromEntries` keeps a member named `__proto__` an ordinary one.
  return Object.fromEntries(
    Object.entries(record).flatMap(([source, value]) => {
      const rank = asNumber(value);
      return rank === undefined ? [] : [[source, severityOfRank(rank)] as const];
    }),
  );
}

function cvssBySource(record: JsonObject | undefined): Readonly<Record<string, Cvss>> | undefined {
  if (!record) return undefined;
  return Object.fromEntries(
    Object.entries(record).flatMap(([source, value]) => {
      const members = asObject(value);
      return members ? [[source, cvssOf(members)] as const] : [];
    }),
  );
}

function cvssOf(members: JsonObject): Cvss {
  return {
    v2Vector: filled(members.V2Vector),
    v3Vector: filled(members.V3Vector),
    v40Vector: filled(members.V40Vector),
    v2Score: asNumber(members.V2Score),
    v3Score: asNumber(members.V3Score),
    v40Score: asNumber(members.V40Score),
  };
}

/** One data-source record; `undefined` if it is none. */
export function decodeDataSource(bytes: Uint8Array): DataSource | undefined {
  let record: JsonObject | undefined;
  try {
    record = asObject(parseJson(bytes, { maxBytes: maxRecordBytes }));
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
  }
  if (!record) return undefined;
  return {
    id: asString(record.ID) ?? '',
    name: asString(record.Name) ?? '',
    url: asString(record.URL) ?? '',
    baseId: filled(record.BaseID),
  };
}
