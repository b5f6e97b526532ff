import { TidewaiterError } from '../core/index.js';
import { digestHexLengths, parseDigest, type Digest } from './digest.js';

/** An image name with every default written out. At least one of `tag` and `digest` is there; the digest decides. */
export interface Reference {
  /** Host and port as given, case kept: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Lower-case path below the registry: `library/nginx`. */
  readonly repository: string;
  /** `latest` where the text has neither tag nor digest. */
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

/** The rule that a name breaks. */
export type ReferenceRule =
  | 'EMPTY'
  | 'SCHEME'
  | 'CREDENTIALS'
  | 'INVALID_REGISTRY'
  | 'INVALID_PORT'
  | 'UNDERSCORE_IN_REGISTRY'
  | 'EMPTY_COMPONENT'
  | 'UPPER_CASE'
  | 'INVALID_CHARACTER'
  | 'INVALID_SEPARATOR'
  | 'HEX_NAME'
  | 'REPOSITORY_TOO_LONG'
  | 'INVALID_TAG'
  | 'TAG_TOO_LONG'
  | 'INVALID_DIGEST';

/** A text that is no image name: which rule it breaks, and where. */
export class InvalidReferenceError extends TidewaiterError<ReferenceRule> {
  /** Index of the first character that breaks the rule; the text's length where something is missing at its end. */
  readonly offset: number;
  /** The rule as one clause, without the name itself. */
  readonly rule: string;

  constructor(
    text: string,
    broken: {
      readonly code: ReferenceRule;
      readonly offset: number;
      readonly rule: string;
      readonly hint?: string | undefined;
    },
  ) {
    super(broken.code, `${quote(text)} is no image name: ${broken.rule} (character ${broken.offset + 1})`, {
      hint: broken.hint,
    });
    this.offset = broken.offset;
    this.rule = broken.rule;
  }
}

/** Registry that a name without one means. */
export const defaultRegistry = 'docker.io';
/** Tag of a name that has neither tag nor digest. */
export const defaultTag = 'latest';

const legacyDefaultRegistry = 'index.docker.io';
const officialPrefix = 'library/';
const maxRepositoryLength = 255;
const maxTagLength = 128;
/** Of a registry or a path: far more than any can have. */
const maxPartLength = 4096;

/**
 * Reads `[registry/]repository[:tag][@digest]` as the kubelet and containerd do, in time linear in its length.
 * Throws `InvalidReferenceError`; a registry with an underscore is refused, though those parsers let it through.
 */
export function parseReference(text: string): Reference {
  if (text === '') fail(text, { code: 'EMPTY', offset: 0, rule: 'it is empty' });
  if (/^[0-9a-f]{64}$/.test(text)) {
    fail(text, {
      code: 'HEX_NAME',
      offset: 0,
      rule: '64 hexadecimal digits alone are an image id, which no registry can be asked for',
      hint: 'give the name of the image, or name@sha256:digest',
    });
  }
  const { registry, start } = splitRegistry(text);
  const at = text.indexOf('@', start);
  const nameEnd = at < 0 ? text.length : at;
  const colon = text.indexOf(':', start);
  const pathEnd = colon < 0 || colon > nameEnd ? nameEnd : colon;

  const repository = readRepository(text, { registry, start, end: pathEnd });
  const tag = pathEnd < nameEnd ? readTag(text, pathEnd + 1, nameEnd) : undefined;
  const digest = at < 0 ? undefined : readDigest(text, at + 1);
  if (digest === undefined) return { registry, repository, tag: tag ?? defaultTag };
  return tag === undefined ? { registry, repository, digest } : { registry, repository, tag, digest };
}

/** The canonical form, with registry, repository and all there is of tag and digest; it parses back to the same. */
export function formatReference(reference: Reference): string {
  return `${formatRepository(reference)}${formatSuffix(reference)}`;
}

/** `registry/repository`, without tag and digest. */
export function formatRepository(reference: Pick<Reference, 'registry' | 'repository'>): string {
  return `${reference.registry}/${reference.repository}`;
}

/** The short form that people type: Docker Hub's registry and `library/` left out where the rest still means the same. */
export function formatFamiliar(reference: Reference): string {
  const { registry, repository } = reference;
  const suffix = formatSuffix(reference);
  if (registry !== defaultRegistry) return `${registry}/${repository}${suffix}`;
  const bare = repository.slice(officialPrefix.length);
  if (repository.startsWith(officialPrefix) && bare !== '' && !bare.includes('/')) return `${bare}${suffix}`;
  // docker.io/localhost/x and docker.io/a.b/x would change their registry without the first part.
  const first = repository.slice(0, Math.max(repository.indexOf('/'), 0));
  return first === '' || namesRegistry(first) ? `${registry}/${repository}${suffix}` : `${repository}${suffix}`;
}

function formatSuffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitRegistry(text: string): { readonly registry: string; readonly start: number } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  if (slash === 0) fail(text, { code: 'EMPTY_COMPONENT', offset: 0, rule: 'nothing stands before the first "/"' });
  if (first === '' || !namesRegistry(first)) return { registry: defaultRegistry, start: 0 };
  if (first === legacyDefaultRegistry) return { registry: defaultRegistry, start: slash + 1 };
  checkRegistry(text, slash);
  return { registry: first, start: slash + 1 };
}

/** Does the part before the first slash name a registry, rather than the first part of a path on Docker Hub? */
function namesRegistry(part: string): boolean {
  return part === 'localhost' || /[.:]/.test(part) || part.toLowerCase() !== part;
}

function checkRegistry(text: string, end: number): void {
  if (end > maxPartLength) {
    const rule = `the registry has ${end} characters, more than ${maxPartLength}`;
    fail(text, { code: 'INVALID_REGISTRY', offset: maxPartLength, rule });
  }
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.exec(text.slice(0, 40));
  if (scheme && scheme[0].length === end + 2) {
    fail(text, {
      code: 'SCHEME',
      offset: 0,
      rule: `an image name has no scheme such as "${scheme[0]}"`,
      hint: `leave "${scheme[0]}" out`,
    });
  }
  const account = text.slice(0, end).indexOf('@');
  if (account >= 0) {
    fail(text, {
      code: 'CREDENTIALS',
      offset: account,
      rule: 'no "@" may stand in the registry: a name carries no user and no password',
      hint: 'leave the account out of the name and give credentials to the client that pulls',
    });
  }
  const hostEnd = text.startsWith('[') ? checkBracketedHost(text, end) : checkHost(text, end);
  if (hostEnd < end) checkPort(text, hostEnd, end);
}

function checkBracketedHost(text: string, end: number): number {
  for (let index = 1; index < end; index++) {
    const character = text.charAt(index);
    if (character === ']' && index > 1) return index + 1;
    if (/[0-9a-fA-F:]/.test(character)) continue;
    fail(text, {
      code: 'INVALID_REGISTRY',
      offset: index,
      rule:
        character === '%'
          ? 'an IPv6 address in a name has no zone'
          : 'an IPv6 address in brackets has hexadecimal digits and ":" only',
    });
  }
  return fail(text, { code: 'INVALID_REGISTRY', offset: end, rule: 'the bracket of the IPv6 address is not closed' });
}

function checkHost(text: string, end: number): number {
  let labelStart = 0;
  for (let index = 0; index <= end; index++) {
    const character = text.charAt(index);
    const ends = index === end || character === '.' || character === ':';
    if (!ends && /[a-zA-Z0-9-]/.test(character)) continue;
    if (!ends) failHostCharacter(text, index);
    checkLabel(text, labelStart, index);
    if (character !== '.') return index;
    labelStart = index + 1;
  }
  return end;
}

function checkLabel(text: string, start: number, end: number): void {
  const bad = (offset: number, rule: string, hint?: string): never =>
    fail(text, { code: 'INVALID_REGISTRY', offset, rule, hint });
  if (start === end) {
    const manyColons = text.slice(0, Math.max(text.indexOf('/'), 0)).split(':').length > 2;
    bad(
      end,
      'the name of the registry has an empty part',
      manyColons ? 'write an IPv6 address in brackets: [::1]:5000/name' : undefined,
    );
  }
  if (text.charAt(start) === '-') bad(start, 'no part of the registry\'s name may start with "-"');
  if (text.charAt(end - 1) === '-') bad(end - 1, 'no part of the registry\'s name may end with "-"');
}

function failHostCharacter(text: string, index: number): never {
  if (text.charAt(index) === '_') {
    fail(text, {
      code: 'UNDERSCORE_IN_REGISTRY',
      offset: index,
      rule: 'the name of a registry may not have an underscore "_"; some runtimes would dial such a host, others look on Docker Hub',
      hint: 'give the registry a host name without an underscore',
    });
  }
  return fail(text, {
    code: 'INVALID_REGISTRY',
    offset: index,
    rule: `${quote(characterAt(text, index))} may not stand in the name of a registry, which has letters, digits, "-" and "." only`,
  });
}

function checkPort(text: string, colon: number, end: number): void {
  const afterBracket = text.charAt(colon - 1) === ']';
  if (text.charAt(colon) !== ':') {
    fail(text, { code: 'INVALID_REGISTRY', offset: colon, rule: 'only a ":" and a port may follow the IPv6 address' });
  }
  for (let index = colon + 1; index < end; index++) {
    if (/[0-9]/.test(text.charAt(index))) continue;
    const many = !afterBracket && text.slice(colon + 1, end).includes(':');
    fail(text, {
      code: 'INVALID_PORT',
      offset: index,
      rule: `the port of the registry has digits only, not ${quote(characterAt(text, index))}`,
      hint: many ? 'write an IPv6 address in brackets: [::1]:5000/name' : undefined,
    });
  }
  if (colon + 1 === end)
    fail(text, { code: 'INVALID_PORT', offset: end, rule: 'a port must follow the ":" of the registry' });
}

function failTooLong(text: string, { start, end }: PathRange, prefix: string): never {
  const length = prefix.length + end - start;
  return fail(text, {
    code: 'REPOSITORY_TOO_LONG',
    offset: start + maxRepositoryLength - prefix.length,
    rule: `the repository has ${length} characters${prefix ? ' with its "library/"' : ''}, more than ${maxRepositoryLength}`,
  });
}

interface PathRange {
  readonly registry: string;
  readonly start: number;
  readonly end: number;
}

function readRepository(text: string, range: PathRange): string {
  // Which other rules it breaks is not worth the time.
  if (range.end - range.start > maxPartLength) failTooLong(text, range, '');
  let componentStart = range.start;
  for (let index = range.start; index <= range.end; index++) {
    if (index < range.end && text.charAt(index) !== '/') continue;
    checkComponent(text, componentStart, index);
    componentStart = index + 1;
  }
  const path = text.slice(range.start, range.end);
  const prefix = range.registry === defaultRegistry && !path.includes('/') ? officialPrefix : '';
  if (prefix.length + path.length > maxRepositoryLength) {
    failTooLong(text, range, prefix);
  }
  return prefix + path;
}

function checkComponent(text: string, start: number, end: number): void {
  if (start === end) {
    fail(text, {
      code: 'EMPTY_COMPONENT',
      offset: start,
      rule:
        end < text.length && text.charAt(end) === '/'
          ? 'two "/" stand together'
          : 'the name of the repository is missing',
    });
  }
  let index = start;
  while (index < end) {
    const character = text.charAt(index);
    if (/[a-z0-9]/.test(character)) index++;
    else if (/[._-]/.test(character)) index = checkSeparator(text, { start, index, end });
    else failPathCharacter(text, index);
  }
}

function checkSeparator(
  text: string,
  place: { readonly start: number; readonly index: number; readonly end: number },
): number {
  const bad = (offset: number, rule: string): never => fail(text, { code: 'INVALID_SEPARATOR', offset, rule });
  const first = text.charAt(place.index);
  if (place.index === place.start) bad(place.index, `no part of the repository's name may start with "${first}"`);
  let end = place.index;
  while (end < place.end && /[._-]/.test(text.charAt(end))) end++;
  if (end === place.end) bad(end - 1, `no part of the repository's name may end with "${text.charAt(end - 1)}"`);
  let same = place.index;
  while (text.charAt(same) === first) same++;
  const allowed = first === '.' ? 1 : first === '_' ? 2 : Number.POSITIVE_INFINITY;
  if (same - place.index > allowed)
    bad(place.index + allowed, `too many "${first}" stand together in the repository's name`);
  if (same < end) bad(same, `"${first}" and "${text.charAt(same)}" may not stand together in the repository's name`);
  return end;
}

function failPathCharacter(text: string, index: number): never {
  const character = characterAt(text, index);
  if (/[A-Z]/.test(character)) {
    fail(text, {
      code: 'UPPER_CASE',
      offset: index,
      rule: 'the name of a repository must be lower case',
      hint: 'write it in lower-case letters',
    });
  }
  return fail(text, {
    code: 'INVALID_CHARACTER',
    offset: index,
    rule: `${quote(character)} may not stand in the name of a repository, which has a-z, 0-9 and ". _ - /" only`,
    hint: /\s/.test(character) ? 'remove the white space' : undefined,
  });
}

function readTag(text: string, start: number, end: number): string {
  if (start === end)
    fail(text, {
      code: 'INVALID_TAG',
      offset: start,
      rule: 'a tag must follow the ":"',
      hint: 'leave the ":" out to mean latest',
    });
  for (let index = start; index < end; index++) {
    const character = text.charAt(index);
    if (/[A-Za-z0-9_]/.test(character) || (index > start && /[.-]/.test(character))) continue;
    const where = index === start ? 'start a tag' : 'stand in a tag, which has letters, digits, "_", "." and "-" only';
    fail(text, { code: 'INVALID_TAG', offset: index, rule: `${quote(characterAt(text, index))} may not ${where}` });
  }
  if (end - start > maxTagLength) {
    fail(text, {
      code: 'TAG_TOO_LONG',
      offset: start + maxTagLength,
      rule: `the tag has ${end - start} characters, more than ${maxTagLength}`,
    });
  }
  return text.slice(start, end);
}

/** Left to right, so that the first wrong character is the one that is named. */
function readDigest(text: string, start: number): Digest {
  const bad = (offset: number, rule: string, hint?: string): never =>
    fail(text, { code: 'INVALID_DIGEST', offset, rule, hint });
  if (start === text.length)
    bad(start, 'a digest must follow the "@"', 'leave the "@" out, or write @sha256: and 64 digits');
  const colon = text.indexOf(':', start);
  const algorithm = text.slice(start, colon < 0 ? text.length : colon);
  const length = digestHexLengths.get(algorithm);
  if (length === undefined) {
    const lower = digestHexLengths.has(algorithm.toLowerCase());
    return bad(
      start,
      'the digest algorithm is not supported',
      lower ? 'write the algorithm in lower case' : 'a digest is sha256:, sha384: or sha512: and lower-case hex digits',
    );
  }
  if (colon < 0) return bad(text.length, `a ":" and ${length} hexadecimal digits must follow "${algorithm}"`);
  for (let index = colon + 1; index < text.length; index++) {
    if (!/[0-9a-f]/.test(text.charAt(index)))
      bad(index, `${quote(characterAt(text, index))} is no lower-case hexadecimal digit`);
  }
  const given = text.length - colon - 1;
  if (given !== length)
    bad(Math.min(text.length, colon + 1 + length), `${algorithm} has ${length} hexadecimal digits, not ${given}`);
  return parseDigest(text.slice(start));
}

function fail(
  text: string,
  broken: {
    readonly code: ReferenceRule;
    readonly offset: number;
    readonly rule: string;
    readonly hint?: string | undefined;
  },
): never {
  throw new InvalidReferenceError(text, broken);
}

function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0xfffd);
}

/** A short, printable quotation: what steers a terminal, or turns the direction of writing, is spelt out. */
function quote(text: string): string {
  const clipped = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const printable = clipped.replace(/[\p{C}\p{Z}]/gu, (character) =>
    character === ' ' ? ' ' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${printable}"`;
}
