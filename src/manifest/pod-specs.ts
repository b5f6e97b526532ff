import { limits } from '../core/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue, type YamlPath } from '../formats/index.js';
import type { KubernetesObject } from './kubernetes-object.js';

/** A pod spec inside an object. */
export interface PodSpec {
  /** From the document's root. */
  readonly path: YamlPath;
  readonly value: JsonObject;
  /** The pod's metadata: of the object itself for a Pod, else of the template; its path is `metadataPath`. */
  readonly metadata: JsonObject | undefined;
  readonly metadataPath: YamlPath;
  /** Found by its shape in a kind that is not Kubernetes' own. */
  readonly byShape: boolean;
  /** No main container of it names an image: found by shape, and completed by whatever makes pods of it. */
  readonly isPart: boolean;
}

export type ContainerRole = 'container' | 'initContainer' | 'ephemeralContainer';

export interface Container {
  readonly role: ContainerRole;
  readonly name: string | undefined;
  /** From the document's root. */
  readonly path: YamlPath;
  readonly value: JsonObject;
}

/** Where the pod spec of Kubernetes' own kinds stands. */
const ownPaths: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Pod', ['spec']],
  ['PodTemplate', ['template', 'spec']],
  ['Deployment', ['spec', 'template', 'spec']],
  ['StatefulSet', ['spec', 'template', 'spec']],
  ['DaemonSet', ['spec', 'template', 'spec']],
  ['ReplicaSet', ['spec', 'template', 'spec']],
  ['ReplicationController', ['spec', 'template', 'spec']],
  ['Job', ['spec', 'template', 'spec']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
]);

const ownGroups: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'extensions']);

/** No document that is read nests deeper. */
const searchDepth = limits.documentDepth;

/**
 * Every pod spec of an object, in order of their place: at its known place for Kubernetes' own workloads, and by shape
 * (an object with a list of containers, one of which has an image, or a name and a security context) anywhere in other
 * kinds. ConfigMaps, Secrets and CustomResourceDefinitions hold none.
 */
export function podSpecsOf(object: KubernetesObject): readonly PodSpec[] {
  const group = object.apiVersion.includes('/') ? object.apiVersion.slice(0, object.apiVersion.indexOf('/')) : '';
  const own = ownGroups.has(group) ? ownPaths.get(object.kind) : undefined;
  if (own) {
    const value = asObject(follow(object.value, own));
    return value ? [podSpec(object, own, value, false)] : [];
  }
  if (withoutPods.get(object.kind) === group) return [];
  const found: PodSpec[] = [];
  search(object, object.value, [], found);
  return found;
}

/** With their groups: another group may call anything so. */
const withoutPods: ReadonlyMap<string, string> = new Map([
  ['ConfigMap', ''],
  ['Secret', ''],
  ['CustomResourceDefinition', 'apiextensions.k8s.io'],
]);

/** The containers of a pod spec in the order they start: init, main, ephemeral. */
export function containersOf(pod: PodSpec): readonly Container[] {
  return roles.flatMap(({ role, field }) =>
    (asArray(pod.value[field]) ?? []).flatMap((item, at): Container[] => {
      const value = asObject(item);
      return value ? [{ role, name: asString(value.name), path: [...pod.path, field, at], value }] : [];
    }),
  );
}

const roles = [
  { role: 'initContainer', field: 'initContainers' },
  { role: 'container', field: 'containers' },
  { role: 'ephemeralContainer', field: 'ephemeralContainers' },
] as const;

function podSpec(object: KubernetesObject, path: YamlPath, value: JsonObject, byShape: boolean): PodSpec {
  const around = path.slice(0, -1);
  const metadataPath = [...around, 'metadata'];
  const metadata = asObject(follow(object.value, metadataPath));
  const isPart = byShape && !(asArray(value.containers) ?? []).some(namesImage);
  return {
    path: [...object.path, ...path],
    value,
    metadata,
    metadataPath: [...object.path, ...metadataPath],
    byShape,
    isPart,
  };
}

function search(object: KubernetesObject, value: JsonValue, path: YamlPath, found: PodSpec[]): void {
  if (path.length > searchDepth) return;
  const list = asArray(value);
  if (list) {
    for (const [at, item] of list.entries()) search(object, item, [...path, at], found);
    return;
  }
  const here = asObject(value);
  if (!here) return;
  const isPod = looksLikePodSpec(here);
  if (isPod) found.push(podSpec(object, path, here, true));
  for (const [key, member] of Object.entries(here)) {
    // What looks like a pod may hold others beside its own parts.
    if (isPod && podParts.has(key)) continue;
    if (typeof member === 'object' && member !== null) search(object, member, [...path, key], found);
  }
}

const podParts: ReadonlySet<string> = new Set(['containers', 'initContainers', 'ephemeralContainers', 'volumes']);

/**
 * Some container has an image, which some operators let stand without a name, or sets how it is confined: enough to tell it
 * from lists of containers that only refer to them.
 */
function looksLikePodSpec(value: JsonObject): boolean {
  return roles.some(({ field }) =>
    (asArray(value[field]) ?? []).some(
      (item) =>
        namesImage(item) || (typeof asObject(item)?.name === 'string' && asObject(asObject(item)?.securityContext)),
    ),
  );
}

function namesImage(item: JsonValue): boolean {
  return typeof asObject(item)?.image === 'string';
}

function follow(value: JsonValue, path: YamlPath): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const step of path) {
    here = typeof step === 'number' ? asArray(here)?.[step] : asObject(here)?.[step];
  }
  return here;
}
