import { isTidewaiterError, limits, messageOf } from '../core/index.js';
import { asArray, asObject, compileGlob, parseYaml, type JsonObject, type JsonValue } from '../formats/index.js';
import { ScreeningError } from './errors.js';
import type { Exception, Exceptions } from './exceptions.js';
import { parsePurlPattern } from './purl-pattern.js';

/** More entries than anybody reviews; every finding is held against all of them. */
const maxEntries = 100_000;

/**
 * Reads a file of exceptions: YAML if its name ends in `.yaml` or `.yml`, otherwise plain lines (`ID`, optionally
 * `exp:YYYY-MM-DD`; `#` starts a comment line; words after the first are for people). A plain line with an unreadable
 * date is passed over with a warning, so that its finding stays.
 * @throws ScreeningError `INVALID_EXCEPTION` for YAML of another shape, a pattern that is no path pattern, a text that is no package URL, a date that is none.
 */
export function parseIgnoreFile(text: string, name: string): Exceptions {
  if (text.length > limits.userFileBytes) {
    throw new ScreeningError('INVALID_EXCEPTION', `${name} has more than ${limits.userFileBytes} bytes`);
  }
  const source = cleanPath(name);
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  const { entries, warnings } = /\.ya?ml$/.test(name) ? readYaml(content, name) : readPlain(content, name);
  if (entries.length > maxEntries) {
    throw new ScreeningError('INVALID_EXCEPTION', `${name} has more than ${maxEntries} entries`);
  }
  return { source, entries, warnings };
}

interface Entries {
  readonly entries: readonly Exception[];
  readonly warnings: readonly string[];
}

function readPlain(text: string, name: string): Entries {
  const entries: Exception[] = [];
  const warnings: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [id, ...words] = line.split(/\s/).filter((word) => word !== '');
    if (id === undefined || id.startsWith('#')) continue;
    const expiry = words.find((word) => word.startsWith('exp:'));
    const expiresAt = expiry === undefined ? undefined : parseDay(expiry.slice('exp:'.length));
    if (expiry !== undefined && !expiresAt) {
      warnings.push(
        `${name}, line ${index + 1}: "${clip(expiry)}" is no date (exp:YYYY-MM-DD), so the line is ignored`,
      );
      continue;
    }
    entries.push({ id, kind: 'any', paths: [], purls: [], expiresAt });
  }
  return { entries, warnings };
}

const sections = [
  ['vulnerabilities', 'vulnerability'],
  ['misconfigurations', 'misconfiguration'],
  ['secrets', 'secret'],
  ['licenses', 'license'],
] as const;

function readYaml(text: string, name: string): Entries {
  const root = parseRoot(text, name);
  const entries: Exception[] = [];
  for (const [section, kind] of sections) {
    const list = root[section];
    if (list === undefined || list === null) continue;
    const items = asArray(list);
    if (!items) throw invalid(`${name}, ${section}`, 'is no list of entries');
    for (const [index, item] of items.entries()) {
      entries.push(readEntry(item, { kind, where: `${name}, ${section} entry ${index + 1}` }));
    }
  }
  return { entries, warnings: [] };
}

function parseRoot(text: string, name: string): JsonObject {
  if (text.split('\n').every((line) => /^\s*(#|$)/.test(line))) return {};
  let document: JsonValue;
  try {
    document = parseYaml(text, { name });
  } catch (cause) {
    throw new ScreeningError('INVALID_EXCEPTION', messageOf(cause), { cause });
  }
  if (document === null || document === undefined) return {};
  const root = asObject(document);
  if (!root) throw invalid(name, 'must have a member "vulnerabilities" that holds a list');
  return root;
}

function readEntry(value: JsonValue, at: { readonly kind: Exception['kind']; readonly where: string }): Exception {
  const entry = asObject(value);
  if (!entry) throw invalid(at.where, 'is no entry with an "id"');
  const where = `${at.where} (${clip(textOf(entry['id'], at.where, 'id') ?? 'without id')})`;
  return {
    id: textOf(entry['id'], where, 'id') ?? '',
    kind: at.kind,
    paths: textsOf(entry['paths'], where, 'paths').map((pattern) => explain(where, () => compileGlob(pattern))),
    purls: textsOf(entry['purls'], where, 'purls').map((purl) => explain(where, () => parsePurlPattern(purl))),
    expiresAt: momentOf(entry['expired_at'], where),
    statement: textOf(entry['statement'], where, 'statement'),
  };
}

function textOf(value: JsonValue | undefined, where: string, member: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw invalid(where, `"${member}" is no text`);
  return String(value);
}

function textsOf(value: JsonValue | undefined, where: string, member: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const list = asArray(value);
  if (!list) throw invalid(where, `"${member}" is no list`);
  return list.map((item) => textOf(item, where, member) ?? '');
}

function momentOf(value: JsonValue | undefined, where: string): Date | undefined {
  const text = textOf(value, where, 'expired_at');
  if (text === undefined || text === '') return undefined;
  const moment = parseDay(text) ?? parseMoment(text);
  if (!moment) throw invalid(where, `"expired_at" is no date: "${clip(text)}"`, 'write YYYY-MM-DD');
  return moment;
}

/** The start of a day, UTC. One-digit months and days are understood. */
function parseDay(text: string): Date | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const moment = new Date(0);
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // 31 November would be 1 December.
  return moment.getUTCMonth() === Number(month) - 1 && moment.getUTCDate() === Number(day) ? moment : undefined;
}

/** RFC 3339; a blank may stand for the `T`, and a missing offset means UTC. */
function parseMoment(text: string): Date | undefined {
  const [, day, time, offset = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ?(Z|z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  if (day === undefined || time === undefined || !parseDay(day)) return undefined;
  const moment = new Date(`${day}T${time}${offset.toUpperCase()}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

function explain<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalid(where, messageOf(cause), isTidewaiterError(cause) ? cause.hint : undefined);
  }
}

function invalid(where: string, problem: string, hint?: string): ScreeningError {
  return new ScreeningError('INVALID_EXCEPTION', `${where}: ${problem}`, { hint });
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The path without `.`, `x/..` and doubled slashes, as reports print it. */
function cleanPath(path: string): string {
  const absolute = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!absolute) kept.push('..');
  }
  return absolute ? `/${kept.join('/')}` : kept.join('/') || '.';
}
