import type { JsonObject } from '../../formats/index.js';
import type { Severity } from '../../findings/index.js';

/**
 * What is judged: the images of one request, file or command, and where they stand. A part that is absent is not carried
 * by the protocol that asks (an ImageReview knows no labels); rules that need it are then listed as not assessed. What
 * should be there and is not is said in the part itself, and makes the decision incomplete.
 */
export interface PolicySubject {
  readonly images: readonly SubjectImage[];
  readonly namespace?: string | undefined;
  /** Of the pod, or of the template of pods. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly object?: SubjectObject | undefined;
  readonly workload?: WorkloadKnowledge | undefined;
  /** Who asks for what; absent where the protocol does not tell. */
  readonly request?: SubjectRequest | undefined;
  /** The whole object as written, without bookkeeping (`managedFields`, `status`); absent where it is not carried. */
  readonly source?: JsonObject | undefined;
  /** The specification of the pod that is judged, or of the template of pods; `none`: the object has no pod. */
  readonly podSpec?: JsonObject | 'none' | undefined;
  /** There should be a `source`, and there is none that can be judged: one clause. */
  readonly sourceGap?: string | undefined;
  /** What a policy engine outside answered, by the name of the rule that asks it; absent: nobody asked. */
  readonly answers?: ReadonlyMap<string, PolicyAnswer> | undefined;
  /** An update that leaves the images, the specification and the labels of the pod as they were. */
  readonly unchanged?: boolean | undefined;
  /** A part of the object, or all of it, could not be read, so that it may hold and name anything: one clause. */
  readonly unread?: string | undefined;
}

/** The object that is created or changed. */
export interface SubjectObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

/** The request that brings the object. */
export interface SubjectRequest {
  /** `CREATE` or `UPDATE`. */
  readonly operation?: string | undefined;
  readonly user?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** What a policy engine outside says of a subject. */
export type PolicyAnswer =
  | {
      readonly state: 'answered';
      /** Absent: it only lists what it refuses. */
      readonly allow?: boolean | undefined;
      /** Why it refuses, one clause each. */
      readonly deny: readonly string[];
      readonly warn: readonly string[];
    }
  /** It gave none that counts: one clause. */
  | { readonly state: 'missing'; readonly reason: string };

/** One image in one place. */
export interface SubjectImage {
  /** The name exactly as written, also if it is none; of an image without a name what messages call it: a path. */
  readonly text: string;
  /** It has no name (a file): rules over names are not assessed. */
  readonly nameless?: boolean | undefined;
  readonly place?: ImagePlace | undefined;
  /** The object that is updated has the same image in the same place. Absent: not known, or no update. */
  readonly unchanged?: boolean | undefined;
  /** What is known of its content. */
  readonly scan?: ScanKnowledge | undefined;
}

/** Where in an object an image stands. */
export interface ImagePlace {
  /** `container`, `initContainer`, `ephemeralContainer`, `volume`... */
  readonly slot?: string | undefined;
  /** Name of the container or volume. */
  readonly name?: string | undefined;
  /** `spec.containers[0].image`. */
  readonly field?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

export type ScanKnowledge =
  | { readonly state: 'scanned'; readonly facts: ScanFacts }
  /** Being scanned. */
  | { readonly state: 'pending'; readonly reason?: string | undefined }
  /** One clause. `NOT_SCANNED`: nobody asked for it. */
  | { readonly state: 'missing'; readonly code: 'SCAN_FAILED' | 'NOT_SCANNED'; readonly reason: string };

/** What a scan found, of all platforms that were looked at. */
export interface ScanFacts {
  readonly digest?: string | undefined;
  /** RFC 3339. */
  readonly scannedAt?: string | undefined;
  /** RFC 3339; when the database's data was gathered. */
  readonly databaseUpdatedAt?: string | undefined;
  readonly findings: readonly FindingFact[];
  /** Codes of `unknownCodes` or `policyUnknownCodes`. */
  readonly unknowns: readonly UnknownFact[];
  /** What the findings leave out; absent: nothing. */
  readonly narrowing?: NarrowedFacts | undefined;
}

/** Findings that were not asked for, and may be there. */
export interface NarrowedFacts {
  /** Of these severities only. */
  readonly severities?: readonly Severity[] | undefined;
  /** Not of these statuses (`fixed`, `affected`...). */
  readonly withoutStatuses?: readonly string[] | undefined;
  /** Options by which part of the image was left out. */
  readonly options?: readonly string[] | undefined;
}

/** One vulnerability of one package. */
export interface FindingFact {
  readonly vulnerabilityId: string;
  readonly packageName: string;
  readonly installedVersion: string;
  /** Empty while there is no fix. */
  readonly fixedVersion: string;
  readonly severity: Severity;
  /** Highest base score that any source gives. */
  readonly cvss?: number | undefined;
  /** RFC 3339. */
  readonly publishedAt?: string | undefined;
  /** RFC 3339; when it was first found in an image of this repository. */
  readonly firstSeenAt?: string | undefined;
}

export interface UnknownFact {
  readonly code: string;
  readonly subject: string;
  /** One sentence. */
  readonly reason: string;
}

export type WorkloadKnowledge =
  | ({ readonly state: 'assessed' } & WorkloadFacts)
  /** It should have been: one clause. */
  | { readonly state: 'missing'; readonly reason: string };

/** What the analysis of an object found. A part that is absent was not asked for; `none`: its kind has no such thing. */
export interface WorkloadFacts {
  readonly podSecurity?:
    | {
        readonly level: 'privileged' | 'baseline' | 'restricted';
        /** What stops the next level, in one clause. */
        readonly summary: string;
      }
    | 'none'
    | undefined;
  readonly kubesec?: { readonly score: number } | 'none' | undefined;
  readonly findings?: readonly ManifestFact[] | undefined;
  /** What of it could not be assessed: one clause each. */
  readonly unknowns: readonly string[];
  /** The object that is updated has the same specification. */
  readonly unchanged?: boolean | undefined;
}

export interface ManifestFact {
  /** `TW-K001`. */
  readonly ruleId: string;
  /** `privileged-container`. */
  readonly rule: string;
  readonly severity: Severity;
  /** One clause. */
  readonly message: string;
  readonly fix?: string | undefined;
  readonly container?: string | undefined;
}
