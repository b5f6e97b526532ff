import { asArray, asObject, type JsonValue, type YamlPath } from '../../formats/index.js';
import type { UnassessedField } from '../pod-security/index.js';
import { objectShapeProblems } from './object-shape.js';
import { quoted } from './quoted.js';
import type { ObjectView, PodView } from './views.js';

/** A part of a document that cannot be read: nothing is known of what it asks for. */
export interface InvalidPart {
  /** From the document's root. */
  readonly path: YamlPath;
  /** One clause. */
  readonly reason: string;
}

/** Kinds of Kubernetes' own that must have a pod. */
const workloads: ReadonlySet<string> = new Set(
  ['v1 Pod', 'v1 PodTemplate', 'v1 ReplicationController', 'batch/v1 Job', 'batch/v1 CronJob'].concat(
    ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => `apps/v1 ${kind}`),
  ),
);

const listDepth = 5;

/** Items of lists, also of lists in lists, that are no objects. */
export function invalidItems(value: JsonValue): readonly InvalidPart[] {
  const found: InvalidPart[] = [];
  checkItems(value, [], found);
  return found;
}

/** What is wrong with an object as such, and with those of its fields that rules look at. */
export function invalidObjectParts({ object, pods }: ObjectView): readonly InvalidPart[] {
  const { apiVersion, kind, path, value } = object;
  const found = objectShapeProblems(kind, value).flatMap((problem): InvalidPart[] => {
    const here = [...path, ...problem.path];
    return problem.problem === 'type' ? [{ path: here, reason: `${fieldWords(here)} is not ${problem.wanted}` }] : [];
  });
  const missing = [...(apiVersion === '' ? ['apiVersion'] : []), ...(kind === '' ? ['kind'] : [])];
  if (missing.length > 0) found.push({ path, reason: `it has no ${missing.join(' and no ')}` });
  else if (kind.endsWith('List') && value.items !== undefined) {
    found.push({ path: [...path, 'items'], reason: 'the items of this list cannot be read' });
  } else if (pods.length === 0 && workloads.has(`${apiVersion} ${kind}`)) {
    found.push({ path: [...path, 'spec'], reason: `${kind} without a pod: its spec is missing or is no mapping` });
  }
  return found;
}

/** Fields of a pod that rules or the Pod Security Standards look at, each once. */
export function invalidPodParts(pod: PodView, unassessed: readonly UnassessedField[]): readonly InvalidPart[] {
  const found = new Map<string, InvalidPart>();
  const add = (path: YamlPath, reason: string): void => {
    const key = JSON.stringify(path);
    if (!found.has(key)) found.set(key, { path, reason: `${fieldWords(path)} ${reason}` });
  };
  for (const problem of pod.problems) {
    if (problem.problem === 'type') add([...pod.path, ...problem.path], `is not ${problem.wanted}`);
  }
  for (const { path, reason } of unassessed) {
    add([...(path[0] === 'metadata' ? pod.metadataPath : pod.path), ...path.slice(1)], reason);
  }
  return [...found.values()];
}

function checkItems(value: JsonValue, path: YamlPath, found: InvalidPart[]): void {
  const object = asObject(value);
  const items = asArray(object?.items);
  if (!items || path.length > 2 * listDepth) return;
  if (typeof object?.kind !== 'string' || !object.kind.endsWith('List')) return;
  for (const [at, item] of items.entries()) {
    const here = [...path, 'items', at];
    if (asObject(item)) checkItems(item, here, found);
    else found.push({ path: here, reason: 'an item of the list is no object' });
  }
}

/** `spec.containers[0].image`; what is no plain name in quotes. */
function fieldWords(path: YamlPath): string {
  let words = '';
  for (const step of path) {
    if (typeof step === 'number') words += `[${step}]`;
    else if (/^[A-Za-z0-9_-]{1,80}$/.test(step)) words += words === '' ? step : `.${step}`;
    else words += `[${quoted(step)}]`;
  }
  return words;
}
