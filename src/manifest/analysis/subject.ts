import {
  asArray,
  asObject,
  type JsonObject,
  type JsonValue,
  type YamlDocument,
  type YamlPath,
} from '../../formats/index.js';
import type { KubernetesObject } from '../kubernetes-object.js';
import type { Anchor } from './input-facts.js';
import type { ContainerName, ManifestPlace, ObjectName } from './manifest-report.js';
import type { PathNode } from './path-tree.js';
import type { Suppressions } from './suppressions.js';
import { kept } from './views.js';

/** The document at hand. */
export interface Reading {
  readonly document: YamlDocument;
  readonly file: string;
  readonly index: number;
  readonly source: string | undefined;
  readonly suppressions: Suppressions | undefined;
}

/** What a rule looked at. */
export interface Subject {
  readonly reading: Reading;
  readonly object: ObjectName;
  readonly container?: ContainerName | undefined;
  readonly base: PathNode;
  readonly value: JsonObject;
  /** By the part of a hit's path that is there: most hits of a container are about fields that are not. */
  readonly places: Map<string, ManifestPlace>;
  /** Ids of the rules whose findings here can be mended. */
  readonly mendable: Set<string>;
}

/** Where a hit is written: of a field that is not there, where the nearest one above it is. */
export function placeOf({ reading, base, value, places }: Subject, path: YamlPath): ManifestPlace {
  let here: JsonValue | undefined = value;
  let key = '';
  for (const step of path) {
    here = typeof step === 'number' ? asArray(here)?.[step] : memberOf(here, step);
    if (here === undefined) break;
    key += `\0${step}`;
  }
  const known = places.get(key);
  if (known) return known;
  const place = placeIn(reading, reading.document.locateNearest(base.at(path).path).place);
  places.set(key, place);
  return place;
}

/** A position of the document as the report has it. */
export function placeIn(
  reading: Reading,
  { line, column }: { readonly line: number; readonly column: number },
): ManifestPlace {
  const place = { file: reading.file, line, column, document: reading.index };
  return reading.source === undefined ? place : { ...place, renderedFrom: reading.source };
}

/** What is kept of a place for the end. */
export function anchorAt(reading: Reading, object: ObjectName, path: YamlPath): Anchor {
  const { place } = reading.document.locateNearest(path);
  return { object, path, place: placeIn(reading, place), suppressions: reading.suppressions };
}

/** An object's name, which does not keep its document alive. */
export function nameOf({ apiVersion, kind, name, namespace }: KubernetesObject): ObjectName {
  return {
    apiVersion: kept(apiVersion),
    kind: kept(kind),
    name: name === undefined ? undefined : kept(name),
    namespace: namespace === undefined ? undefined : kept(namespace),
  };
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  const object = asObject(value);
  return object && Object.hasOwn(object, key) ? object[key] : undefined;
}
