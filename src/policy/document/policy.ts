import type { Severity } from '../../findings/index.js';
import type { Expression } from '../../expressions/index.js';
import type { Fact } from './fact.js';
import type { ImagePattern } from './image-pattern.js';

/** The `apiVersion` of a policy document. */
export const policyApiVersion = 'tidewaiter.dev/v1';

/** What a rule that is not met does: only noted, told to the user, or refused. In rising order. */
export const policyActions = ['audit', 'warn', 'deny'] as const;
export type Action = (typeof policyActions)[number];

/** A policy as read: every default written out, every entry checked. */
export interface Policy {
  readonly name: string;
  readonly description?: string | undefined;
  /** In the order of the document. */
  readonly rules: readonly PolicyRule[];
  readonly exceptions: readonly PolicyException[];
  readonly incomplete: IncompleteHandling;
  /** An update that leaves an image (or a pod's specification) as it was is let through, whatever the rules say of it. */
  readonly unchangedPasses: boolean;
}

/** One demand, of whom it is made, and what happens where it is not met. */
export interface PolicyRule {
  /** Unique in its policy. */
  readonly name: string;
  readonly check: PolicyCheck;
  readonly action: Action;
  /** From this moment on the action is `deny`. */
  readonly hardensAt?: Date | undefined;
  /** The rule is for these only; absent: for all. */
  readonly match?: Selector | undefined;
  /** The rule is not for these. */
  readonly exclude?: Selector | undefined;
  /** The author's own words on what to do; one line. */
  readonly fix?: string | undefined;
  /** Of the rule in its document, from 1. */
  readonly line: number;
}

/** What a rule demands. */
export type PolicyCheck =
  | RegistriesCheck
  | OfficialCheck
  | TagsCheck
  | DigestCheck
  | ScanCheck
  | VulnerabilitiesCheck
  | PodSecurityCheck
  | KubesecCheck
  | ManifestCheck
  | OpaCheck
  | ExpressionsCheck;
export type CheckId = PolicyCheck['id'];

/** The image is named by an entry of `allow`, and by none of `deny`. */
export interface RegistriesCheck {
  readonly id: 'registries';
  /** Absent: every image that is not denied. */
  readonly allow?: readonly ImagePattern[] | undefined;
  readonly deny: readonly ImagePattern[];
}

/** The image is `docker.io/library/<one name>`. */
export interface OfficialCheck {
  readonly id: 'official';
}

/** The tag, where no digest stands beside it, fits a pattern of `allow` and none of `deny`. `*` is any run of characters. */
export interface TagsCheck {
  readonly id: 'tags';
  readonly allow?: readonly string[] | undefined;
  readonly deny: readonly string[];
}

/** The image is named by its digest. */
export interface DigestCheck {
  readonly id: 'digest';
}

/** How old a scan, and the database that it was made with, may be. At least one is there. */
export interface ScanCheck {
  readonly id: 'scan';
  readonly maxAgeMs?: number | undefined;
  readonly maxDatabaseAgeMs?: number | undefined;
}

/** The image has no vulnerability for which all that is given holds. */
export interface VulnerabilitiesCheck {
  readonly id: 'vulnerabilities';
  /** In rising order; absent: all. */
  readonly severities?: readonly Severity[] | undefined;
  /** Highest score of any source; what nobody scored counts as the highest score of its severity. */
  readonly minCvss?: number | undefined;
  /** With (`true`) or without (`false`) a fixed version. */
  readonly fixable?: boolean | undefined;
  /** Names; `*` is any run of characters. */
  readonly packages?: readonly string[] | undefined;
  /** Identifiers; `*` is any run of characters. */
  readonly ids?: readonly string[] | undefined;
  /** A vulnerability does not count for so long after `graceFrom`; without that date there is no grace. */
  readonly graceMs: number;
  readonly graceFrom: 'published' | 'firstSeen';
}

/** The pod reaches this level of the Pod Security Standards. */
export interface PodSecurityCheck {
  readonly id: 'podSecurity';
  readonly level: 'baseline' | 'restricted';
}

/** The object has at least this kubesec score. */
export interface KubesecCheck {
  readonly id: 'kubesec';
  readonly minScore: number;
}

/** The object has no finding of the manifest analysis for which all that is given holds. */
export interface ManifestCheck {
  readonly id: 'manifest';
  readonly severities?: readonly Severity[] | undefined;
  /** Ids (`TW-K001`) or names (`privileged-container`); absent: all. */
  readonly rules?: readonly string[] | undefined;
  /** Ids or names that do not count. */
  readonly except: readonly string[];
}

/** A policy engine outside that speaks the REST API of OPA refuses nothing. */
export interface OpaCheck {
  readonly id: 'opa';
  /** Of the decision: `https`, or `http` to a loopback host; the path begins with `/v1/data/`. No user, query or fragment. */
  readonly url: string;
  /** How long it may take to answer; absent: whoever asks decides. */
  readonly timeoutMs?: number | undefined;
  /** Beside names, request and object it is told of these, each once, in the order of `opaNeeds`. */
  readonly needs: readonly OpaNeed[];
}

/** What a policy engine is told only where its rule says so: it has to be found out first. */
export const opaNeeds = ['scan', 'workload'] as const;
export type OpaNeed = (typeof opaNeeds)[number];

/** Every expression is true. */
export interface ExpressionsCheck {
  readonly id: 'expressions';
  /** In the order of the document. */
  readonly entries: readonly ExpressionEntry[];
}

export interface ExpressionEntry {
  readonly expression: Expression;
  /** Asked of each image, because it mentions what is of an image, or once of the whole. */
  readonly over: 'image' | 'subject';
  /** What it needs to know. */
  readonly needs: readonly Fact[];
  /** Said where it is not true, before `message`. */
  readonly messageExpression?: Expression | undefined;
  readonly message?: string | undefined;
}

/** Whom a rule is for: all parts that are given must fit. */
export interface Selector {
  /** `*` is any run of characters. */
  readonly namespaces?: readonly string[] | undefined;
  /** Labels of the pod: every one must be there with a value that fits; `*` is any run of characters. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly images?: readonly ImagePattern[] | undefined;
}

/** Something that is accepted for a time. All parts that are given must fit; `vulnerabilities` or `rules` is there. */
export interface PolicyException {
  /** Identifiers, exactly. */
  readonly vulnerabilities?: readonly string[] | undefined;
  /** Names; `*` is any run of characters. */
  readonly packages?: readonly string[] | undefined;
  readonly images?: readonly ImagePattern[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  /** Names of rules; without `vulnerabilities`, all that these rules find. */
  readonly rules?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly owner?: string | undefined;
  /** From this moment on it no longer counts. */
  readonly expiresAt?: Date | undefined;
  /** Of the entry in its document, from 1. */
  readonly line: number;
}

/** What happens where something that a rule needs could not be assessed; never more than the rule itself would do. */
export interface IncompleteHandling {
  readonly action: IncompleteAction;
  /** While an image is being scanned. */
  readonly pending: IncompleteAction;
  /** By code, before `action`. */
  readonly codes: ReadonlyMap<IncompleteCode, IncompleteAction>;
}

export const incompleteActions = ['allow', 'warn', 'deny'] as const;
export type IncompleteAction = (typeof incompleteActions)[number];

/** Why a rule could not be assessed, beside the codes of unknowns in a report. */
export const policyUnknownCodes = [
  'SCAN_PENDING',
  'SCAN_FAILED',
  'NOT_SCANNED',
  'SCAN_AGE_UNKNOWN',
  'DATABASE_AGE_UNKNOWN',
  'FOREIGN_REPORT',
  'REPORT_NARROWED',
  'MANIFEST_UNASSESSED',
  'NOTHING_ASSESSED',
  'OPA_UNAVAILABLE',
  'EXPRESSION_FAILED',
] as const;
/** One of `policyUnknownCodes`, or a code of an unknown in a report. */
export type IncompleteCode = string;
