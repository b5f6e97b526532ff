import { FormatError } from '../../core/index.js';
import { severities, statuses } from '../../findings/index.js';
import {
  asObject,
  asString,
  asStrings,
  type JsonObject,
  type JsonValue,
  parseYamlDocuments,
} from '../../formats/index.js';
import { scoreCvss } from '../../cvss/index.js';
import type { AdvisoryDraft, DatabaseDraft } from '../draft.js';
import { type Feed, type FeedOptions, maxFeedFileBytes } from '../feed.js';
import { type Scope, scopeOf } from '../scopes.js';

/**
 * Advisories and vulnerabilities as people write them: documents whose first member is
 * `tidewaiter: advisories/v1` or `tidewaiter: vulnerabilities/v1`.
 */
export const plainYaml = {
  id: 'plain-yaml',
  title: 'plain YAML',
  recognizes: (file) => file.firstLine().startsWith('tidewaiter:'),
  read: (file, draft, options) => {
    for (const item of parseYamlDocuments(file.text(), { maxBytes: maxFeedFileBytes })) {
      if (item === null) continue;
      const document = objectOf(item, 'a document');
      if (document.tidewaiter === 'advisories/v1') readAdvisories(document, draft, options);
      else if (document.tidewaiter === 'vulnerabilities/v1') readVulnerabilities(document, draft);
      else throw wrong('a document that is neither advisories/v1 nor vulnerabilities/v1');
    }
  },
} as const satisfies Feed;

const advisoriesMembers = ['tidewaiter', 'scope', 'source', 'facts', 'reviewed', 'advisories'];
const advisoryMembers = ['fixed', 'affected', 'status', 'severity', 'ids', 'vulnerable', 'patched', 'unaffected'];
const vulnerabilityMembers = ['title', 'description', 'severity', 'cvss', 'cwe', 'published', 'modified', 'references'];

function readAdvisories(document: JsonObject, draft: DatabaseDraft, options: FeedOptions): void {
  refuseOthers(document, advisoriesMembers, 'advisories');
  const name = textOf(document.scope, 'scope');
  const scope = scopeOf(name, textOf(document.source, 'source'));
  if (!scope)
    throw wrong(`${name}: the source ${JSON.stringify(document.source)} is none that has a name and an address`);
  draft.bucket(scope.bucket, scope.dataSource);
  const advisories =
    document.advisories === undefined || document.advisories === null
      ? {}
      : objectOf(document.advisories, 'advisories');
  const reviewed = document.reviewed === undefined ? undefined : namesOf(document.reviewed, `${name}: reviewed`);
  const names = [...(reviewed ?? []), ...Object.keys(advisories)].map(scope.normalize);
  draft.reviewed(scope.coverage, names, { listed: reviewed !== undefined || options.starter });
  for (const [packageName, flaws] of Object.entries(advisories)) {
    for (const [vulnerabilityId, value] of Object.entries(objectOf(flaws ?? {}, `${name}: ${packageName}`))) {
      const key = { bucket: scope.bucket, packageName: scope.normalize(packageName), vulnerabilityId };
      const advisory = advisoryOf(value, scope, `${name}: ${packageName} ${vulnerabilityId}`);
      draft.advisory(key, advisory, { keep: 'later' });
    }
  }
}

function advisoryOf(value: JsonValue, scope: Scope, where: string): AdvisoryDraft {
  if (typeof value === 'string' && !scope.language && value !== '') return { fixedVersion: value };
  // A version like 1.10 would arrive as the number 1.1.
  if (typeof value === 'number') throw wrong(`${where}: put the version in quotes`);
  const members = objectOf(value ?? {}, where);
  refuseOthers(members, advisoryMembers, where);
  const advisory = {
    fixedVersion: optionalText(members.fixed, `${where}: fixed`),
    affectedVersion: optionalText(members.affected, `${where}: affected`),
    status: numbered(members.status, statuses, `${where}: status`),
    severity: numbered(members.severity, severities, `${where}: severity`),
    vendorIds: optionalNames(members.ids, `${where}: ids`),
    vulnerableVersions: optionalNames(members.vulnerable, `${where}: vulnerable`),
    patchedVersions: optionalNames(members.patched, `${where}: patched`),
    unaffectedVersions: optionalNames(members.unaffected, `${where}: unaffected`),
  };
  if (scope.language && !advisory.vulnerableVersions?.length && !advisory.patchedVersions?.length) {
    throw wrong(`${where}: it needs the ranges "vulnerable" or "patched"`);
  }
  return advisory;
}

function readVulnerabilities(document: JsonObject, draft: DatabaseDraft): void {
  refuseOthers(document, ['tidewaiter', 'vulnerabilities'], 'vulnerabilities');
  for (const [id, value] of Object.entries(objectOf(document.vulnerabilities ?? {}, 'vulnerabilities'))) {
    const members = objectOf(value ?? {}, id);
    refuseOthers(members, vulnerabilityMembers, id);
    draft.detail(id, {
      source: '',
      title: optionalText(members.title, `${id}: title`),
      description: optionalText(members.description, `${id}: description`),
      cweIds: optionalNames(members.cwe, `${id}: cwe`),
      references: optionalNames(members.references, `${id}: references`),
      publishedDate: optionalTime(members.published, `${id}: published`),
      lastModifiedDate: optionalTime(members.modified, `${id}: modified`),
    });
    readJudgements(id, members, draft);
  }
}

/** Severities and vectors, which are each of a source. */
function readJudgements(id: string, members: JsonObject, draft: DatabaseDraft): void {
  for (const [source, label] of Object.entries(objectOf(members.severity ?? {}, `${id}: severity`))) {
    const rank = numbered(label, severities, `${id}: severity`);
    draft.detail(id, { source, severity: severities[rank ?? 0] });
  }
  for (const [source, value] of Object.entries(objectOf(members.cvss ?? {}, `${id}: cvss`))) {
    const vectors = objectOf(value, `${id}: cvss`);
    refuseOthers(vectors, ['v2', 'v3', 'v4'], `${id}: cvss`);
    draft.detail(id, {
      source,
      v2Vector: vectorOf(vectors.v2, `${id}: cvss`),
      v3Vector: vectorOf(vectors.v3, `${id}: cvss`),
      v40Vector: vectorOf(vectors.v4, `${id}: cvss`),
    });
  }
}

function vectorOf(value: JsonValue | undefined, where: string): string | undefined {
  const vector = optionalText(value, where);
  if (vector !== undefined && !scoreCvss(vector)) throw wrong(`${where}: ${JSON.stringify(vector)} is no CVSS vector`);
  return vector;
}

/** A name out of a list, as its index. */
function numbered(value: JsonValue | undefined, list: readonly string[], where: string): number | undefined {
  if (value === undefined) return undefined;
  const at = typeof value === 'string' ? list.indexOf(value) : -1;
  if (at < 0) throw wrong(`${where}: ${JSON.stringify(value)} is none of ${list.join(', ')}`);
  return at;
}

function objectOf(value: JsonValue, where: string): JsonObject {
  const found = asObject(value);
  if (!found) throw wrong(`${where}: a mapping is expected`);
  return found;
}

function textOf(value: JsonValue | undefined, where: string): string {
  const found = asString(value);
  if (!found) throw wrong(`${where}: a text is expected`);
  return found;
}

function optionalText(value: JsonValue | undefined, where: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number') throw wrong(`${where}: put the number in quotes`);
  return textOf(value, where);
}

function optionalTime(value: JsonValue | undefined, where: string): string | undefined {
  const text = optionalText(value, where);
  if (text !== undefined && Number.isNaN(Date.parse(text))) throw wrong(`${where}: ${JSON.stringify(text)} is no time`);
  return text;
}

function namesOf(value: JsonValue | undefined, where: string): readonly string[] {
  const found = value === null ? [] : asStrings(value);
  if (!found) throw wrong(`${where}: a list of texts is expected`);
  return found;
}

function optionalNames(value: JsonValue | undefined, where: string): readonly string[] | undefined {
  return value === undefined ? undefined : namesOf(value, where);
}

/** A misspelt member would be a fact that is lost. */
function refuseOthers(record: JsonObject, members: readonly string[], where: string): void {
  const other = Object.keys(record).find((name) => !members.includes(name));
  if (other !== undefined)
    throw wrong(`${where}: unknown member ${JSON.stringify(other)}; known are ${members.join(', ')}`);
}

function wrong(what: string): FormatError {
  return new FormatError('INVALID', what);
}
