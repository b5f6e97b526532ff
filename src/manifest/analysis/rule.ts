import type { JsonValue, YamlPath } from '../../formats/index.js';
import type { Severity } from '../../findings/index.js';
import type { InputFacts, Anchor } from './input-facts.js';
import type { ContainerName, FieldEdit } from './manifest-report.js';
import type { ContainerView, ObjectView, PodView } from './views.js';

/** What is said of a rule, whatever it finds. */
export interface RuleFacts {
  /** `TW-K` and three digits; never used for anything else once it has been. */
  readonly id: string;
  /** In kebab case; the name of its file. */
  readonly name: string;
  readonly severity: Severity;
  /** What is wrong where it finds something, as a heading. */
  readonly title: string;
  /** What can come of it, in one sentence. */
  readonly why: string;
  /** What to write instead, in one clause. */
  readonly fix: string;
}

/** One thing that a rule found. */
export interface Hit {
  /** From what the rule looks at (container, pod spec, object) to the field, whether it is there or not. */
  readonly path: YamlPath;
  /** What is so, in one clause. Values of the manifest come in through `quoted`. */
  readonly message: string;
  readonly effective?: Effective | undefined;
  /** Paths as that of the hit. */
  readonly edits?: readonly FieldEdit[] | undefined;
  /** Ids of rules whose findings of the same container must be mended too: without that the API server refuses the edits. */
  readonly editsNeed?: readonly string[] | undefined;
  /** Instead of the rule's own, where more is known. */
  readonly fix?: string | undefined;
  /** Of a rule that looks at a pod as a whole. */
  readonly container?: ContainerName | undefined;
  /** Where it is written, if the path alone does not say: an offset into the document. */
  readonly offset?: number | undefined;
}

/** The value that holds, and who says so. */
export interface Effective {
  readonly value: JsonValue;
  readonly from: 'container' | 'pod' | 'default' | 'object';
}

/** Judges each container by itself. Pure: no clock, no state. */
export interface ContainerRule extends RuleFacts {
  readonly scope: 'container';
  /** Says nothing of pods that run on Windows, where the fields in question do not count. */
  readonly linuxOnly?: true;
  readonly check: (container: ContainerView) => readonly Hit[];
}

/** Judges a pod, or the template of one. */
export interface PodRule extends RuleFacts {
  readonly scope: 'pod';
  readonly linuxOnly?: true;
  readonly check: (pod: PodView) => readonly Hit[];
}

/** Judges an object, of these kinds only if there are any. */
export interface ObjectRule extends RuleFacts {
  readonly scope: 'object';
  readonly kinds?: readonly string[];
  readonly check: (object: ObjectView, cluster: Cluster) => readonly Hit[];
}

/** What is known of the cluster that the objects are for. */
export interface Cluster {
  /** Minor version of Kubernetes 1; `undefined`: the newest. */
  readonly minor: number | undefined;
}

/** Judges what only all objects together tell, once the last one is read. */
export interface InputRule extends RuleFacts {
  readonly scope: 'input';
  readonly check: (input: InputFacts) => readonly InputHit[];
}

/** One thing that is so because of several objects. */
export interface InputHit extends Omit<Hit, 'path' | 'edits' | 'editsNeed' | 'container' | 'offset'> {
  readonly at: Anchor;
  readonly edits?: readonly FieldEdit[] | undefined;
}

export type ManifestRule = ContainerRule | PodRule | ObjectRule | InputRule;
