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
  if (value === null) return place;
  const record = asObject(value);
  if (!record) throw new FormatError('INVALID', 'the record is not a JSON object');
  return advisoryOf(record, place, true);
}

function advisoryOf(record: JsonObject, place: AdvisoryPlace, outer: boolean): Advisory {
  const entries = outer ? list(record, 'Entries') : undefined;
  return {
    ...place,
    vendorIds: strings(record, 'VendorIDs'),
    status: number(record, 'Status'),
    severity: severityNumber(number(record, 'Severity')),
    fixedVersion: text(record, 'FixedVersion'),
    affectedVersion: text(record, 'AffectedVersion'),
    vulnerableVersions: strings(record, 'VulnerableVersions'),
    patchedVersions: strings(record, 'PatchedVersions'),
    unaffectedVersions: strings(record, 'UnaffectedVersions'),
    arches: strings(record, 'Arches'),
    entries: entries?.map((entry) => {
      const object = asObject(entry);
      if (!object) throw wrong('Entries');
      return advisoryOf(object, place, false);
    }),
    custom: record.Custom ?? undefined,
  };
}

function severityNumber(value: number | undefined): number | undefined {
  return value !== undefined && severities[value] === undefined ? 0 : value;
}

function number(record: JsonObject, name: string): number | undefined {
  const value = record[name] ?? undefined;
  if (value === undefined) return undefined;
  const found = asNumber(value);
  if (found === undefined) throw wrong(name);
  return Number.isInteger(found) && found >= 0 ? found : 0;
}

function text(record: JsonObject, name: string): string | undefined {
  const value = record[name] ?? undefined;
  if (value === undefined) return undefined;
  const found = asString(value);
  if (found === undefined) throw wrong(name);
  return found === '' ? undefined : found;
}

function strings(record: JsonObject, name: string): readonly string[] | undefined {
  const value = record[name] ?? undefined;
  if (value === undefined) return undefined;
  const found = asStrings(value);
  if (found === undefined) throw wrong(name);
  return found;
}

function list(record: JsonObject, name: string): readonly JsonValue[] | undefined {
  const value = record[name] ?? undefined;
  if (value === undefined) return undefined;
  const found = asArray(value);
  if (found === undefined) throw wrong(name);
  return found;
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
