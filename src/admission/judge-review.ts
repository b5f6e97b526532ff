import { evaluatePolicy, type Policy, type PolicySubject, type ScanKnowledge } from '../policy/index.js';
import { checkTickets, type BreakGlass, type ShownTickets } from './break-glass.js';
import type { Review, ReviewedPod } from './review.js';
import type { ScanSource } from './scan-desk.js';
import { passed, verdictOf, type AdmissionVerdict } from './verdict.js';
import { needsWorkload, workloadKnowledge } from './workload-knowledge.js';

export interface Judge {
  readonly policy: Policy;
  /** Names of namespaces that nothing is asked of. */
  readonly exemptNamespaces: ReadonlySet<string>;
  readonly breakGlass?: BreakGlass | undefined;
  /** Absent: no image is scanned, and rules that need a scan find none. */
  readonly scans?: ScanSource | undefined;
}

/** When a review is judged, and by when; the deadline is on the clock of `performance.now()`. */
export interface JudgingTime {
  readonly now: Date;
  readonly deadline: number;
}

/**
 * The verdict over a review, by the policy's one evaluation of each of its pods. Nothing is scanned that the policy refuses
 * for its name, so that no registry is asked which the policy does not let in, or that a ticket lets through.
 */
export async function judgeReview(review: Review, judge: Judge, time: JudgingTime): Promise<AdmissionVerdict> {
  const { namespace, notJudged } = review;
  const { policy, exemptNamespaces, breakGlass } = judge;
  if (notJudged !== undefined) return passed('not-judged', notJudged);
  if (namespace !== undefined && exemptNamespaces.has(namespace)) {
    return passed('exempt', `the namespace ${namespace} is exempt`);
  }
  const subjects = review.pods.map((pod) => subjectOf(pod, policy, time.now));
  const evaluate = (all: readonly PolicySubject[]): AdmissionVerdict =>
    verdictOf(all.map((subject) => evaluatePolicy(policy, subject, { now: time.now })));
  const first = evaluate(subjects);
  const tickets: ShownTickets = breakGlass ? checkTickets(review, breakGlass, time.now) : {};
  if (first.outcome === 'deny' || !asksForScans(first)) return withTickets(first, tickets);
  // Who holds a ticket need not wait for what is not known yet.
  const deadline = tickets.use ? 0 : time.deadline;
  const scans = await findScans(subjects, judge, deadline);
  return withTickets({ ...evaluate(subjects.map((subject) => withScans(subject, scans))), scans }, tickets);
}

function subjectOf(pod: ReviewedPod, policy: Policy, now: Date): PolicySubject {
  const { subject, manifest, unchanged } = pod;
  if (!manifest || !needsWorkload(policy)) return subject;
  return { ...subject, workload: workloadKnowledge(manifest, { now, unchanged }) };
}

/** Some rule that is for these images was passed over for want of a scan. */
function asksForScans({ notAssessed }: AdmissionVerdict): boolean {
  return notAssessed.some(({ needs }) => needs.includes('scan'));
}

/** Of every image that is judged, by its name as written. */
async function findScans(
  subjects: readonly PolicySubject[],
  { policy, scans }: Judge,
  deadline: number,
): Promise<ReadonlyMap<string, ScanKnowledge>> {
  const images = subjects.flatMap((subject) => subject.images);
  // What runs already is let through whatever is found.
  const judged = images.filter(({ unchanged }) => unchanged !== true || !policy.unchangedPasses);
  const texts = [...new Set(judged.map(({ text }) => text))];
  const found = await Promise.all(texts.map(async (text) => (await scans?.findScan(text, deadline)) ?? notScanned));
  return new Map(texts.map((text, at) => [text, found[at] ?? notScanned]));
}

function withScans(subject: PolicySubject, scans: ReadonlyMap<string, ScanKnowledge>): PolicySubject {
  return { ...subject, images: subject.images.map((image) => ({ ...image, scan: scans.get(image.text) })) };
}

const notScanned: ScanKnowledge = { state: 'missing', code: 'NOT_SCANNED', reason: 'this server scans no images' };

function withTickets(verdict: AdmissionVerdict, { use, problem }: ShownTickets): AdmissionVerdict {
  if (verdict.allowed) return verdict;
  if (use) return { ...verdict, allowed: true, outcome: 'break-glass', breakGlass: use };
  return { ...verdict, ticketProblem: problem };
}
