import type { ImagePattern, Selector } from '../../policy/index.js';
import { patternExpression, patternPrefix, wildcardsExpression, type NameUse } from './name-patterns.js';
import { containerLists, nameGrammar } from './name-grammar.js';
import type { StaticRule } from './static-rules.js';

/** A variable of a ValidatingAdmissionPolicy. */
export interface CelVariable {
  readonly name: string;
  readonly expression: string;
}

/** A text as a literal of CEL: nothing in it can end the literal, whatever it is. */
export function celText(text: string): string {
  const escaped = Array.from(text).map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') return `\\${character}`;
    if (code >= 0x20 && code <= 0x7e) return character;
    // Half a pair is no character, and CEL has no way to write it.
    if (code >= 0xd800 && code <= 0xdfff) return '\\uFFFD';
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

/**
 * What rules are written over: `images`, one mapping an image with its `name`, its `place` (registry and repository),
 * `folded` (the same for what is refused) and `tag` (empty beside a digest); and `malformed`, the names that are none.
 */
export function imageVariables(unchangedPasses: boolean): readonly CelVariable[] {
  return [
    { name: 'podSpec', expression: podSpecOf('object') },
    ...(unchangedPasses ? [{ name: 'podSpecBefore', expression: podSpecBefore }] : []),
    { name: 'podMetadata', expression: podMetadata },
    { name: 'written', expression: written(unchangedPasses) },
    { name: 'names', expression: names },
    { name: 'reference', expression: celText(nameGrammar.wellFormed) },
    { name: 'malformed', expression: `variables.names.filter(i, ${malformed})` },
    { name: 'images', expression: `variables.names.filter(i, !(${malformed}))\n${parts}` },
  ];
}

/** Is the rule for this object, as far as namespace and labels go? */
export function objectCondition({ match, exclude }: StaticRule): string {
  const parts = [match && aboutObject(match), exclude?.images ? undefined : exclude && not(aboutObject(exclude))];
  return allOf(parts);
}

/** Is the image `i` one that breaks the rule? */
export function brokenCondition(rule: StaticRule): string {
  const { match, exclude, exceptions } = rule;
  const parts = [
    match?.images && fitsAny(match.images, 'refuse'),
    exclude?.images && not(allOf([aboutObject(exclude), fitsAny(exclude.images, 'grant')])),
    ...exceptions.map((one) =>
      not(allOf([one.namespaces && namespaceFits(one.namespaces), one.images && fitsAny(one.images, 'grant')])),
    ),
    breaks(rule),
  ];
  return allOf(parts);
}

/** Might a text that is no name break the rule? Whatever it would be, it would be for it. */
export function mayBreakMalformed(rule: StaticRule): string {
  return objectCondition(rule);
}

function breaks({ check }: StaticRule): string {
  switch (check.id) {
    case 'registries': {
      const denied = check.deny.length === 0 ? undefined : fitsAny(check.deny, 'refuse');
      const foreign = check.allow === undefined ? undefined : not(fitsAny(check.allow, 'grant'));
      return anyOf([denied, foreign]);
    }
    case 'official':
      return `!i.place.matches(${celText(nameGrammar.official)})`;
    case 'digest':
      return '!i.name.contains("@")';
    case 'tags': {
      const denied = check.deny.length === 0 ? undefined : tagFits(check.deny);
      const other = check.allow === undefined ? undefined : not(tagFits(check.allow));
      return allOf(['i.tag != ""', anyOf([denied, other])]);
    }
  }
}

function tagFits(patterns: readonly string[]): string {
  return patterns.length === 0 ? 'false' : `i.tag.matches(${celText(wildcardsExpression(patterns))})`;
}

/** Plain entries are compared as text, which costs less of the budget that an expression has. */
function fitsAny(patterns: readonly ImagePattern[], use: NameUse): string {
  const text = use === 'refuse' ? 'i.folded' : 'i.place';
  const prefixes = patterns.flatMap((pattern) => patternPrefix(pattern, use) ?? []);
  const globs = patterns.filter((pattern) => pattern.isGlob).map((pattern) => patternExpression(pattern, use));
  return anyOf([
    prefixes.length === 0 ? undefined : `${celList(prefixes)}.exists(p, (${text} + "/").startsWith(p))`,
    globs.length === 0 ? undefined : `${celList(globs)}.exists(p, ${text}.matches(p))`,
  ]);
}

function celList(texts: readonly string[]): string {
  return `[${texts.map(celText).join(', ')}]`;
}

function aboutObject({ namespaces, labels }: Selector): string {
  return allOf([
    namespaces && namespaceFits(namespaces),
    ...Object.entries(labels ?? {}).map(([key, pattern]) => {
      const value = `variables.podMetadata.labels[${celText(key)}]`;
      const fits = `${value}.matches(${celText(wildcardsExpression([pattern]))})`;
      return `(has(variables.podMetadata.labels) && ${celText(key)} in variables.podMetadata.labels && ${fits})`;
    }),
  ]);
}

function namespaceFits(patterns: readonly string[]): string {
  return `request.namespace.matches(${celText(wildcardsExpression(patterns))})`;
}

function not(expression: string): string {
  return expression === 'true' ? 'false' : expression === 'false' ? 'true' : `!(${expression})`;
}

function allOf(parts: readonly (string | undefined)[]): string {
  return joined(parts, ' && ', 'true');
}

function anyOf(parts: readonly (string | undefined)[]): string {
  return joined(parts, ' || ', 'false');
}

function joined(parts: readonly (string | undefined)[], operator: string, none: string): string {
  const given = parts.filter((part) => part !== undefined && part !== none);
  if (given.length === 0) return none;
  return given.length === 1 ? (given[0] ?? none) : `(${given.join(operator)})`;
}

function podSpecOf(object: string): string {
  return [
    `object.kind == "Pod" ? ${object}.spec :`,
    `object.kind == "PodTemplate" ? ${object}.template.spec :`,
    `object.kind == "CronJob" ? ${object}.spec.jobTemplate.spec.template.spec :`,
    `${object}.spec.template.spec`,
  ].join('\n');
}

const podSpecBefore = `request.operation != "UPDATE" ? {} :\n${podSpecOf('oldObject')}`;

const podMetadata = [
  'object.kind == "Pod" ? object.metadata :',
  'object.kind == "PodTemplate" ? (has(object.template.metadata) ? object.template.metadata : {}) :',
  'object.kind == "CronJob" ? (has(object.spec.jobTemplate.spec.template.metadata) ? object.spec.jobTemplate.spec.template.metadata : {}) :',
  '(has(object.spec.template.metadata) ? object.spec.template.metadata : {})',
].join('\n');

/** With `unchangedPasses`, without images that stood in the same list before. */
function written(unchangedPasses: boolean): string {
  const lists = containerLists.map((list) => {
    const all = `variables.podSpec.${list}.map(c, has(c.image) ? c.image : "")`;
    const before = `variables.podSpecBefore.${list}`;
    const fresh = `.filter(i, !(has(${before}) && ${before}.exists(c, has(c.image) && c.image == i)))`;
    return `(has(variables.podSpec.${list}) ? ${all}${unchangedPasses ? fresh : ''} : [])`;
  });
  const isImage = 'has(v.image) && has(v.image.reference)';
  const before = 'variables.podSpecBefore.volumes';
  const fresh = `.filter(i, !(has(${before}) && ${before}.exists(v, ${isImage} && v.image.reference == i)))`;
  const all = `variables.podSpec.volumes.filter(v, ${isImage}).map(v, v.image.reference)`;
  const volumes = `(has(variables.podSpec.volumes) ? ${all}${unchangedPasses ? fresh : ''} : [])`;
  return [...lists, volumes].join(' +\n');
}

const names = [
  `variables.written.map(i, i.matches(${celText(nameGrammar.namesRegistry)}) || i.matches(${celText(nameGrammar.imageId)}) ? i : "docker.io/" + i)`,
  '.map(i, i.startsWith("index.docker.io/") ? "docker.io/" + i.substring(16) : i)',
  `.map(i, i.matches(${celText(nameGrammar.oneNameOnHub)}) ? "docker.io/library/" + i.substring(10) : i)`,
].join('\n');

const malformed = [
  '!i.matches(variables.reference) ||',
  `i.substring(i.indexOf("/") + 1).split("@")[0].split(":")[0].size() > ${nameGrammar.maxPathLength}`,
].join(' ');

/** Three steps, because CEL has no way to name a part of an expression; `dyn`, because it wants lists of one type. */
const parts = [
  '.map(i, [dyn(i), dyn(i.split("@")[0])])',
  `.map(i, [dyn(i[0]), dyn(i[1].matches(${celText(nameGrammar.hasTag)}) ? i[1].substring(0, i[1].lastIndexOf(":")) : i[1]), dyn(i[1])])`,
  '.map(i, {"name": dyn(i[0]), "place": dyn(i[1]),',
  '"folded": dyn(i[1].lowerAscii().startsWith("index.docker.io/") ? "docker.io/" + i[1].lowerAscii().substring(16) : i[1].lowerAscii()),',
  '"tag": dyn(i[0].contains("@") ? "" : i[1] == i[2] ? "latest" : i[2].substring(i[2].lastIndexOf(":") + 1))})',
].join('\n');
