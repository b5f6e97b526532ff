import { scoreCvss } from '../../src/cvss/index.js';
import { type SchemeId, satisfies, schemes } from '../../src/versions/index.js';
import {
  factsOf,
  isVulnerabilities,
  record,
  reviewedOf,
  type StarterDocument,
  type StarterFact,
  textOf,
} from './starter-table.js';

/** What is wrong with the table as such, one sentence each; and what it says, in numbers. */
export interface StructureReport {
  readonly problems: readonly string[];
  readonly scopes: number;
  readonly reviewed: number;
  readonly facts: number;
  readonly identifiers: number;
  /** Identifiers with a severity that some source gave. */
  readonly judged: number;
  /** Identifiers of facts without any severity: they stay UNKNOWN. */
  readonly unknown: readonly string[];
  /** Facts of changelogs for which the distribution's own lists give another version; the lists win. */
  readonly overruled: readonly string[];
}

const advisoryMembers = ['tidewaiter', 'scope', 'source', 'facts', 'reviewed', 'advisories'];
const vulnerabilityMembers = ['title', 'description', 'severity', 'cvss', 'cwe', 'published', 'modified', 'references'];
const statuses = [
  'not_affected',
  'affected',
  'fixed',
  'under_investigation',
  'will_not_fix',
  'fix_deferred',
  'end_of_life',
];
const severities = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
const identifier =
  /^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+|D[SL]A-\d+-\d+|TEMP-\d{7}-[0-9A-F]{6}|DSA-\d+|DLA-\d+)$/;
const scopeRules: readonly (readonly [scope: RegExp, source: string, scheme: SchemeId])[] = [
  [/^alpine \d+\.\d+$/, 'alpine', 'apk'],
  [/^debian \d+$/, 'debian', 'dpkg'],
  [/^npm$/, 'ghsa', 'npm'],
  [/^pip$/, 'ghsa', 'pep440'],
];
const detailSources = ['nvd', 'ghsa', 'alpine', 'debian', 'redhat', 'ubuntu'];

/** Checks documents against the form and against each other. */
export function checkStructure(documents: readonly StarterDocument[]): StructureReport {
  const facts = factsOf(documents);
  const reviewed = reviewedOf(documents);
  const details = documents.filter(isVulnerabilities);
  const severityIds = new Set(details.flatMap(({ data }) => idsWithSeverity(data)));
  const ownSeverity = new Set(facts.filter(({ value }) => record(value)['severity'] !== undefined).map(({ id }) => id));
  const identifiers = new Set(facts.map(({ id }) => id));
  const differences = versionDifferences(facts);
  const judged = [...identifiers].filter((id) => severityIds.has(id) || ownSeverity.has(id));
  const problems = [
    ...documents.flatMap(headProblems),
    ...facts.flatMap((fact) => factProblems(fact, reviewed)),
    ...differences.filter(({ overruled }) => !overruled).map(({ text }) => text),
    ...details.flatMap(detailProblems),
    ...detailContradictions(details),
  ];
  return {
    problems,
    scopes: reviewed.size,
    reviewed: [...reviewed.values()].reduce((sum, names) => sum + names.size, 0),
    facts: facts.length,
    identifiers: identifiers.size,
    judged: judged.length,
    unknown: [...identifiers].filter((id) => !judged.includes(id)).sort(),
    overruled: differences.filter(({ overruled }) => overruled).map(({ text }) => text),
  };
}

function headProblems({ file, text, data }: StarterDocument): string[] {
  const problems: string[] = [];
  if (!text.startsWith('#')) problems.push(`${file}: does not begin with a comment that names its source`);
  if (data['tidewaiter'] === 'vulnerabilities/v1') return problems;
  if (data['tidewaiter'] !== 'advisories/v1')
    return [...problems, `${file}: no known form: ${textOf(data['tidewaiter'])}`];
  const strange = Object.keys(data).filter((key) => !advisoryMembers.includes(key));
  if (strange.length > 0) problems.push(`${file}: unknown members ${strange.join(', ')}`);
  const rule = scopeRules.find(([scope]) => scope.test(textOf(data['scope'])));
  if (!rule) problems.push(`${file}: unknown scope ${textOf(data['scope'])}`);
  else if (data['source'] !== rule[1]) problems.push(`${file}: source of ${textOf(data['scope'])} must be ${rule[1]}`);
  if (!textOf(data['facts']).startsWith('https://')) problems.push(`${file}: facts must be an address`);
  const names = Array.isArray(data['reviewed']) ? data['reviewed'].map(textOf) : [];
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0) problems.push(`${file}: reviewed twice: ${twice.join(', ')}`);
  return problems;
}

function factProblems(fact: StarterFact, reviewed: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const where = `${fact.file}: ${fact.packageName}: ${fact.id}`;
  const scheme = scopeRules.find(([scope]) => scope.test(fact.scope))?.[2];
  const problems: string[] = [];
  if (!identifier.test(fact.id)) problems.push(`${where}: not an identifier`);
  if (!isOfFixesAlone(fact.file) && !reviewed.get(fact.scope)?.has(fact.packageName))
    problems.push(`${where}: the package is not reviewed in ${fact.scope}`);
  if (!scheme) return problems;
  if (typeof fact.value === 'string') return [...problems, ...versionProblems(where, scheme, [fact.value])];
  // A version such as 1.10 without quotes is a number, and not that version.
  if (!isMapping(fact.value)) return [...problems, `${where}: neither a version nor a mapping`];
  const form = record(fact.value);
  const { fixed, status, severity, vulnerable, patched } = form;
  if (fixed !== undefined) problems.push(...versionProblems(where, scheme, [textOf(fixed)]));
  if (status !== undefined && !statuses.includes(textOf(status)))
    problems.push(`${where}: unknown status ${textOf(status)}`);
  if (severity !== undefined && !severities.includes(textOf(severity))) problems.push(`${where}: unknown severity`);
  for (const constraint of [vulnerable, patched].flatMap((list) => (Array.isArray(list) ? list.map(textOf) : []))) {
    if (!isConstraint(scheme, constraint)) problems.push(`${where}: not a constraint: ${constraint}`);
  }
  return problems;
}

/**
 * Files that restate fixes alone may name packages whose flaws without a fix nobody looked up: they give findings, and
 * the image stays incomplete.
 */
function isOfFixesAlone(file: string): boolean {
  return file.endsWith('-lists.yaml') || file.endsWith('-changelogs.yaml');
}

function versionProblems(where: string, scheme: SchemeId, versions: readonly string[]): string[] {
  return versions
    .filter((version) => !schemes[scheme].isValid(version))
    .map((version) => `${where}: not a version: ${version}`);
}

function isConstraint(scheme: SchemeId, constraint: string): boolean {
  try {
    satisfies(scheme, '1.0.0', constraint);
    return true;
  } catch {
    // Whatever the scheme cannot read is not a constraint.
    return false;
  }
}

/** Two documents may speak of one fact, but not state two fixed versions of it. */
function versionDifferences(facts: readonly StarterFact[]): { readonly text: string; readonly overruled: boolean }[] {
  const seen = new Map<string, StarterFact>();
  return facts.flatMap((fact) => {
    const key = `${fact.scope}\n${fact.packageName}\n${fact.id}`;
    const before = seen.get(key);
    seen.set(key, fact);
    if (!before || before.file === fact.file) return [];
    const [a, b] = [versionText(before.value), versionText(fact.value)];
    if (!a || !b || a === b) return [];
    const overruled = before.file.endsWith('-changelogs.yaml') && fact.file.endsWith('-lists.yaml');
    return [{ text: `${fact.file}: ${fact.packageName}: ${fact.id}: ${b}, but ${before.file} says ${a}`, overruled }];
  });
}

function versionText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { fixed } = record(value);
  return fixed === undefined ? undefined : textOf(fixed);
}

function detailProblems({ file, data }: StarterDocument): string[] {
  return Object.entries(record(data['vulnerabilities'])).flatMap(([id, value]) => {
    const where = `${file}: ${id}`;
    const detail = record(value);
    const problems = Object.keys(detail)
      .filter((key) => !vulnerabilityMembers.includes(key))
      .map((key) => `${where}: unknown member ${key}`);
    if (!identifier.test(id)) problems.push(`${where}: not an identifier`);
    for (const [source, severity] of Object.entries(record(detail['severity']))) {
      if (!detailSources.includes(source)) problems.push(`${where}: unknown source ${source}`);
      if (!severities.includes(textOf(severity))) problems.push(`${where}: unknown severity ${textOf(severity)}`);
    }
    return [...problems, ...vectorProblems(where, detail)];
  });
}

/** Vectors are whole, stand under their own version, and the NVD's severity is the one its vector scores. */
function vectorProblems(where: string, detail: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  for (const [source, vectors] of Object.entries(record(detail['cvss']))) {
    for (const [slot, vector] of Object.entries(record(vectors))) {
      const scored = scoreCvss(textOf(vector));
      if (!scored || slot !== `v${scored.version[0]}`)
        problems.push(`${where}: ${source}: not a ${slot} vector: ${textOf(vector)}`);
    }
    const { v3, v2 } = record(vectors);
    const decisive = scoreCvss(textOf(v3 ?? v2 ?? ''));
    const stated = record(detail['severity'])[source];
    if (source !== 'nvd' || !decisive) continue;
    if (stated !== decisive.severity)
      problems.push(`${where}: nvd says ${textOf(stated)}, its vector ${decisive.severity}`);
  }
  return problems;
}

function detailContradictions(details: readonly StarterDocument[]): string[] {
  const seen = new Map<string, readonly [file: string, value: string]>();
  const problems: string[] = [];
  for (const { file, data } of details) {
    for (const [key, value] of detailValues(data)) {
      const before = seen.get(key);
      if (before && before[1] !== value) problems.push(`${file}: ${key}: ${value}, but ${before[0]} says ${before[1]}`);
      seen.set(key, [file, value]);
    }
  }
  return problems;
}

/** Every severity and vector of a document, under a key that names vulnerability, source and kind. */
function detailValues(data: Readonly<Record<string, unknown>>): (readonly [key: string, value: string])[] {
  return Object.entries(record(data['vulnerabilities'])).flatMap(([id, value]) => {
    const { severity, cvss } = record(value);
    const plain = Object.entries(record(severity)).map(
      ([source, text]) => [`${id} ${source} severity`, textOf(text)] as const,
    );
    const vectors = Object.entries(record(cvss)).flatMap(([source, slots]) =>
      Object.entries(record(slots)).map(([slot, vector]) => [`${id} ${source} ${slot}`, textOf(vector)] as const),
    );
    return [...plain, ...vectors];
  });
}

function idsWithSeverity(data: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(record(data['vulnerabilities'])).flatMap(([id, value]) =>
    Object.keys(record(record(value)['severity'])).length > 0 ? [id] : [],
  );
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
