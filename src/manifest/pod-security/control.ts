import type { JsonValue, YamlPath } from '../../formats/index.js';
import type { Field } from './field.js';
import type { Pod } from './pod.js';

/** The three levels of the Pod Security Standards, from open to closed. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** Where an effective value comes from; `default`: nobody set it. */
export type PodSecuritySource = 'container' | 'pod' | 'annotation' | 'default';

/** What a check found, before it is known whose check it was. */
export interface ControlFinding {
  /** Of the value, or of where it would have to be set; below the pod. */
  readonly path: YamlPath;
  /** Name of the container, or its place in the list if it has none; absent if the pod as a whole is meant. */
  readonly container?: string | undefined;
  /** The effective value; absent if there is none. */
  readonly value?: JsonValue | undefined;
  readonly from: PodSecuritySource;
  /** One clause. */
  readonly message: string;
  /** What to write instead, in words. */
  readonly fix: string;
}

/** What a control asks from a version of Kubernetes on, until its next revision. */
export interface ControlRevision {
  /** Minor version of Kubernetes 1. */
  readonly since: number;
  readonly check: (pod: Pod) => readonly ControlFinding[];
}

/** One control of the standard. */
export interface PodSecurityControl {
  /** As the API server's own admission names the check. */
  readonly id: string;
  /** The same without the level behind it, for sentences that say the level. */
  readonly name: string;
  /** As the public standard calls it. */
  readonly title: string;
  readonly level: 'baseline' | 'restricted';
  /** How the API server's message begins to speak of it. */
  readonly serverReason: string;
  /** The baseline control that it tightens: at the restricted level the API server names only this one. */
  readonly replaces?: string;
  /** Oldest first. */
  readonly revisions: readonly ControlRevision[];
}

/**
 * A finding about a value that is written, or that is missing where it must be. None about what could not be read: that
 * is reported as such.
 */
export function findingAt(field: Field, facts: Omit<ControlFinding, 'path' | 'value'>): readonly ControlFinding[] {
  return field.isReadable ? [{ path: field.path, value: field.value, ...facts }] : [];
}
