import type { JsonObject, YamlPath } from '../../formats/index.js';
import type { PodSecurityLevel } from '../pod-security/index.js';
import type { ManifestPlace, ObjectName } from './manifest-report.js';
import type { Suppressions } from './suppressions.js';

/** What is kept of a document once it is gone: where a finding would be. */
export interface Anchor {
  readonly object: ObjectName;
  /** From the document's root. */
  readonly path: YamlPath;
  readonly place: ManifestPlace;
  readonly suppressions: Suppressions | undefined;
}

export interface WorkloadFact {
  /** The object's name. */
  readonly at: Anchor;
  /** `automountServiceAccountToken` of the pod spec, or where it would stand; absent if the pod says false. */
  readonly token: Anchor | undefined;
  readonly namespace: string;
  readonly labels: JsonObject;
  readonly serviceAccount: string;
  /** What the pod itself says. */
  readonly automount: boolean | undefined;
  readonly hostNetwork: boolean;
  readonly level: PodSecurityLevel;
}

export interface ServiceAccountFact {
  readonly namespace: string;
  readonly name: string;
  readonly automount: boolean | undefined;
}

export interface NetworkPolicyFact {
  readonly namespace: string;
  /** `undefined`: it cannot be read, and selects nothing that is known. */
  readonly selector: JsonObject | undefined;
}

export interface NamespaceFact {
  readonly name: string;
  /** Value of the label that enforces a level. */
  readonly enforce: string | undefined;
}

/** Small facts of all objects, for the rules that look at several. A missing namespace is `default`. */
export interface InputFacts {
  readonly workloads: readonly WorkloadFact[];
  readonly serviceAccounts: readonly ServiceAccountFact[];
  readonly networkPolicies: readonly NetworkPolicyFact[];
  readonly namespaces: readonly NamespaceFact[];
}
