import type { Severity } from '../../findings/index.js';
import type { JsonValue, YamlPath } from '../../formats/index.js';

/** One thing that a rule found in a manifest. */
export interface ManifestFinding {
  /** Of the rule: `TW-K` and three digits. */
  readonly ruleId: string;
  /** Of the rule, in kebab case: `privileged-container`. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is so, with the effective value, in one clause. */
  readonly message: string;
  /** What can come of it, in one sentence. */
  readonly why: string;
  /** What to write instead, in one clause. */
  readonly fix: string;
  readonly object: ObjectName;
  readonly container?: ContainerName | undefined;
  /** The field in question, from the document's root; of a field that is not there, where it would stand. */
  readonly path: YamlPath;
  readonly place: ManifestPlace;
  /** The value that holds, and who says so. */
  readonly effective?:
    | { readonly value: JsonValue; readonly from: 'container' | 'pod' | 'default' | 'object' }
    | undefined;
  /** Edits that mend it, if it can be mended without knowing more. */
  readonly edits: readonly FieldEdit[];
}

export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

export interface ContainerName {
  readonly role: 'container' | 'initContainer' | 'ephemeralContainer';
  readonly name: string | undefined;
}

/** Where a thing is written. */
export interface ManifestPlace {
  readonly file: string;
  /** From 1, in the file. */
  readonly line: number;
  readonly column: number;
  /** Which document of the file, from 0. */
  readonly document: number;
  /** The template file that a comment of Helm or Kustomize names, for rendered input. */
  readonly renderedFrom?: string | undefined;
}

/** Sets a field (making what is missing above it) or takes it away. Applied, it changes nothing else. */
export type FieldEdit =
  | { readonly path: YamlPath; readonly set: JsonValue }
  | { readonly path: YamlPath; readonly remove: true };

/** A finding that an annotation or a comment takes away; never dropped. */
export interface SuppressedManifestFinding {
  readonly finding: ManifestFinding;
  readonly reason: string;
  /** RFC 3339 date until which it holds; absent: for ever. */
  readonly until?: string | undefined;
  /** Where the suppression stands. */
  readonly by: ManifestPlace;
}

/** What could not be assessed, and why: a broken document, an unrendered chart, a kind past a bound. */
export interface ManifestUnknown {
  readonly code:
    | 'DOCUMENT_BROKEN'
    | 'DOCUMENT_TOO_LARGE'
    | 'FILE_UNREADABLE'
    | 'CHART_NOT_RENDERED'
    | 'NO_MANIFESTS'
    | 'OBJECT_INVALID';
  readonly place: ManifestPlace;
  readonly reason: string;
  readonly hint?: string | undefined;
}

/** A workload's Pod Security level. */
export interface PodSecurityReport {
  readonly object: ObjectName;
  readonly place: ManifestPlace;
  readonly level: 'privileged' | 'baseline' | 'restricted';
  /** `reaches baseline; restricted stops at seccompProfile (container app)`. */
  readonly summary: string;
}

/** What the analysis of all inputs gave. */
export interface ManifestReport {
  readonly schemaVersion: 1;
  readonly files: number;
  readonly documents: number;
  /** Objects that were looked at, and how many of them run pods. */
  readonly objects: number;
  readonly workloads: number;
  /** By severity from the worst, then file, line, rule. */
  readonly findings: readonly ManifestFinding[];
  readonly suppressed: readonly SuppressedManifestFinding[];
  /** Suppressions that took nothing away, or that have expired. */
  readonly unusedSuppressions: readonly { readonly place: ManifestPlace; readonly reason: string }[];
  readonly unknowns: readonly ManifestUnknown[];
  readonly podSecurity: readonly PodSecurityReport[];
}
