import {
  decisionRecord,
  envelopeInHead,
  judgeReview,
  readAdmissionReview,
  readImageReview,
  refused,
  type AdmissionRoute,
  type AdmissionVerdict,
  type Envelope,
  type Judge,
  type Review,
} from '../admission/index.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import { clientProblem, type ClientIdentity, type ClientRule } from './client-identity.js';
import type { ReviewBody } from './review-body.js';
import { inTime, tooLateWords } from './review-deadline.js';

/** One request to decide about. */
export interface Question {
  readonly route: AdmissionRoute;
  readonly body: ReviewBody;
  readonly client: ClientIdentity;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly deadline: number;
}

/** A decision, and what it is about. Without an envelope there is nobody to answer to. */
export interface Decided {
  readonly envelope: Envelope | undefined;
  readonly review?: Review | undefined;
  readonly verdict: AdmissionVerdict;
}

/** Layers of one form: each does one thing and asks the next. */
export type Decider = (question: Question) => Promise<Decided>;

export interface JudgeInUse extends Judge {
  /** How answers and records call the policy. */
  readonly policyName: string;
}

/** Innermost: the review in a whole body, judged. */
export function judging(judge: () => JudgeInUse, maxBytes: number, now: () => Date): Decider {
  return async ({ route, body, deadline }) => {
    const bytes = body.whole ?? new Uint8Array();
    const read = route === 'imageReview' ? readImageReview(bytes, maxBytes) : readAdmissionReview(bytes, maxBytes);
    if (read.kind === 'unanswerable') return { envelope: undefined, verdict: refused(read.reason) };
    if (read.kind === 'malformed') return { envelope: read.envelope, verdict: refused(read.reason) };
    const { review } = read;
    const verdict = await judgeReview(review, judge(), { now: now(), deadline });
    return { envelope: review.envelope, review, verdict };
  };
}

/** A body that is not all there is refused, to the uid at its head. */
export function withWholeBody(next: Decider, maxBytes: (route: AdmissionRoute) => number): Decider {
  return async (question) => {
    const { fault } = question.body;
    if (fault === undefined && (question.body.whole?.length ?? 0) > 0) return await next(question);
    return refuseUnread(question, bodyWords(fault, maxBytes(question.route)));
  };
}

function bodyWords(fault: ReviewBody['fault'], maxBytes: number): string {
  switch (fault) {
    case undefined:
      return 'the body is empty';
    case 'too large':
      return `the body has more than ${maxBytes} bytes`;
    case 'too late':
      return 'the body did not arrive in time';
    case 'cut off':
      return 'the body broke off';
    case 'too many at once':
      return 'too many large reviews are under way';
  }
}

/** Who has not proved who they are is told so, and nothing of what they sent is looked at but the uid. */
export function withClientCheck(next: Decider, rules: Readonly<Record<AdmissionRoute, ClientRule>>): Decider {
  return async (question) => {
    const problem = clientProblem(question.client, rules[question.route]);
    return problem === undefined ? await next(question) : refuseUnread(question, problem);
  };
}

/** Past so many at a time the next one is refused at once. */
export function withRoom(next: Decider, max: number, metrics: AdmissionMetrics): Decider {
  return async (question) => {
    if (metrics.inFlight > max) return refuseUnread(question, 'too many reviews are under way');
    return await next(question);
  };
}

/** What goes wrong inside is a decision, too. */
export function withFaults(next: Decider, tell: (error: unknown) => void): Decider {
  return async (question) => {
    try {
      return await next(question);
    } catch (error) {
      tell(error);
      return refuseUnread(question, 'an internal error, which the log of the server tells');
    }
  };
}

/** Answers when the time is over, whatever the rest still waits for. */
export function withDeadline(next: Decider): Decider {
  return async (question) => {
    return await inTime(next(question), question, () => refuseUnread(question, tooLateWords));
  };
}

export interface Recording {
  readonly metrics: AdmissionMetrics;
  readonly write: (record: object) => void;
  readonly policyName: () => string;
  readonly now: () => Date;
}

/** Outermost: every decision is counted and recorded. */
export function withRecords(next: Decider, { metrics, write, policyName, now }: Recording): Decider {
  return async (question) => {
    const decided = await next(question);
    const { verdict, envelope } = decided;
    const durationMs = performance.now() - question.startedAt;
    const policy = policyName();
    const { route, client } = question;
    write(decisionRecord(decided, verdict, { route, at: now(), durationMs, policy, client: client.name }));
    if (!envelope) metrics.unanswerable();
    else {
      metrics.decided(route, {
        outcome: verdict.outcome,
        allowed: verdict.allowed,
        seconds: durationMs / 1000,
        breakGlassRefused: verdict.ticketProblem !== undefined,
      });
    }
    return decided;
  };
}

const decoder = new TextDecoder('utf-8', { fatal: false });

function refuseUnread({ route, body }: Question, because: string): Decided {
  return { envelope: envelopeInHead(route, decoder.decode(body.head)), verdict: refused(because) };
}
