import type { JsonObject } from '../../formats/index.js';
import type { ImagePattern, Selector } from '../../policy/index.js';
import { patternExpression, wildcardsExpression, type NameUse } from './name-patterns.js';
import type { StaticException, StaticRule } from './static-rules.js';

/** A rule as data that the module reads: conditions that are absent are not there. */
export function regoRule({ name, action, check, match, exclude, exceptions, message }: StaticRule): JsonObject {
  return {
    name,
    action,
    check: check.id,
    message,
    ...(check.id === 'registries'
      ? {
          ...(check.allow === undefined ? {} : { allow: expressions(check.allow, 'grant') }),
          deny: expressions(check.deny, 'refuse'),
        }
      : {}),
    ...(check.id === 'tags'
      ? {
          ...(check.allow === undefined ? {} : { allow: check.allow.map((one) => wildcardsExpression([one])) }),
          deny: check.deny.map((one) => wildcardsExpression([one])),
        }
      : {}),
    ...(match === undefined ? {} : { match: selector(match, 'refuse') }),
    ...(exclude === undefined ? {} : { exclude: selector(exclude, 'grant') }),
    ...(exceptions.length === 0 ? {} : { exceptions: exceptions.map(exceptionData) }),
  };
}

function selector({ namespaces, labels, images }: Selector, use: NameUse): JsonObject {
  return {
    ...(namespaces === undefined ? {} : { namespaces: wildcardsExpression(namespaces) }),
    ...(labels === undefined
      ? {}
      : { labels: Object.entries(labels).map(([key, value]) => ({ key, value: wildcardsExpression([value]) })) }),
    ...(images === undefined ? {} : { images: expressions(images, use) }),
  };
}

function exceptionData({ namespaces, images }: StaticException): JsonObject {
  return {
    ...(namespaces === undefined ? {} : { namespaces: wildcardsExpression(namespaces) }),
    ...(images === undefined ? {} : { images: expressions(images, 'grant') }),
  };
}

function expressions(patterns: readonly ImagePattern[], use: NameUse): string[] {
  return patterns.map((pattern) => patternExpression(pattern, use));
}

/** A value as a literal of Rego, over several lines where it is long. What it holds cannot end it. */
export function regoText(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => regoText(item, `${indent}\t`));
    return items.length === 0 ? '[]' : `[\n${items.map((item) => `${indent}\t${item},\n`).join('')}${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, item]) => `${jsonText(key)}: ${regoText(item, `${indent}\t`)}`);
    return `{\n${members.map((member) => `${indent}\t${member},\n`).join('')}${indent}}`;
  }
  return typeof value === 'string' ? jsonText(value) : JSON.stringify(value);
}

function jsonText(text: string): string {
  // Half of a pair is no character: what remains is what every reader makes of it.
  return JSON.stringify(text.replaceAll(/\p{Cs}/gu, '\uFFFD')).replaceAll(/[^\u0020-\u007e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
