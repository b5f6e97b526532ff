import { FormatError } from '../core/index.js';
import { severities, type Severity } from '../findings/index.js';
import { asArray, asNumber, asObject, asString, parseJson, type JsonObject, type JsonValue } from '../formats/index.js';
import type { FindingFact, ScanFacts, UnknownFact } from '../policy/index.js';
import { distinctFindings } from './scan-facts.js';

/** A report that was written to a file, as far as a policy is asked about it. */
export interface StoredReport {
  /** Of the image: its name, or the path of its archive. */
  readonly name: string;
  readonly facts: ScanFacts;
}

const maxReportBytes = 512 * 1024 * 1024;

/** Is a document a report (`--format tidewaiter` or `--format json`), and no manifest? */
export function isStoredReport(value: JsonValue): boolean {
  const root = asObject(value);
  if (!root || root.apiVersion !== undefined) return false;
  return isOwn(root) || (root.SchemaVersion === 2 && asString(root.ArtifactName) !== undefined);
}

/**
 * The facts of a report that was written with `--format tidewaiter` or `--format json`. One that another scanner wrote says
 * nothing of what it could not assess: that is an unknown of its own (`FOREIGN_REPORT`).
 * @throws FormatError `INVALID` for anything else.
 */
export function readStoredReport(text: string): StoredReport {
  const root = asObject(parseJson(text, { maxBytes: maxReportBytes }));
  if (!root || !isStoredReport(root)) throw new FormatError('INVALID', 'it is no report of a scan');
  return isOwn(root) ? readOwn(root) : readTrivy(root);
}

function isOwn(root: JsonObject): boolean {
  return root.schemaVersion === 1 && asObject(root.tool)?.name === 'tidewaiter' && asArray(root.images) !== undefined;
}

function readOwn(root: JsonObject): StoredReport {
  const images = objects(root.images);
  const findings = images.flatMap((image) =>
    objects(image.results).flatMap((result) => [
      ...objects(result.findings),
      ...objects(result.suppressed).flatMap((one) => {
        const finding = one.status === 'ignored' ? asObject(one.finding) : undefined;
        return finding ? [finding] : [];
      }),
    ]),
  );
  const repoDigest = texts(images[0]?.repoDigests)[0];
  return {
    name: asString(asObject(root.artifact)?.name) ?? '',
    facts: {
      digest: repoDigest?.slice(repoDigest.indexOf('@') + 1) ?? asString(images[0]?.manifestDigest),
      scannedAt: asString(root.createdAt),
      databaseUpdatedAt: asString(asObject(root.database)?.updatedAt),
      findings: distinctFindings(findings.map(ownFinding)),
      unknowns: images.flatMap((image) => objects(image.unknowns).map(unknownOf(['code', 'subject', 'reason']))),
      narrowing: narrowingOf(asObject(root.narrowing)),
    },
  };
}

function ownFinding(finding: JsonObject): FindingFact {
  const detail = asObject(finding.detail);
  return {
    vulnerabilityId: required(finding.vulnerabilityId),
    packageName: required(finding.packageName),
    installedVersion: asString(finding.installedVersion) ?? '',
    fixedVersion: asString(finding.fixedVersion) ?? '',
    severity: severityOf(finding.severity),
    cvss: highest(asObject(detail?.cvss), ['v40Score', 'v3Score', 'v2Score']),
    publishedAt: asString(detail?.publishedDate),
  };
}

function readTrivy(root: JsonObject): StoredReport {
  const own = asObject(root.Tidewaiter);
  const results = objects(root.Results);
  const ignoredIn = (result: JsonObject): readonly JsonObject[] =>
    objects(result.ExperimentalModifiedFindings).flatMap((one) => {
      const finding = one.Status === 'ignored' && one.Type === 'vulnerability' ? asObject(one.Finding) : undefined;
      return finding ? [finding] : [];
    });
  const findings = results.flatMap((result) => [...objects(result.Vulnerabilities), ...ignoredIn(result)]);
  const repoDigest = texts(asObject(root.Metadata)?.RepoDigests)[0];
  const foreign: UnknownFact = {
    code: 'FOREIGN_REPORT',
    subject: '',
    reason: 'another scanner wrote the report, and it does not say what could not be assessed',
  };
  return {
    name: asString(root.ArtifactName) ?? '',
    facts: {
      digest: repoDigest?.slice(repoDigest.indexOf('@') + 1),
      scannedAt: asString(root.CreatedAt),
      databaseUpdatedAt: asString(asObject(own?.Database)?.UpdatedAt),
      findings: distinctFindings(findings.map(trivyFinding)),
      unknowns: own ? objects(own.Unknowns).map(unknownOf(['Code', 'Subject', 'Reason'])) : [foreign],
      narrowing: goNarrowing(asObject(own?.Narrowing), results.flatMap(ignoredIn).length),
    },
  };
}

function trivyFinding(finding: JsonObject): FindingFact {
  return {
    vulnerabilityId: required(finding.VulnerabilityID),
    packageName: required(finding.PkgName),
    installedVersion: asString(finding.InstalledVersion) ?? '',
    fixedVersion: asString(finding.FixedVersion) ?? '',
    severity: severityOf(finding.Severity),
    cvss: highest(asObject(finding.CVSS), ['V40Score', 'V3Score', 'V2Score']),
    publishedAt: asString(finding.PublishedDate),
  };
}

const leftOut = {
  packageTypes: 'packages only of type',
  packageRelationships: 'packages only of relationship',
  skipped: 'passed over',
} as const;

function narrowingOf(value: JsonObject | undefined): ScanFacts['narrowing'] {
  if (!value) return undefined;
  const named = value.severities === undefined ? undefined : texts(value.severities);
  const options = Object.entries(leftOut).flatMap(([name, words]) => {
    const list = texts(value[name]);
    return list.length === 0 ? [] : [`${words} ${list.join(', ')}`];
  });
  return {
    severities: named && severities.filter((severity) => named.includes(severity)),
    withoutStatuses: texts(value.withoutStatuses),
    options,
  };
}

/** The same as Go spells it; there an ignore file takes findings away unless all are asked for. */
function goNarrowing(value: JsonObject | undefined, ignoredThere: number): ScanFacts['narrowing'] {
  const spelt = Object.entries(value ?? {}).map(([name, part]) => [name.charAt(0).toLowerCase() + name.slice(1), part]);
  const narrowing = value && narrowingOf(Object.fromEntries(spelt) as JsonObject);
  const missing = (asNumber(value?.Ignored) ?? 0) - ignoredThere;
  if (missing <= 0) return narrowing;
  const words = `${missing} that an ignore file names, for want of --show-suppressed`;
  return { ...narrowing, options: [...(narrowing?.options ?? []), words] };
}

function unknownOf(keys: readonly [string, string, string]): (value: JsonObject) => UnknownFact {
  const [code, subject, reason] = keys;
  return (value) => ({
    code: required(value[code]),
    subject: asString(value[subject]) ?? '',
    reason: asString(value[reason]) ?? '',
  });
}

function required(value: JsonValue | undefined): string {
  const text = asString(value);
  if (text === undefined || text === '') {
    throw new FormatError('INVALID', 'the report is damaged: an entry lacks what it is about');
  }
  return text;
}

function severityOf(value: JsonValue | undefined): Severity {
  return severities.find((severity) => severity === value) ?? 'UNKNOWN';
}

/** Of each source the score of the newest version of CVSS, and the highest of them. */
function highest(sources: JsonObject | undefined, keys: readonly string[]): number | undefined {
  const scores = Object.values(sources ?? {}).flatMap((source) => {
    const score = keys.map((key) => asNumber(asObject(source)?.[key])).find((one) => one !== undefined);
    return score === undefined ? [] : [score];
  });
  return scores.length === 0 ? undefined : Math.max(...scores);
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return (asArray(value) ?? []).map((item) => {
    const object = asObject(item);
    if (!object) throw new FormatError('INVALID', 'the report is damaged: an entry is no object');
    return object;
  });
}

function texts(value: JsonValue | undefined): readonly string[] {
  return (asArray(value) ?? []).flatMap((item) => asString(item) ?? []);
}
