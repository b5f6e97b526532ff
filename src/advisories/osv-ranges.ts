import { FormatError } from '../core/index.js';
import { asArray, asObject, asString, asStrings, type JsonObject } from '../formats/index.js';
import { satisfies, schemes, type SchemeId } from '../versions/index.js';

interface OsvEvent {
  readonly kind: 'introduced' | 'fixed' | 'last_affected';
  readonly version: string;
}

/** One piece of an OSV range; no end: everything from the start on. */
interface Interval {
  readonly from: string;
  readonly fixed?: string | undefined;
  readonly last?: string | undefined;
}

/** Beyond this many explicit versions every one is stored, covered or not: comparing all would take too long. */
const maxComparedVersions = 20_000;

/** The ranges of one affected package as constraint texts; each is an alternative. */
export function rangeTexts(affected: JsonObject): readonly string[] {
  return [...new Set(intervalsOf(affected).map(textOf))];
}

/** The versions that end a range. */
export function fixedVersions(affected: JsonObject): readonly string[] {
  return [...new Set(intervalsOf(affected).flatMap((interval) => interval.fixed ?? []))];
}

/** The listed versions that no range covers, as constraint texts. */
export function explicitVersions(
  affected: JsonObject,
  ranges: readonly string[],
  scheme: SchemeId | undefined,
): readonly string[] {
  const versions = asStrings(affected.versions ?? []);
  if (!versions) throw new FormatError('INVALID', '"versions" is not a list of texts');
  const compared = scheme !== undefined && ranges.length > 0 && versions.length <= maxComparedVersions;
  const uncovered = compared ? versions.filter((version) => !isCovered(version, ranges, scheme)) : versions;
  return uncovered.map((version) => `=${version}`);
}

function isCovered(version: string, ranges: readonly string[], scheme: SchemeId): boolean {
  const known = schemes[scheme];
  return known.isValid(version) && ranges.some((range) => holds(version, range, scheme));
}

function holds(version: string, range: string, scheme: SchemeId): boolean {
  try {
    return satisfies(scheme, version, range);
  } catch {
    // A bound that the scheme cannot read covers nothing: the version is then listed by itself.
    return false;
  }
}

/** What the record of a distribution's package says, in the form that stores one fixed version. */
export function fixOf(
  affected: JsonObject,
  scheme: SchemeId,
): { readonly fixedVersion?: string | undefined; readonly affectedVersion?: string | undefined } | 'never affected' {
  const intervals = intervalsOf(affected);
  if (intervals.length === 0) return asArray(affected.versions)?.length ? {} : 'never affected';
  const open = intervals.find((interval) => interval.fixed === undefined);
  const last = open ?? intervals.reduce((a, b) => (isAbove(b.fixed, a.fixed, scheme) ? b : a));
  // Several pieces cannot be told apart in this form: from the first start on, until the last fix.
  const from = intervals.length === 1 && last.from !== '0' ? last.from : undefined;
  return last.fixed === '0' ? 'never affected' : { fixedVersion: last.fixed, affectedVersion: from };
}

function isAbove(a: string | undefined, b: string | undefined, schemeId: SchemeId): boolean {
  const scheme = schemes[schemeId];
  if (a === undefined || b === undefined || !scheme.isValid(a) || !scheme.isValid(b)) return false;
  return scheme.compare(a, b) > 0;
}

function textOf({ from, fixed, last }: Interval): string {
  if (last !== undefined && last === from) return `=${from}`;
  const start = from === '0' ? '' : `>=${from}`;
  const end = fixed !== undefined ? `<${fixed}` : last !== undefined ? `<=${last}` : '';
  if (end === '') return `>=${from}`;
  return start === '' ? end : `${start}, ${end}`;
}

function intervalsOf(affected: JsonObject): readonly Interval[] {
  const ranges = asArray(affected.ranges ?? []);
  if (!ranges) throw new FormatError('INVALID', '"ranges" is not a list');
  const intervals: Interval[] = [];
  for (const item of ranges) {
    const range = asObject(item);
    if (!range) throw new FormatError('INVALID', 'a range that is no JSON object');
    // Ranges of commits say nothing about versions.
    if (asString(range.type) === 'GIT') continue;
    intervals.push(...intervalsOfEvents(eventsOf(range)));
  }
  return intervals;
}

function intervalsOfEvents(events: readonly OsvEvent[]): readonly Interval[] {
  const intervals: Interval[] = [];
  let from: string | undefined;
  for (const { kind, version } of events) {
    if (kind === 'introduced') {
      if (from !== undefined) intervals.push({ from });
      from = version;
    } else {
      intervals.push({ from: from ?? '0', ...(kind === 'fixed' ? { fixed: version } : { last: version }) });
      from = undefined;
    }
  }
  if (from !== undefined) intervals.push({ from });
  return intervals;
}

function eventsOf(range: JsonObject): readonly OsvEvent[] {
  const events: OsvEvent[] = [];
  for (const item of asArray(range.events) ?? []) {
    for (const [kind, value] of Object.entries(asObject(item) ?? {})) {
      // `limit` bounds what an enumeration looks at; it ends no range.
      if (kind !== 'introduced' && kind !== 'fixed' && kind !== 'last_affected') continue;
      const version = asString(value);
      if (version === undefined) throw new FormatError('INVALID', `an event "${kind}" whose version is no text`);
      events.push({ kind, version });
    }
  }
  return events;
}
