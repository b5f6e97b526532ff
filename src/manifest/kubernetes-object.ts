import { asArray, asObject, asString, type JsonObject, type JsonValue, type YamlPath } from '../formats/index.js';

/** One object of a document: the document itself, or an item of a list. */
export interface KubernetesObject {
  /** Empty where there is none. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** From the document's root to the object: empty but for items of lists. */
  readonly path: YamlPath;
  readonly value: JsonObject;
}

const listDepth = 5;

/**
 * The objects of a document, lists (`List`, `PodList` and any other kind with that ending and items) replaced by their
 * items, also lists in lists. What is no object gives nothing. Items of a typed list take its kind where they lack one.
 */
export function objectsOf(value: JsonValue): readonly KubernetesObject[] {
  return [...expand(value, [], undefined, 0)];
}

interface Inherited {
  readonly apiVersion: string;
  readonly kind: string;
}

function* expand(
  value: JsonValue,
  path: YamlPath,
  inherited: Inherited | undefined,
  depth: number,
): Iterable<KubernetesObject> {
  const object = asObject(value);
  if (!object) return;
  const apiVersion = asString(object.apiVersion) ?? inherited?.apiVersion ?? '';
  const kind = asString(object.kind) ?? inherited?.kind ?? '';
  const items = isList(kind, object) ? asArray(object.items) : undefined;
  if (items && depth < listDepth) {
    const ofItems = kind === 'List' ? undefined : { apiVersion, kind: kind.slice(0, -'List'.length) };
    for (const [at, item] of items.entries()) yield* expand(item, [...path, 'items', at], ofItems, depth + 1);
    return;
  }
  const metadata = asObject(object.metadata);
  const name = asString(metadata?.name) ?? asString(metadata?.generateName);
  yield { apiVersion, kind, name, namespace: asString(metadata?.namespace), path, value: object };
}

function isList(kind: string, object: JsonObject): boolean {
  return kind.endsWith('List') && Array.isArray(object.items);
}
