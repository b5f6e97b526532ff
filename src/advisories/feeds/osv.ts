import { FormatError } from '../../core/index.js';
import { asArray, asObject, asString, asStrings, type JsonObject, type JsonValue } from '../../formats/index.js';
import { dataSourceOf } from '../data-sources.js';
import type { DatabaseDraft } from '../draft.js';
import type { Feed } from '../feed.js';
import { osvDetail, type OsvDetailOptions } from '../osv-detail.js';
import { explicitVersions, fixedVersions, fixOf, rangeTexts } from '../osv-ranges.js';
import {
  type DistributionRelease,
  distributionOfOsv,
  type LanguageEcosystem,
  languageEcosystems,
  languageSource,
  normalizePackageName,
} from '../scopes.js';

/** Open Source Vulnerability records, one a file or several in an array: https://ossf.github.io/osv-schema/ */
export const osv = {
  id: 'osv',
  title: 'OSV',
  recognizes: (file) => {
    const value = file.jsonOrNothing();
    return isRecord(asArray(value)?.[0] ?? value);
  },
  read: (file, draft) => {
    const value = file.json();
    for (const item of asArray(value) ?? [value]) readRecord(item, draft);
  },
} as const satisfies Feed;

/** One record as far as it is the same for all packages in it. */
interface OsvRecord {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly related: readonly string[];
  readonly summary: string;
  readonly document: JsonObject;
  /** Source and vulnerability of the details that were written: once is enough, however many packages follow. */
  readonly described: Set<string>;
}

function isRecord(value: JsonValue | undefined): boolean {
  const record = asObject(value);
  return asString(record?.id) !== undefined && (asArray(record?.affected) ?? asString(record?.modified)) !== undefined;
}

function readRecord(value: JsonValue, draft: DatabaseDraft): void {
  const document = asObject(value);
  const id = asString(document?.id);
  if (!document || !id) throw new FormatError('INVALID', 'a record without an id');
  if (asString(document.withdrawn)) {
    draft.skip('OSV: withdrawn records');
    return;
  }
  const record: OsvRecord = {
    id,
    aliases: names(document, 'aliases'),
    related: [...names(document, 'upstream'), ...names(document, 'related')],
    summary: asString(document.summary) ?? '',
    document,
    described: new Set(),
  };
  const affected = asArray(document.affected ?? []);
  if (!affected) throw new FormatError('INVALID', `${id}: "affected" is not a list`);
  for (const item of affected) readAffected(item, record, draft);
}

function names(document: JsonObject, member: string): readonly string[] {
  const value = document[member] ?? [];
  const found = asStrings(value);
  if (!found) throw new FormatError('INVALID', `${asString(document.id) ?? ''}: "${member}" is not a list of texts`);
  return found;
}

function readAffected(item: JsonValue, record: OsvRecord, draft: DatabaseDraft): void {
  const affected = asObject(item);
  if (!affected) throw new FormatError('INVALID', `${record.id}: an affected package that is no JSON object`);
  const target = asObject(affected.package);
  const ecosystem = asString(target?.ecosystem);
  const name = asString(target?.name);
  if (ecosystem === undefined || !name) {
    // Records about git repositories name no package.
    draft.skip('OSV: affected entries that name no package');
    return;
  }
  const language = languageEcosystems.find((entry) => entry.osv === (ecosystem.split(':', 1)[0] ?? ''));
  const release = language ? undefined : distributionOfOsv(ecosystem);
  if (language) addLanguage(language, name, affected, record, draft);
  else if (release) addDistribution(release, name, affected, record, draft);
  else
    draft.skip(
      `OSV: ecosystem ${(ecosystem.split(':', 1)[0] ?? '').slice(0, 40)}, for which this format has no bucket`,
    );
}

function addLanguage(
  ecosystem: LanguageEcosystem,
  name: string,
  affected: JsonObject,
  record: OsvRecord,
  draft: DatabaseDraft,
): void {
  const dataSource = languageSource(ecosystem, record.id);
  const bucket = `${ecosystem.prefix}::${dataSource.name}`;
  draft.bucket(bucket, dataSource);
  draft.whole(`${ecosystem.prefix}::`);
  const ranges = rangeTexts(affected);
  const vulnerableVersions = [...ranges, ...explicitVersions(affected, ranges, ecosystem.scheme)];
  const advisory = { vulnerableVersions, patchedVersions: fixedVersions(affected) };
  const cves = record.aliases.filter(isCve);
  for (const vulnerabilityId of cves.length > 0 && !isCve(record.id) ? cves : [record.id]) {
    const vendorIds = [...record.aliases, record.id].filter((id) => !isCve(id) && id !== vulnerabilityId);
    const packageName = normalizePackageName(ecosystem.prefix, name);
    draft.advisory({ bucket, packageName, vulnerabilityId }, { ...advisory, vendorIds }, { keep: 'later' });
    describe(record, affected, { source: dataSource.id, vulnerabilityId }, draft);
  }
}

function addDistribution(
  release: DistributionRelease,
  name: string,
  affected: JsonObject,
  record: OsvRecord,
  draft: DatabaseDraft,
): void {
  const dataSource = dataSourceOf(release.sourceId);
  const { bucket, scheme, keep } = release;
  draft.bucket(bucket, dataSource);
  draft.whole(bucket);
  const fix = fixOf(affected, scheme);
  if (fix === 'never affected') return;
  const packageName = modularName(name, fix.fixedVersion, record.summary);
  const ids = distributionIds(record);
  for (const vulnerabilityId of ids) {
    const isErratum = vulnerabilityId !== record.id && !/-CVE-\d/.test(record.id);
    const vendorIds = isErratum ? [record.id] : undefined;
    draft.advisory({ bucket, packageName, vulnerabilityId }, { ...fix, vendorIds }, { keep, scheme });
    describe(record, affected, { source: release.sourceId, vulnerabilityId }, draft);
  }
}

function describe(record: OsvRecord, affected: JsonObject, options: OsvDetailOptions, draft: DatabaseDraft): void {
  const key = `${options.source} ${options.vulnerabilityId}`;
  if (record.described.has(key)) return;
  record.described.add(key);
  draft.detail(options.vulnerabilityId, osvDetail(record.document, affected, options));
}

/**
 * The flaws that a distribution's record is about. An erratum has no aliases: its CVEs are related. `DEBIAN-CVE-...`
 * and the like are the distribution's words about one CVE.
 */
function distributionIds(record: OsvRecord): readonly string[] {
  if (isCve(record.id)) return [record.id];
  const own = /^[A-Z]+-(CVE-\d{4}-\d+)$/.exec(record.id)?.[1];
  if (own) return [own];
  const aliases = record.aliases.filter(isCve);
  if (aliases.length > 0) return aliases;
  const related = [...new Set(record.related.filter(isCve))];
  return related.length > 0 ? related : [record.id];
}

/**
 * Packages of rpm modules stand under `module:stream::package`, because each stream has versions of its own. OSV records
 * name the stream only in the title of the erratum: `Important: nodejs:12 security update`.
 */
function modularName(name: string, version: string | undefined, summary: string): string {
  if (!version?.includes('.module_el')) return name;
  const word = summary.split(/\s+/, 8).find((text) => /^[a-z][\w.+-]{0,99}:[\w.+-]{1,100}$/i.test(text));
  return word ? `${word}::${name}` : name;
}

function isCve(id: string): boolean {
  return id.startsWith('CVE-');
}
