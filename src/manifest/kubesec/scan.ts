import {
  asArray,
  asObject,
  readFirstYaml,
  readYamlStream,
  type BrokenYaml,
  type JsonObject,
  type JsonValue,
  type YamlPart,
} from '../../formats/index.js';
import type { SchemaCheck } from '../schemas/schema-check.js';
import { emptyScoring, failingScore, type KubesecReport } from './report.js';
import type { KubesecRule } from './rule.js';
import { objectTitle, scoreNothing, scoreObject, type KubesecCompat } from './score.js';

export interface KubesecScan {
  /** As the reports name the input. */
  readonly fileName: string;
  readonly rules: readonly KubesecRule[];
  readonly compat: KubesecCompat;
  readonly check: SchemaCheck;
}

/** Reports in the order of the input, or why there are none. */
export type KubesecResult = { readonly reports: readonly KubesecReport[] } | { readonly failure: string };

const invalidInput = 'invalid input';

/** What kubesec says of an input. */
export function scanKubesec(text: string, scan: KubesecScan): KubesecResult {
  return scan.compat === 'strict' ? scanStrictly(text, scan) : scanSoundly(text, scan);
}

/** Does a script see success? Kinds without rules fail a run only where nothing else was judged. */
export function hasFailed(reports: readonly KubesecReport[], compat: KubesecCompat): boolean {
  const counted = compat === 'strict' ? reports : reports.filter(({ valid, scored }) => scored || !valid);
  return (counted.length > 0 ? counted : reports).some(({ score }) => score <= failingScore);
}

/** The kinds whose schemas a scan of the input asks for, each once. */
export function kindsIn(text: string): readonly { readonly apiVersion: string; readonly kind: string }[] {
  const found = new Map<string, { readonly apiVersion: string; readonly kind: string }>();
  const add = (value: JsonValue): void => {
    const object = asObject(value);
    if (typeof object?.kind !== 'string' || typeof object.apiVersion !== 'string') return;
    const { apiVersion, kind } = object;
    found.set(`${apiVersion} ${kind}`, { apiVersion, kind });
    if (kind === 'List') asArray(object.items)?.forEach(add);
  };
  for (const part of readYamlStream(text)) if (part.kind === 'document') add(part.value);
  return [...found.values()];
}

/** Every document of the stream; what holds nothing is skipped, and what is broken is reported beside the rest. */
function scanSoundly(text: string, scan: KubesecScan): KubesecResult {
  const reports: KubesecReport[] = [];
  let broken: BrokenYaml | undefined;
  let read = 0;
  for (const part of readYamlStream(text)) {
    if (part.kind === 'empty') continue;
    if (part.kind === 'document') {
      read++;
      reports.push(...reportsOf(part, scan));
      continue;
    }
    broken ??= part;
    reports.push({ ...invalid('Unknown', scan, `error while parsing: ${yamlError(part)}`) });
  }
  if (read > 0) return { reports };
  return { failure: broken ? yamlError(broken) : invalidInput };
}

/** As the original splits: at lines of exactly three dashes, the first document of each part, all or nothing. */
function scanStrictly(text: string, scan: KubesecScan): KubesecResult {
  const reports: KubesecReport[] = [];
  for (const { part, line } of strictParts(text)) {
    const read = readFirstYaml(part, line);
    if (read.kind === 'broken') return { failure: yamlError(read) };
    if (read.kind === 'empty') reports.push({ ...base('Unknown', scan), valid: true, ...scoreNothing(scan.rules) });
    else reports.push(...reportsOf(read, scan));
  }
  return reports.length > 0 ? { reports } : { failure: invalidInput };
}

interface StrictPart {
  readonly part: string;
  readonly line: number;
}

function* strictParts(text: string): Iterable<StrictPart> {
  let line = 1;
  for (const piece of text.split('\n---\n')) {
    const leading = /^\s*/.exec(piece)?.[0] ?? '';
    const part = piece.trim();
    if (part !== '' && part !== '---') yield { part, line: line + linesIn(leading) };
    line += linesIn(piece) + 2;
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Lines are counted in the whole input. */
function yamlError({ line, reason }: BrokenYaml): string {
  return `yaml: line ${line}: ${reason}`;
}

function reportsOf(document: YamlPart & { readonly kind: 'document' }, scan: KubesecScan): readonly KubesecReport[] {
  const { value } = document;
  const object = asObject(value);
  if (!object) return [invalid('Unknown', scan, `${unmarshalling}${cannotHold(value)}`)];
  if (document.isJson) {
    const [repeated] = document.repeatedKeys();
    if (repeated) {
      const { line } = document.position(repeated.at);
      const why = `error converting YAML to JSON: yaml: unmarshal errors:\n  line ${line}: key ${JSON.stringify(repeated.key)} already set in map`;
      return [invalid(objectTitle(object), scan, unmarshalling + why)];
    }
  }
  return object.kind === 'List' ? reportsOfList(object, scan) : [reportOf(object, scan)];
}

function reportOf(object: JsonObject, scan: KubesecScan): KubesecReport {
  const problem = problemOf(object, scan);
  const title = objectTitle(object);
  return problem === undefined
    ? { ...base(title, scan), valid: true, ...scoreObject(object, scan.rules, scan.compat) }
    : invalid(title, scan, problem);
}

/**
 * The original checks a list's items and scores none. Here they are scored one by one; the list itself is reported only if
 * some of them are invalid, with what is wrong with those.
 */
function reportsOfList(list: JsonObject, scan: KubesecScan): readonly KubesecReport[] {
  if (typeof list.apiVersion !== 'string') return [reportOf(list, scan)];
  const items = asArray(list.items) ?? [];
  const problems = items.map((item) => {
    const object = asObject(item);
    return object ? problemOf(object, scan) : `${unmarshalling}${cannotHold(item)}`;
  });
  const message = problems.map((problem) => problem ?? '').join('');
  const title = objectTitle(list);
  if (scan.compat === 'strict' || items.length === 0) {
    if (message !== '') return [invalid(title, scan, message)];
    return [{ ...base(title, scan), valid: true, ...scoreObject(list, scan.rules, scan.compat) }];
  }
  const ofItems = items.flatMap((item, at) => {
    const object = asObject(item);
    return object && problems[at] === undefined ? [reportOf(object, scan)] : [];
  });
  return message === '' ? ofItems : [invalid(title, scan, message), ...ofItems];
}

/** Why an object is invalid, in the original's words. */
function problemOf(object: JsonObject, { check }: KubesecScan): string | undefined {
  if (typeof object.kind !== 'string') return "error while parsing: missing 'kind' key";
  if (typeof object.apiVersion !== 'string') return "error while parsing: missing 'apiVersion' key";
  return check(object, object.apiVersion, object.kind);
}

const unmarshalling = 'error unmarshalling resource: ';

function cannotHold(value: JsonValue): string {
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const name = type === 'boolean' ? 'bool' : type;
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${name} into Go value of type map[string]interface {}`;
}

function base(object: string, { fileName }: KubesecScan): Pick<KubesecReport, 'object' | 'fileName'> {
  return { object, fileName };
}

function invalid(object: string, scan: KubesecScan, message: string): KubesecReport {
  return { ...base(object, scan), valid: false, message, score: 0, scoring: emptyScoring, scored: false };
}
