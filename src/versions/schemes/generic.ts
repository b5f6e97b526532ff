import { type Comparator, type ConstraintSyntax, splitConstraint } from '../constraint.js';
import { compareDigits, increment, normalDigits } from '../digits.js';
import { comparePreRelease } from '../pre-release.js';
import { invalidConstraint, invalidVersion, type VersionScheme } from '../version-scheme.js';

/**
 * Versions of the ecosystems that have no scheme of their own (Go, Rust, PHP, .NET...): any count of numbers, a
 * pre-release that needs no dash before it, build metadata that does not count.
 */
export const generic = {
  id: 'generic',
  isValid: (text) => parseVersion(text) !== undefined,
  compare: (a, b) => compareVersions(parse(a), parse(b)),
  satisfies: (version, constraint) => {
    const candidate = parse(version);
    const alternatives = splitConstraint(constraint, syntax)?.map((comparators) => comparators.map(toCondition));
    if (!alternatives) throw invalidConstraint('generic', constraint);
    let satisfied = false;
    for (const conditions of alternatives) {
      if (conditions.length === 0) throw invalidConstraint('generic', constraint);
      if (!conditions.every((condition) => condition !== undefined)) throw invalidConstraint('generic', constraint);
      satisfied ||= conditions.every((condition) => holds(candidate, condition));
    }
    return satisfied;
  },
} as const satisfies VersionScheme;

interface GenericVersion {
  /** Digits of every segment, as many as were written. */
  readonly segments: readonly string[];
  /** Empty: none. */
  readonly preRelease: readonly string[];
}

interface Condition {
  readonly operator: string;
  readonly version: GenericVersion;
}

const syntax: ConstraintSyntax = {
  operators: ['==', '!=', '>=', '=>', '<=', '=<', '~>', '=', '>', '<', '~', '^'],
  // A tilde inside a version belongs to it.
  endsVersion: (text, index) => '<>=!^'.includes(text.charAt(index)) || text.startsWith('~>', index),
};

// One after the other where the last one ended, so that time stays linear.
const numbers = /v?([0-9]+(?:\.[0-9]+)*)/y;
const dashed = /-([0-9]*[A-Za-z~-][0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*|[0-9]+(?:\.[0-9A-Za-z~-]+)*|)/y;
const direct = /([A-Za-z~][0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)/y;
const metadata = /\+[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*/y;

function parse(text: string): GenericVersion {
  const version = parseVersion(text);
  if (!version) throw invalidVersion('generic', text);
  return version;
}

function parseVersion(text: string): GenericVersion | undefined {
  let at = 0;
  const take = (piece: RegExp): string | undefined => {
    piece.lastIndex = at;
    const match = piece.exec(text);
    if (!match) return undefined;
    at = piece.lastIndex;
    return match[1];
  };
  const release = take(numbers);
  if (release === undefined) return undefined;
  const label = take(dashed) ?? take(direct);
  take(metadata);
  if (at !== text.length) return undefined;
  return { segments: release.split('.').map(normalDigits), preRelease: label ? label.split('.') : [] };
}

function compareVersions(a: GenericVersion, b: GenericVersion): number {
  return compareSegments(a.segments, b.segments) || comparePreRelease(a.preRelease, b.preRelease);
}

/** Missing segments are zeros. */
function compareSegments(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = compareDigits(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function toCondition({ operator, version: text }: Comparator): Condition | undefined {
  const version = parseVersion(text);
  return version && { operator, version };
}

function holds(candidate: GenericVersion, { operator, version }: Condition): boolean {
  const order = compareVersions(candidate, version);
  switch (operator) {
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      return order <= 0;
    case '~>':
      return order >= 0 && isBelow(candidate, bump(version.segments, Math.max(version.segments.length - 2, 0)));
    case '~':
      return order >= 0 && isBelow(candidate, bump(version.segments, tildePlace(version.segments.length)));
    case '^':
      return order >= 0 && isBelow(candidate, bump(version.segments, caretPlace(version.segments)));
    default:
      return order === 0;
  }
}

/** Which segment `~` raises: the last but one, but of two the second. */
function tildePlace(count: number): number {
  return count === 2 ? 1 : Math.max(count - 2, 0);
}

/** Which segment `^` raises: the first that is not zero, or the last. */
function caretPlace(segments: readonly string[]): number {
  const place = segments.findIndex((digits) => digits !== '');
  return place === -1 ? segments.length - 1 : place;
}

function bump(segments: readonly string[], place: number): readonly string[] {
  return [...segments.slice(0, place), increment(segments[place] ?? '')];
}

function isBelow(candidate: GenericVersion, bound: readonly string[]): boolean {
  return (compareSegments(candidate.segments, bound) || comparePreRelease(candidate.preRelease, [])) < 0;
}
