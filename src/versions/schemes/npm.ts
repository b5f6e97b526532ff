import { type Comparator, type ConstraintSyntax, splitConstraint } from '../constraint.js';
import { compareDigits, increment, isDigits } from '../digits.js';
import { comparePreRelease } from '../pre-release.js';
import { invalidConstraint, invalidVersion, type VersionScheme } from '../version-scheme.js';

/**
 * npm's versions: strict https://semver.org texts. Constraints as advisories write them: comparators, `~`, `^`, wild
 * cards. Unlike a package manager's ranges they take in pre-releases: `2.0.0-alpha` satisfies `<2.0.0`.
 */
export const npm = {
  id: 'npm',
  isValid: (text) => parseVersion(text) !== undefined,
  compare: (a, b) => {
    const left = parse(a);
    const right = parse(b);
    return compareRelease(left.release, right.release) || comparePreRelease(left.preRelease, right.preRelease);
  },
  satisfies: (version, constraint) => {
    const candidate = parse(version);
    const alternatives = splitConstraint(constraint, syntax)?.map((comparators) => comparators.map(toCondition));
    if (!alternatives) throw invalidConstraint('npm', constraint);
    let satisfied = false;
    for (const conditions of alternatives) {
      if (!conditions.every((condition) => condition !== undefined)) throw invalidConstraint('npm', constraint);
      satisfied ||= conditions.every((condition) => holds(candidate, condition));
    }
    return satisfied;
  },
} as const satisfies VersionScheme;

interface Semver {
  /** Digits of major, minor and patch; `undefined` is a wild card. */
  readonly release: readonly (string | undefined)[];
  readonly preRelease: readonly string[];
}

interface Condition {
  readonly operator: string;
  readonly version: Semver;
}

const syntax: ConstraintSyntax = {
  operators: ['==', '>=', '=>', '<=', '=<', '=', '>', '<', '~', '^'],
  endsVersion: (text, index) => '<>=~^'.includes(text.charAt(index)),
};

const labels = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const full = new RegExp(`^([0-9]+)\\.([0-9]+)\\.([0-9]+)(?:-(${labels}))?(?:\\+${labels})?$`);
const part = '([0-9]+|[xX*])';
const partial = new RegExp(`^v?${part}(?:\\.${part})?(?:\\.${part})?(?:-(${labels}))?(?:\\+${labels})?$`);

function parse(text: string): Semver {
  const version = parseVersion(text);
  if (!version) throw invalidVersion('npm', text);
  return version;
}

function parseVersion(text: string): Semver | undefined {
  const [, major, minor, patch, label] = full.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const release = [major, minor, patch];
  const preRelease = label?.split('.') ?? [];
  return [...release, ...preRelease].some(hasLeadingZero) ? undefined : { release, preRelease };
}

function hasLeadingZero(text: string): boolean {
  return text.length > 1 && text.startsWith('0') && isDigits(text);
}

function toCondition({ operator, version: text }: Comparator): Condition | undefined {
  const [whole, major, minor, patch, label] = partial.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const release = [major, minor, patch].map((digits) =>
    digits !== undefined && isDigits(digits) ? digits : undefined,
  );
  return { operator, version: { release, preRelease: label?.split('.') ?? [] } };
}

function holds(candidate: Semver, { operator, version }: Condition): boolean {
  const isWild = version.release.includes(undefined);
  if (isWild && version.preRelease.length > 0) return false;
  const order =
    compareRelease(candidate.release, version.release) ||
    (isWild ? 0 : comparePreRelease(candidate.preRelease, version.preRelease));
  switch (operator) {
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
    case '~':
      return order >= 0 && isBelow(candidate, tildeBound(version.release));
    case '^':
      return order >= 0 && isBelow(candidate, caretBound(version.release));
    default:
      return order === 0;
  }
}

function isBelow(candidate: Semver, bound: readonly string[] | undefined): boolean {
  if (!bound) return true;
  return (compareRelease(candidate.release, bound) || comparePreRelease(candidate.preRelease, [])) < 0;
}

function tildeBound([major, minor]: Semver['release']): readonly string[] | undefined {
  if (major === undefined) return undefined;
  return minor === undefined ? [increment(major), '0', '0'] : [major, increment(minor), '0'];
}

function caretBound([major, minor, patch]: Semver['release']): readonly string[] | undefined {
  if (major === undefined) return undefined;
  if (minor === undefined || !isZero(major)) return [increment(major), '0', '0'];
  if (patch === undefined || !isZero(minor)) return [major, increment(minor), '0'];
  return [major, minor, increment(patch)];
}

function isZero(digits: string): boolean {
  return compareDigits(digits, '0') === 0;
}

/** A wild card equals everything, and ends the comparison. */
function compareRelease(a: Semver['release'], b: Semver['release']): number {
  for (let i = 0; i < 3; i++) {
    const left = a[i];
    const right = b[i];
    if (left === undefined || right === undefined) return 0;
    const order = compareDigits(left, right);
    if (order !== 0) return order;
  }
  return 0;
}
