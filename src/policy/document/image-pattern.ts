import { InvalidReferenceError, parseReference, type Reference } from '../../reference/index.js';
import { fitsWildcard } from './wildcard.js';

/**
 * An entry that names images: a registry and, if it has one, a path. A path without a `*` names that repository and all
 * below it, on the borders of segments; one with a `*` must fit the whole repository.
 */
export interface ImagePattern {
  /** As written. */
  readonly text: string;
  /** Host and port: `docker.io`, `reg.example.com:5000`, `[::1]:5000`, `*.example.com`. */
  readonly registry: string;
  /** Segments of the path; none: every repository. */
  readonly segments: readonly string[];
  /** Its registry or its path has a `*`. */
  readonly isGlob: boolean;
}

/** How registries are compared: case counts for what is granted, and does not for what is refused. */
export type PatternUse = 'grant' | 'refuse';

/** A text that is no pattern, or one that could never fit: what is wrong, and what to write. */
export interface PatternProblem {
  /** One clause that begins after the entry: `ends in a slash`. */
  readonly problem: string;
  /** One clause. */
  readonly hint?: string | undefined;
}

const maxLength = 1000;

/**
 * Reads `registry[:port][/path]`. `*` stays within a label of the host or a segment of the path, `**` is a whole segment
 * and stands for any number of them, none too; ports are exact. What could never fit an image is a problem, because an
 * entry that refuses would then refuse nothing.
 */
export function parseImagePattern(text: string): ImagePattern | PatternProblem {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const path = slash < 0 ? '' : text.slice(slash + 1);
  const problem = problemOf(text, host) ?? hostProblem(host, path) ?? pathProblem(host, path) ?? grammarProblem(text);
  if (problem) return problem;
  return {
    text,
    registry: host === 'index.docker.io' ? 'docker.io' : host,
    segments: path === '' ? [] : path.split('/'),
    isGlob: text.includes('*'),
  };
}

/** Does an image fit? What is refused is compared in lower case, and `index.docker.io` in any spelling is `docker.io`. */
export function fitsImage(
  pattern: ImagePattern,
  image: Pick<Reference, 'registry' | 'repository'>,
  use: PatternUse,
): boolean {
  if (!fitsRegistry(pattern, image.registry, use)) return false;
  if (pattern.segments.length === 0) return true;
  const segments = image.repository.split('/');
  if (pattern.segments.some((segment) => segment.includes('*'))) return fitsSegments(pattern.segments, segments);
  return pattern.segments.every((segment, at) => segment === segments[at]);
}

/** The first pattern that fits. */
export function findPattern(
  patterns: readonly ImagePattern[],
  image: Pick<Reference, 'registry' | 'repository'>,
  use: PatternUse,
): ImagePattern | undefined {
  return patterns.find((pattern) => fitsImage(pattern, image, use));
}

function fitsRegistry(pattern: ImagePattern, registry: string, use: PatternUse): boolean {
  const wanted = use === 'refuse' ? foldRegistry(pattern.registry) : pattern.registry;
  const given = use === 'refuse' ? foldRegistry(registry) : registry;
  if (!wanted.includes('*')) return wanted === given;
  if (given.startsWith('[')) return false;
  const [host, port] = splitPort(wanted);
  const [givenHost, givenPort] = splitPort(given);
  if (port !== givenPort) return false;
  const labels = host.split('.');
  const givenLabels = givenHost.split('.');
  return (
    labels.length === givenLabels.length && labels.every((label, at) => fitsWildcard(label, givenLabels[at] ?? ''))
  );
}

function foldRegistry(registry: string): string {
  const folded = registry.toLowerCase();
  return folded === 'index.docker.io' ? 'docker.io' : folded;
}

function splitPort(registry: string): readonly [string, string | undefined] {
  const colon = registry.indexOf(':');
  return colon < 0 ? [registry, undefined] : [registry.slice(0, colon), registry.slice(colon + 1)];
}

/** Whole match; `reach` holds how many of the segments the pattern so far may have taken. */
function fitsSegments(pattern: readonly string[], segments: readonly string[]): boolean {
  let reach = new Set([0]);
  for (const part of pattern) {
    const next = new Set<number>();
    for (const at of reach) {
      if (part === '**') for (let to = at; to <= segments.length; to++) next.add(to);
      else if (at < segments.length && fitsWildcard(part, segments[at] ?? '')) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reach = next;
  }
  return reach.has(segments.length);
}

function problemOf(text: string, host: string): PatternProblem | undefined {
  if (text === '') return { problem: 'is empty' };
  if (text.length > maxLength) return { problem: `has more than ${maxLength} characters` };
  if (/[\s\p{C}]/u.test(text)) return { problem: 'has a blank or a character that is not seen' };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme) return { problem: `begins with ${scheme}`, hint: `leave ${scheme} out` };
  if (text.includes('@')) {
    return { problem: 'has an "@"', hint: 'an entry names a registry or repositories, no digest and no account' };
  }
  if (text.endsWith('/')) {
    return { problem: 'ends in a slash', hint: `write ${text.replace(/\/+$/, '')}: it covers all below it` };
  }
  if (/[?[\]{}\\]/.test(text.startsWith('[') ? text.slice(host.length) : text)) {
    return { problem: 'has a character that is none of a name', hint: 'the only wildcards are "*" and "**"' };
  }
  return undefined;
}

function hostProblem(host: string, path: string): PatternProblem | undefined {
  if (host === '') return { problem: 'has no registry before its first slash' };
  if (!/[.:*[A-Z]/.test(host) && host !== 'localhost') {
    const whole = path === '' ? host : `${host}/${path}`;
    const official = path === '' ? `, or docker.io/library/${host} for the official image` : '';
    return { problem: 'begins with no registry', hint: `write docker.io/${whole}${official}` };
  }
  if (host.includes('**')) {
    return { problem: 'has "**" in its registry', hint: '"*" is one label of a host: *.example.com' };
  }
  if (!host.includes('*')) return undefined;
  if (host.startsWith('[')) return { problem: 'has a wildcard in an address', hint: 'write the address out' };
  const [name, port] = splitPort(host);
  if (port?.includes('*'))
    return { problem: 'has a wildcard in its port', hint: 'ports are exact: one entry for each' };
  if (!name.includes('.') && port === undefined) {
    return {
      problem: 'has a "*" for its whole registry, which is one label only and fits no usual registry',
      hint: 'write *.example.com; to allow every registry, leave "allow" out',
    };
  }
  return undefined;
}

function pathProblem(host: string, path: string): PatternProblem | undefined {
  if (path === '') return undefined;
  if (path.includes(':')) {
    return {
      problem: 'has a tag',
      hint: `write ${host}/${path.slice(0, path.indexOf(':'))}; tags have a rule of their own`,
    };
  }
  const upper = /[A-Z]/.test(path);
  if (upper)
    return { problem: 'has upper case in its path, which no image has', hint: `write ${host}/${path.toLowerCase()}` };
  const segments = path.split('/');
  if (segments.some((segment) => segment.includes('**') && segment !== '**')) {
    return {
      problem: 'has "**" beside other characters',
      hint: '"**" is a whole segment: registry.example.com/**/app',
    };
  }
  const isHub = host === 'docker.io' || host === 'index.docker.io';
  if (isHub && segments.length === 1 && path.includes('*') && path !== '**') {
    return {
      problem: 'fits no image: below docker.io every repository has two segments at least',
      hint: `write docker.io/library/${path} for official images, docker.io/${path}/** for accounts`,
    };
  }
  return undefined;
}

/** The reader of image names has the last word on what is left, with a letter in place of each wildcard. */
function grammarProblem(text: string): PatternProblem | undefined {
  const sample = text.replaceAll(/\*+/g, 'a');
  try {
    parseReference(sample.includes('/') ? sample : `${sample}/a`);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    return { problem: `can name no image: ${error.rule}`, hint: error.hint };
  }
}
