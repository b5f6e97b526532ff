import { type Comparator, type ConstraintSyntax, splitConstraint } from '../constraint.js';
import { compareDigits, compareText, isDigits, normalDigits } from '../digits.js';
import { invalidConstraint, invalidVersion, type VersionScheme } from '../version-scheme.js';

/**
 * Python's versions, https://peps.python.org/pep-0440/. Constraints are read as vulnerability databases mean them:
 * pre-releases take part in the ordinary order, and the candidate's local label only counts where one is named.
 */
export const pep440 = {
  id: 'pep440',
  isValid: (text) => parseVersion(text) !== undefined,
  compare: (a, b) => compareVersions(parse(a), parse(b)),
  satisfies: (version, constraint) => {
    const candidate = parse(version);
    const alternatives = splitConstraint(constraint, syntax)?.map((comparators) => comparators.map(toCondition));
    if (!alternatives) throw invalidConstraint('pep440', constraint);
    let satisfied = false;
    for (const conditions of alternatives) {
      if (conditions.length === 0) throw invalidConstraint('pep440', constraint);
      if (!conditions.every((condition) => condition !== undefined)) throw invalidConstraint('pep440', constraint);
      satisfied ||= conditions.every((condition) => holds(candidate, condition));
    }
    return satisfied;
  },
} as const satisfies VersionScheme;

interface PythonVersion {
  readonly epoch: string;
  /** At least one number, trailing zeros kept. */
  readonly release: readonly string[];
  readonly pre: { readonly letter: string; readonly number: string } | undefined;
  readonly post: string | undefined;
  readonly dev: string | undefined;
  readonly local: readonly string[] | undefined;
}

interface Condition {
  readonly operator: string;
  /** As written, for `===`. */
  readonly text: string;
  readonly version: PythonVersion;
  /** Written with `.*`. */
  readonly isPrefix: boolean;
}

const syntax: ConstraintSyntax = {
  operators: ['===', '==', '!=', '~=', '<=', '>=', '=', '<', '>'],
  endsVersion: (text, index) => '<>=~'.includes(text.charAt(index)) || text.startsWith('!=', index),
};

// Each piece is matched where the one before it ended; none can be matched in two ways, so time stays linear.
const pieces = {
  epoch: /([0-9]+)!/y,
  release: /[0-9]+(?:\.[0-9]+)*/y,
  pre: /[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?([0-9]*)/y,
  dashPost: /-([0-9]+)/y,
  post: /[-_.]?(?:post|rev|r)[-_.]?([0-9]*)/y,
  dev: /[-_.]?dev[-_.]?([0-9]*)/y,
  local: /\+([a-z0-9]+(?:[-_.][a-z0-9]+)*)/y,
} as const;

const preLetters: ReadonlyMap<string, string> = new Map([
  ['alpha', 'a'],
  ['beta', 'b'],
  ['c', 'rc'],
  ['pre', 'rc'],
  ['preview', 'rc'],
]);

function parse(text: string): PythonVersion {
  const version = parseVersion(text);
  if (!version) throw invalidVersion('pep440', text);
  return version;
}

function parseVersion(untrimmed: string): PythonVersion | undefined {
  const text = untrimmed.trim().toLowerCase();
  let at = text.startsWith('v') ? 1 : 0;
  const take = (piece: RegExp): RegExpExecArray | undefined => {
    piece.lastIndex = at;
    const match = piece.exec(text) ?? undefined;
    if (match) at = piece.lastIndex;
    return match;
  };
  const epoch = take(pieces.epoch)?.[1];
  const release = take(pieces.release)?.[0];
  if (release === undefined) return undefined;
  const pre = take(pieces.pre);
  const post = take(pieces.dashPost) ?? take(pieces.post);
  const dev = take(pieces.dev);
  const local = take(pieces.local)?.[1];
  if (at !== text.length) return undefined;
  return {
    epoch: normalDigits(epoch ?? ''),
    release: release.split('.').map(normalDigits),
    pre: pre && { letter: preLetters.get(pre[1] ?? '') ?? pre[1] ?? '', number: normalDigits(pre[2] ?? '') },
    post: post && normalDigits(post[1] ?? ''),
    dev: dev && normalDigits(dev[1] ?? ''),
    local: local?.split(/[-_.]/),
  };
}

function compareVersions(a: PythonVersion, b: PythonVersion): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local);
}

function comparePublic(a: PythonVersion, b: PythonVersion): number {
  return (
    compareBase(a, b) || comparePre(a, b) || compareOptional(a.post, b.post, -1) || compareOptional(a.dev, b.dev, 1)
  );
}

/** Epoch and release; trailing zeros do not count. */
function compareBase(a: PythonVersion, b: PythonVersion): number {
  const order = compareDigits(a.epoch, b.epoch);
  if (order !== 0) return order;
  for (let i = 0; i < Math.max(a.release.length, b.release.length); i++) {
    const next = compareDigits(a.release[i] ?? '', b.release[i] ?? '');
    if (next !== 0) return next;
  }
  return 0;
}

function comparePre(a: PythonVersion, b: PythonVersion): number {
  if (a.pre && b.pre) return compareText(a.pre.letter, b.pre.letter) || compareDigits(a.pre.number, b.pre.number);
  return prePlace(a) - prePlace(b);
}

/** Only `dev` sorts before every pre-release, a final release after them all. */
function prePlace({ pre, post, dev }: PythonVersion): number {
  if (pre) return 0;
  return post === undefined && dev !== undefined ? -1 : 1;
}

/** `missing`: where a version without this piece stands against one with it. */
function compareOptional(a: string | undefined, b: string | undefined, missing: 1 | -1): number {
  if (a !== undefined && b !== undefined) return compareDigits(a, b);
  if (a === b) return 0;
  return a === undefined ? missing : -missing;
}

function compareLocal(a: PythonVersion['local'], b: PythonVersion['local']): number {
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    const order = compareLocalPart(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareLocalPart(a: string, b: string): number {
  const isLeftNumber = isDigits(a);
  const isRightNumber = isDigits(b);
  if (isLeftNumber && isRightNumber) return compareDigits(a, b);
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? 1 : -1;
  return compareText(a, b);
}

function toCondition({ operator, version: text }: Comparator): Condition | undefined {
  if (text === '*') return operator === '' ? anyVersion : undefined;
  const isPrefix = text.endsWith('.*');
  const version = parseVersion(isPrefix ? text.slice(0, -2) : text);
  if (!version || !isAllowed(operator, version, isPrefix)) return undefined;
  return { operator, text, version, isPrefix };
}

const anyVersion: Condition = { operator: '>=', text: '0', version: parse('0.dev0'), isPrefix: false };

function isAllowed(operator: string, version: PythonVersion, isPrefix: boolean): boolean {
  if (operator === '===') return true;
  if (operator === '' || operator === '=' || operator === '==' || operator === '!=') {
    return !isPrefix || (version.dev === undefined && !version.local);
  }
  if (isPrefix || version.local) return false;
  return operator !== '~=' || version.release.length >= 2;
}

function holds(candidate: PythonVersion, condition: Condition): boolean {
  const { operator, version } = condition;
  switch (operator) {
    case '===':
      return printVersion(candidate) === condition.text.toLowerCase();
    case '!=':
      return !isEqual(candidate, condition);
    case '<':
      return comparePublic(candidate, version) < 0;
    case '<=':
      return comparePublic(candidate, version) <= 0;
    case '>=':
      return comparePublic(candidate, version) >= 0;
    case '>':
      return isLater(candidate, version);
    case '~=':
      return comparePublic(candidate, version) >= 0 && hasPrefix(candidate, compatiblePrefix(version));
    default:
      return isEqual(candidate, condition);
  }
}

function isEqual(candidate: PythonVersion, { version, isPrefix }: Condition): boolean {
  if (isPrefix) return hasPrefix(candidate, elements(version));
  return version.local ? compareVersions(candidate, version) === 0 : comparePublic(candidate, version) === 0;
}

/** `>1.7` takes in neither `1.7.post1` nor `1.7+local`, though both sort after `1.7`. */
function isLater(candidate: PythonVersion, version: PythonVersion): boolean {
  if (comparePublic(candidate, version) <= 0) return false;
  const isOnlyPost = candidate.post !== undefined && version.post === undefined;
  return !isOnlyPost || compareBase(candidate, version) !== 0;
}

/** All but the last of the numbers and the pre-release. */
function compatiblePrefix(version: PythonVersion): readonly string[] {
  return elements({ ...version, post: undefined, dev: undefined }).slice(0, -1);
}

/** The parts that `.*` compares: the numbers as written, then pre-release, post-release, dev. */
function elements(version: PythonVersion): readonly string[] {
  const [first = '', ...others] = version.release.map((digits) => digits || '0');
  const { pre, post, dev } = version;
  return [
    version.epoch ? `${version.epoch}!${first}` : first,
    ...others,
    ...(pre ? [`${pre.letter}${pre.number || '0'}`] : []),
    ...(post === undefined ? [] : [`post${post || '0'}`]),
    ...(dev === undefined ? [] : [`dev${dev || '0'}`]),
  ];
}

function hasPrefix(candidate: PythonVersion, prefix: readonly string[]): boolean {
  const own = elements(candidate);
  return prefix.every((element, i) => own[i] === element);
}

function printVersion(version: PythonVersion): string {
  const { epoch, release, pre, post, dev, local } = version;
  return [
    epoch ? `${epoch}!` : '',
    release.map((digits) => digits || '0').join('.'),
    pre ? `${pre.letter}${pre.number || '0'}` : '',
    post === undefined ? '' : `.post${post || '0'}`,
    dev === undefined ? '' : `.dev${dev || '0'}`,
    local ? `+${local.join('.')}` : '',
  ].join('');
}
