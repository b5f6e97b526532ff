import {
  evaluatePolicy,
  expressionSteps,
  type Decision,
  type Policy,
  type PolicySubject,
  type ScanKnowledge,
} from '../policy/index.js';
import { needsSource, sourceOf } from '../subjects/index.js';
import { answerReserveMs, openInquiries, withAnswers, type AnswerSource } from './answers.js';
import { checkTickets, type BreakGlass, type ShownTickets } from './break-glass.js';
import type { PullScope } from './pull-scope.js';
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
  /** Absent: no policy engine is asked, and rules that need one are incomplete. */
  readonly answers?: AnswerSource | undefined;
}

/** When a review is judged, and by when; the deadline is on the clock of `performance.now()`. */
export interface JudgingTime {
  readonly now: Date;
  readonly deadline: number;
}

/**
 * The verdict over a review, by the policy's one evaluation of each of its pods. Nothing is scanned that the policy refuses
 * for its name, so that no registry is asked which the policy does not let in, or that a ticket lets through; no policy
 * engine is asked about what is refused without it.
 */
export async function judgeReview(review: Review, judge: Judge, time: JudgingTime): Promise<AdmissionVerdict> {
  const { namespace, notJudged } = review;
  const { policy, exemptNamespaces, breakGlass } = judge;
  if (notJudged !== undefined) return passed('not-judged', notJudged);
  if (namespace !== undefined && exemptNamespaces.has(namespace)) {
    return passed('exempt', `the namespace ${namespace} is exempt`);
  }
  const around = wholeOf(review, policy);
  const subjects = review.pods.map((pod) => ({ ...subjectOf(pod, policy, time.now), ...around }));
  const evaluate = (all: readonly PolicySubject[]): readonly Decision[] => {
    const budget = { left: expressionSteps };
    return all.map((subject) => evaluatePolicy(policy, subject, { now: time.now, budget }));
  };
  const first = evaluate(subjects);
  const tickets: ShownTickets = breakGlass ? checkTickets(review, breakGlass, time.now) : {};
  // Who holds a ticket need not wait for what is not known yet.
  const asked = tickets.use ? { ...judge, answers: notAsked } : judge;
  const known = await withKnowledge({ subjects, decisions: first }, asked, {
    evaluate,
    deadline: tickets.use ? 0 : time.deadline,
    dryRun: review.dryRun,
    pulls: review.pods.map(({ pull }) => pull),
  });
  return withTickets({ ...verdictOf(known.decisions), scans: known.scans }, tickets);
}

const notAsked: AnswerSource = {
  findAnswer: () => Promise.resolve({ state: 'missing', reason: 'nobody was asked, because there is a ticket' }),
};

interface Knowing {
  readonly subjects: readonly PolicySubject[];
  readonly decisions: readonly Decision[];
  readonly scans?: ReadonlyMap<string, ScanKnowledge> | undefined;
}

interface Judging {
  readonly evaluate: (all: readonly PolicySubject[]) => readonly Decision[];
  readonly deadline: number;
  readonly dryRun: boolean;
  /** Of each pod. */
  readonly pulls: readonly (PullScope | undefined)[];
}

/**
 * The decisions with what scans found and then what policy engines answered, as far as rules need it. What the policy
 * refuses already is refused without asking on.
 */
async function withKnowledge(start: Knowing, judge: Judge, how: Judging): Promise<Knowing> {
  const { policy } = judge;
  const { evaluate, deadline } = how;
  let known = start;
  if (isOpen(known.decisions) && known.decisions.some(asksForScans)) {
    const scansBy = deadline - answerReserveMs(policy, deadline - performance.now());
    const found = await Promise.all(
      known.subjects.map((subject, at) =>
        findScans(subject, judge, { ...how, deadline: scansBy, pull: how.pulls[at] }),
      ),
    );
    const subjects = known.subjects.map((subject, at) => withScans(subject, found[at] ?? new Map()));
    known = { subjects, decisions: evaluate(subjects), scans: together(found) };
  }
  const inquiries = known.decisions.map((decision, at) => openInquiries(policy, decision, known.subjects[at]));
  if (!isOpen(known.decisions) || inquiries.every((rules) => rules.length === 0)) return known;
  const subjects = await Promise.all(
    known.subjects.map((subject, at) =>
      withAnswers(subject, { policy, rules: inquiries[at] ?? [], source: judge.answers }, deadline),
    ),
  );
  return { ...known, subjects, decisions: evaluate(subjects) };
}

/** Nothing is refused yet. */
function isOpen(decisions: readonly Decision[]): boolean {
  return decisions.every(({ outcome }) => outcome !== 'fail');
}

/** What all pods of a review have in common: who asks for what, and the object. */
function wholeOf(review: Review, policy: Policy): Partial<PolicySubject> {
  const { envelope, operation, user, groups, pods } = review;
  if (envelope.route !== 'admissionReview') return {};
  const [first] = pods;
  const source = first?.manifest && needsSource(policy) ? sourceOf(first.manifest.value) : {};
  return { request: { operation, user, groups }, ...source };
}

function subjectOf(pod: ReviewedPod, policy: Policy, now: Date): PolicySubject {
  const { subject, manifest, unchanged } = pod;
  if (!manifest || !needsWorkload(policy)) return subject;
  return { ...subject, workload: workloadKnowledge(manifest, { now, unchanged }) };
}

/** Some rule that is for these images was passed over for want of a scan. */
function asksForScans({ notAssessed }: Decision): boolean {
  return notAssessed.some(({ needs }) => needs.includes('scan'));
}

/** Of every image of a pod that is judged, by its name as written. */
async function findScans(
  { images }: PolicySubject,
  { policy, scans }: Judge,
  { deadline, dryRun, pull }: Pick<Judging, 'deadline' | 'dryRun'> & { readonly pull: PullScope | undefined },
): Promise<ReadonlyMap<string, ScanKnowledge>> {
  // What runs already is let through whatever is found.
  const judged = images.filter(({ unchanged }) => unchanged !== true || !policy.unchangedPasses);
  const texts = [...new Set(judged.map(({ text }) => text))];
  const found = await Promise.all(
    texts.map(async (text) => (await scans?.findScan(text, deadline, { dryRun, pull })) ?? notScanned),
  );
  return new Map(texts.map((text, at) => [text, found[at] ?? notScanned]));
}

/** For the record: of an image that not all pods of an object can have, that one of them cannot. */
function together(found: readonly ReadonlyMap<string, ScanKnowledge>[]): ReadonlyMap<string, ScanKnowledge> {
  const all = new Map<string, ScanKnowledge>();
  for (const [text, scan] of found.flatMap((one) => [...one])) {
    if ((all.get(text)?.state ?? 'scanned') === 'scanned') all.set(text, scan);
  }
  return all;
}

function withScans(subject: PolicySubject, scans: ReadonlyMap<string, ScanKnowledge>): PolicySubject {
  return { ...subject, images: subject.images.map((image) => ({ ...image, scan: scans.get(image.text) })) };
}

const notScanned: ScanKnowledge = {
  state: 'missing',
  code: 'NOT_SCANNED',
  reason: 'this server scans no images (--no-scan)',
};

function withTickets(verdict: AdmissionVerdict, { use, problem }: ShownTickets): AdmissionVerdict {
  if (verdict.allowed) return verdict;
  if (use) return { ...verdict, allowed: true, outcome: 'break-glass', breakGlass: use };
  return { ...verdict, ticketProblem: problem };
}
