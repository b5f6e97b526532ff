import type { Reason, ScanKnowledge } from '../policy/index.js';
import { clipText } from '../report/index.js';
import type { DataRoute } from './data-review.js';
import type { AdmissionRoute, Envelope, Review } from './review.js';
import type { AdmissionVerdict } from './verdict.js';

export interface RecordFacts {
  readonly route: AdmissionRoute | DataRoute;
  readonly at: Date;
  readonly durationMs: number;
  readonly policy: string;
  /** Name of the client's certificate, if it showed one. */
  readonly client: string | undefined;
}

/** Entries of each list in a record; how many there were is said beside it. */
const maxEntries = 50;
/** Characters of each text: users, groups and names are as long as who asks made them. */
const maxText = 1000;
/** Of the name of a group or a container, of which a record has many. */
const maxName = 200;

/** One decision for the log, complete in itself; to be written as one line of JSON. No annotation and no ticket is in it. */
export function decisionRecord(
  asked: { readonly envelope: Envelope | undefined; readonly review?: Review | undefined },
  verdict: AdmissionVerdict,
  facts: RecordFacts,
): object {
  const { envelope, review } = asked;
  const images = review?.pods.flatMap((pod) => pod.subject.images) ?? [];
  const { allowed, outcome, because, breakGlass, ticketProblem, waived, notAssessed, scans } = verdict;
  return {
    time: facts.at.toISOString(),
    msg: 'decision',
    route: facts.route,
    uid: envelope?.uid,
    allowed,
    outcome,
    because: clip(because),
    user: clip(review?.user),
    groups: review?.groups?.slice(0, maxEntries).map((group) => clipText(group, maxName)),
    client: clip(facts.client),
    operation: review?.operation,
    resource: clip(review?.resource),
    namespace: clip(review?.namespace),
    name: clip(review?.object?.name),
    dryRun: review?.dryRun === true ? true : undefined,
    policy: facts.policy,
    images: images.slice(0, maxEntries).map(({ text, place, unchanged }) => ({
      image: clip(text),
      container: clip(place?.name, maxName),
      slot: place?.slot,
      unchanged,
      ...scanWords(scans?.get(text)),
    })),
    imageCount: images.length,
    denied: reasonsIn(verdict.reasons),
    warned: reasonsIn(verdict.warnings),
    audited: reasonsIn(verdict.audits),
    waived: waived.length === 0 ? undefined : waived.length,
    notAssessed: notAssessed.length === 0 ? undefined : [...new Set(notAssessed.map(({ rule }) => rule))],
    breakGlass: breakGlass && {
      ...breakGlass,
      issuer: clip(breakGlass.issuer),
      reason: clip(breakGlass.reason),
      expiresAt: breakGlass.expiresAt?.toISOString(),
    },
    breakGlassRefused: ticketProblem,
    durationMs: Math.round(facts.durationMs * 100) / 100,
  };
}

function clip(text: string | undefined, maxLength = maxText): string | undefined {
  return text === undefined ? undefined : clipText(text, maxLength);
}

function reasonsIn(reasons: readonly Reason[]): readonly object[] | undefined {
  if (reasons.length === 0) return undefined;
  return reasons.slice(0, maxEntries).map(({ rule, check, code, image, place, message, fix, insteadOf }) => ({
    rule,
    check,
    code,
    image: clip(image),
    field: clip(place?.field, maxName),
    message: clip(message),
    fix: clip(fix),
    insteadOf,
  }));
}

function scanWords(scan: ScanKnowledge | undefined): object {
  if (!scan) return {};
  if (scan.state !== 'scanned') return { scan: scan.state === 'missing' ? scan.code : 'SCAN_PENDING' };
  const { digest, scannedAt, databaseUpdatedAt, findings, unknowns } = scan.facts;
  return { scan: 'done', digest, scannedAt, databaseUpdatedAt, findings: findings.length, unknowns: unknowns.length };
}
