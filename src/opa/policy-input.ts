import type {
  FindingFact,
  OpaNeed,
  PolicySubject,
  ScanKnowledge,
  SubjectImage,
  UnknownFact,
  WorkloadKnowledge,
} from '../policy/index.js';
import {
  defaultTag,
  formatReference,
  InvalidReferenceError,
  isOfficialImage,
  parseReference,
  type Reference,
} from '../reference/index.js';

/** The version and kind of the document; a member that changes its meaning changes the version. */
export const policyInputVersion = { apiVersion: 'tidewaiter.dev/v1', kind: 'PolicyInput' } as const;

/** Who asks. */
export interface PolicyInputFacts {
  /** Name of the policy. */
  readonly policy: string;
  /** Name of its rule. */
  readonly rule: string;
  /** What the rule asks to be told, beside what everybody is. */
  readonly needs: readonly OpaNeed[];
}

/**
 * What OPA finds under `input`: what is known of a subject, and what scans and the analysis say as far as the rule needs it,
 * whatever other rules made known. A member that is absent is not known.
 */
export function policyInput(subject: PolicySubject, { policy, rule, needs }: PolicyInputFacts): object {
  const { images, namespace, labels, object, request, source, workload, unread } = subject;
  return {
    ...policyInputVersion,
    policy,
    rule,
    needs,
    namespace,
    labels,
    images: images.map((image) => imageMembers(image, { withScan: needs.includes('scan') })),
    workload: needs.includes('workload') ? workload && workloadMembers(workload) : undefined,
    request,
    object: source ?? (object && nameMembers(object)),
    unread,
  };
}

/** An object of which only its name is carried, in the places where the whole would have it. */
function nameMembers({ apiVersion, kind, name }: NonNullable<PolicySubject['object']>): object {
  return { apiVersion, kind, metadata: name === undefined ? {} : { name } };
}

function workloadMembers(workload: WorkloadKnowledge): object {
  return workload.state === 'missing' ? workload : { ...workload, findings: workload.findings ?? [] };
}

function imageMembers(
  { text, nameless, place, unchanged, scan }: SubjectImage,
  { withScan }: { readonly withScan: boolean },
): object {
  return {
    text,
    ...(nameless ? { nameless: true } : nameOf(text)),
    slot: place?.slot,
    container: place?.name,
    field: place?.field,
    unchanged,
    scan: withScan ? scan && scanMembers(scan) : undefined,
  };
}

function nameOf(text: string): object {
  let reference: Reference;
  try {
    reference = parseReference(text);
  } catch (error) {
    if (error instanceof InvalidReferenceError) return { problem: error.rule };
    throw error;
  }
  const { registry, repository, tag, digest } = reference;
  return {
    name: formatReference(reference),
    registry,
    repository,
    // A digest alone says nothing of tags.
    tag: tag ?? (digest === undefined ? defaultTag : undefined),
    digest,
    official: isOfficialImage(reference).official,
  };
}

function scanMembers(scan: ScanKnowledge): object {
  if (scan.state !== 'scanned') return scan;
  const { digest, scannedAt, databaseUpdatedAt, findings, unknowns, narrowing } = scan.facts;
  return {
    state: 'scanned',
    digest,
    scannedAt,
    databaseUpdatedAt,
    findings: findings.map(findingMembers),
    unknowns: unknowns.map(({ code, subject, reason }: UnknownFact) => ({ code, subject, reason })),
    narrowing,
  };
}

function findingMembers(finding: FindingFact): object {
  const { vulnerabilityId, packageName, installedVersion, fixedVersion, severity, cvss } = finding;
  return {
    id: vulnerabilityId,
    package: packageName,
    installed: installedVersion,
    fixed: fixedVersion,
    severity,
    cvss,
    published: finding.publishedAt,
    firstSeen: finding.firstSeenAt,
  };
}
