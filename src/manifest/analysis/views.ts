import { asObject, asString, type JsonObject, type JsonValue, type YamlPath } from '../../formats/index.js';
import type { KubernetesObject } from '../kubernetes-object.js';
import { containersOf, podSpecsOf, type Container, type ContainerRole, type PodSpec } from '../pod-specs.js';
import { readImage, type ReadImage } from './images.js';
import { podShapeProblems } from './pod-shape.js';
import type { ShapeProblem } from './shape.js';

const nothing: JsonObject = {};

/** A container as rules read it. What has the wrong type reads as absent; it is reported by its pod's `problems`. */
export class ContainerView {
  readonly pod: PodView;
  readonly role: ContainerRole;
  readonly name: string | undefined;
  /** From the pod spec. */
  readonly path: YamlPath;
  readonly value: JsonObject;
  /** Its own `securityContext`; empty if there is none. */
  readonly security: JsonObject;

  #image: ReadImage | undefined;

  constructor(pod: PodView, container: Container) {
    this.pod = pod;
    this.role = container.role;
    this.name = container.name === undefined ? undefined : kept(container.name);
    this.path = container.path.slice(pod.path.length);
    this.value = container.value;
    this.security = asObject(container.value.securityContext) ?? nothing;
  }

  /** As written. */
  get image(): string | undefined {
    return asString(this.value.image);
  }

  /** What it means. */
  get parsedImage(): ReadImage {
    this.#image ??= readImage(this.value.image);
    return this.#image;
  }

  /** A field of the security context that counts for the container: its own, else its pod's. */
  inherited(field: string): Inherited {
    const own = this.security[field];
    if (own !== undefined && own !== null) return { value: own, from: 'container' };
    const above = this.pod.security[field];
    return above !== undefined && above !== null ? { value: above, from: 'pod' } : { value: null, from: 'default' };
  }

  /** Whether edits below `securityContext` have a mapping to go to. */
  get hasEditableSecurity(): boolean {
    const { securityContext } = this.value;
    return securityContext === undefined || securityContext === null || asObject(securityContext) !== undefined;
  }
}

/** A value, and where it comes from; `null` if nobody sets it. */
export interface Inherited {
  readonly value: JsonValue;
  readonly from: 'container' | 'pod' | 'default';
}

/** A pod, or the template of one, as rules read it. */
export class PodView {
  readonly object: KubernetesObject;
  /** From the document's root to the pod spec. */
  readonly path: YamlPath;
  /** From the document's root to the metadata beside it. */
  readonly metadataPath: YamlPath;
  readonly spec: JsonObject;
  readonly security: JsonObject;
  readonly annotations: JsonObject;
  readonly labels: JsonObject;
  readonly containers: readonly ContainerView[];
  readonly isWindows: boolean;
  /** Something else completes it: see `PodSpec.isPart`. */
  readonly isPart: boolean;
  /** Fields with the wrong type, in the wrong place, or with a name that is not quite one. */
  readonly problems: readonly ShapeProblem[];

  constructor(object: KubernetesObject, pod: PodSpec) {
    this.object = object;
    this.path = pod.path;
    this.metadataPath = pod.metadataPath;
    this.spec = pod.value;
    this.security = asObject(pod.value.securityContext) ?? nothing;
    this.annotations = asObject(pod.metadata?.annotations) ?? nothing;
    this.labels = asObject(pod.metadata?.labels) ?? nothing;
    this.containers = containersOf(pod).map((container) => new ContainerView(this, container));
    this.isWindows = asObject(pod.value.os)?.name === 'windows';
    this.isPart = pod.isPart;
    this.problems = podShapeProblems(pod.value, pod.isPart);
  }

  /** It is not started again when it ends well: only templates of jobs, and pods like them, say so. */
  get runsToItsEnd(): boolean {
    return this.spec.restartPolicy === 'Never' || this.spec.restartPolicy === 'OnFailure';
  }
}

/** A key that stands more than once in a mapping of an object. */
export interface RepeatedField {
  /** From the object. */
  readonly path: YamlPath;
  readonly offset: number;
}

/** An object as rules read it. */
export class ObjectView {
  readonly object: KubernetesObject;
  readonly value: JsonObject;
  /** Of the API: empty for the core. */
  readonly group: string;
  readonly pods: readonly PodView[];
  readonly repeated: readonly RepeatedField[];

  constructor(object: KubernetesObject, repeated: readonly RepeatedField[]) {
    this.object = object;
    this.value = object.value;
    this.group = groupOf(object.apiVersion);
    this.pods = podSpecsOf(object).map((pod) => new PodView(object, pod));
    this.repeated = repeated;
  }
}

/** `apps` of `apps/v1`; empty for the core. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The same text, which no longer keeps the document alive that it was cut from. */
export function kept(text: string): string {
  if (text.length < shortest || text.length > longest) return text;
  const codes: number[] = [];
  for (let at = 0; at < text.length; at++) codes.push(text.charCodeAt(at));
  return String.fromCharCode(...codes);
}

/** Shorter parts of a text are copied anyway. */
const shortest = 13;
/** Longer ones are too rare to be worth it. */
const longest = 1024;
