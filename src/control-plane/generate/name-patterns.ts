import type { ImagePattern } from '../../policy/index.js';

/** How registries are compared: case counts for what is granted, and does not for what is refused. */
export type NameUse = 'grant' | 'refuse';

/**
 * The pattern as a regular expression of RE2 over `registry/repository`, without tag and digest, of a well-formed name
 * with every default written out. For `refuse` the name is given in lower case, with `docker.io` for `index.docker.io`.
 */
export function patternExpression({ registry, segments }: ImagePattern, use: NameUse): string {
  const host = hostExpression(use === 'refuse' ? foldRegistry(registry) : registry);
  if (segments.length === 0) return `^${host}/`;
  if (!segments.some((segment) => segment.includes('*'))) {
    return `^${host}${segments.map((segment) => `/${literal(segment)}`).join('')}(?:/|$)`;
  }
  const path = segments.map((segment) => (segment === '**' ? '(?:/[^/]+)*' : `/${wildcard(segment, '[^/]*')}`));
  return `^${host}${path.join('')}$`;
}

/** The same as plain text that the name with a slash behind it must begin with; nothing for a pattern with wildcards. */
export function patternPrefix({ registry, segments, isGlob }: ImagePattern, use: NameUse): string | undefined {
  if (isGlob) return undefined;
  return [use === 'refuse' ? foldRegistry(registry) : registry, ...segments, ''].join('/');
}

/** Patterns in which `*` is any run of characters, as one regular expression that fits the whole text. */
export function wildcardsExpression(patterns: readonly string[]): string {
  return `^(?s:${patterns.map((pattern) => wildcard(pattern, '.*')).join('|')})$`;
}

/** Text of which every character stands for itself in RE2. */
export function literal(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_/\u0080-\u{10ffff}]/gu, (character) => `\\${character}`);
}

function wildcard(pattern: string, any: string): string {
  return pattern.split(/\*+/).map(literal).join(any);
}

function hostExpression(registry: string): string {
  // A label of a well-formed name has nothing else; ports and addresses in brackets are never reached by a wildcard.
  return registry.startsWith('[') ? literal(registry) : wildcard(registry, '[a-zA-Z0-9-]*');
}

function foldRegistry(registry: string): string {
  const folded = registry.toLowerCase();
  return folded === 'index.docker.io' ? 'docker.io' : folded;
}
