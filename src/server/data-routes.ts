import {
  decisionRecord,
  judgeReview,
  opaResult,
  providerFailure,
  providerResponse,
  readOpaInput,
  readProviderRequest,
  refused,
  reviewOf,
  type AdmissionVerdict,
  type DataRoute,
  type DataRule,
  type ProviderItem,
  type Review,
} from '../admission/index.js';
import { messageOf } from '../core/index.js';
import type { JudgeInUse } from './admission-decide.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import { clientProblem, type ClientIdentity, type ClientRule } from './client-identity.js';
import type { ReviewBody } from './review-body.js';
import { inTime, tooLateWords } from './review-deadline.js';

/** Where a request of a policy engine leads. */
export type DataPath =
  /** One rule of the document, or all. */
  { readonly route: 'opa'; readonly rule: DataRule | undefined } | { readonly route: 'gatekeeper' };

/** By path, with or without a slash at the end. */
const paths: ReadonlyMap<string, DataPath> = new Map<string, DataPath>([
  ['/v1/data/image_admission', { route: 'opa', rule: undefined }],
  ['/v1/data/image_admission/allow', { route: 'opa', rule: 'allow' }],
  ['/v1/data/image_admission/deny', { route: 'opa', rule: 'deny' }],
  ['/v1/data/image_admission/warn', { route: 'opa', rule: 'warn' }],
  ['/gatekeeper', { route: 'gatekeeper' }],
]);

export function dataPathOf(path: string): DataPath | undefined {
  return paths.get(path.endsWith('/') ? path.slice(0, -1) : path);
}

export interface DataRoutesOptions {
  /** A ticket is none of its business. */
  readonly judge: () => Omit<JudgeInUse, 'breakGlass'>;
  /** Whom these routes answer. */
  readonly clients: ClientRule;
  readonly metrics: AdmissionMetrics;
  readonly write: (record: object) => void;
  readonly maxBodyBytes: number;
  /** Requests at a time, over all routes. */
  readonly mostAtOnce: number;
  readonly log: (level: 'error', message: string) => void;
}

export interface DataRequest {
  readonly path: DataPath;
  readonly body: ReviewBody;
  readonly client: ClientIdentity;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly deadline: number;
}

export interface DataAnswer {
  readonly status: 200 | 400;
  readonly document: object;
}

/** Longest that an answer to Gatekeeper is worked on: its own webhook fails open after three seconds, and others come before. */
export const gatekeeperMs = 1500;
/** Keys of one request that are judged at a time. */
const keysAtOnce = 200;

/**
 * Answers policy engines that ask about images by the policy of the reviews, and records each answer. Whatever goes wrong
 * is a refusal with status 200: one that asks may not look at a status. Only what is no question gets 400 from the route
 * of OPA, and `systemError` from that of Gatekeeper.
 */
export class DataRoutes {
  readonly #options: DataRoutesOptions;

  constructor(options: DataRoutesOptions) {
    this.#options = options;
  }

  /** Never rejects, and never later than its deadline, but for a little. */
  async answer(request: DataRequest): Promise<DataAnswer> {
    const { path, body, client } = request;
    const { clients, metrics, mostAtOnce } = this.#options;
    const { inFlight } = metrics;
    const because =
      clientProblem(client, clients) ??
      bodyProblem(body) ??
      (inFlight > mostAtOnce ? 'too many reviews are under way' : undefined);
    if (path.route === 'gatekeeper') return await this.#gatekeeper(request, because);
    return await this.#opa(request, path.rule, because);
  }

  async #opa(request: DataRequest, rule: DataRule | undefined, because: string | undefined): Promise<DataAnswer> {
    const told = (verdict: AdmissionVerdict): DataAnswer => ({ status: 200, document: opaResult(verdict, rule) });
    if (because !== undefined) return told(this.#record(request, undefined, refused(because)));
    const question = readOpaInput(request.body.whole ?? new Uint8Array(), this.#options.maxBodyBytes);
    if (question.kind === 'malformed') {
      this.#record(request, undefined, refused(question.reason));
      return { status: 400, document: { code: 'invalid_parameter', message: question.reason } };
    }
    return told(this.#record(request, question.asked, await this.#judge(question.asked, request)));
  }

  async #gatekeeper(request: DataRequest, because: string | undefined): Promise<DataAnswer> {
    const failed = (reason: string): DataAnswer => {
      this.#record(request, undefined, refused(reason));
      return { status: 200, document: providerFailure(reason) };
    };
    if (because !== undefined) return failed(because);
    const question = readProviderRequest(request.body.whole ?? new Uint8Array(), this.#options.maxBodyBytes);
    if (question.kind === 'malformed') return failed(question.reason);
    const keys = [...new Set(question.asked)];
    const items: ProviderItem[] = [];
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      items.push(...(await Promise.all(keys.slice(at, at + keysAtOnce).map((key) => this.#judgeKey(key, request)))));
    }
    return { status: 200, document: providerResponse(items) };
  }

  async #judgeKey(key: string, request: DataRequest): Promise<ProviderItem> {
    const review = reviewOf([key], { field: 'request.keys' });
    const isLate = performance.now() >= request.deadline;
    const verdict = isLate ? refused(tooLateWords) : await this.#judge(review, request);
    return { key, verdict: this.#record(request, review, verdict) };
  }

  /** What goes wrong, or is late, is a refusal, too. */
  async #judge(review: Review, request: DataRequest): Promise<AdmissionVerdict> {
    const { deadline } = request;
    try {
      const judge = { ...this.#options.judge(), breakGlass: undefined };
      const judging = judgeReview(review, judge, { now: new Date(), deadline });
      return await inTime(judging, request, () => refused(tooLateWords));
    } catch (error) {
      this.#options.log('error', `a question could not be judged: ${messageOf(error)}`);
      return refused('an internal error, which the log of the server tells');
    }
  }

  #record(request: DataRequest, review: Review | undefined, verdict: AdmissionVerdict): AdmissionVerdict {
    const { metrics, write, judge } = this.#options;
    const { client, startedAt } = request;
    const route: DataRoute = request.path.route;
    const durationMs = performance.now() - startedAt;
    const facts = { route, at: new Date(), durationMs, policy: judge().policyName, client: client.name };
    write(decisionRecord({ envelope: undefined, review }, verdict, facts));
    const { outcome, allowed } = verdict;
    metrics.decided(route, { outcome, allowed, seconds: durationMs / 1000, breakGlassRefused: false });
    return verdict;
  }
}

function bodyProblem({ fault }: ReviewBody): string | undefined {
  if (fault === 'too large') return 'the body is too large';
  if (fault === 'too late') return 'the body did not arrive in time';
  if (fault === 'cut off') return 'the body broke off';
  if (fault === 'too many at once') return 'too many large reviews are under way';
  return undefined;
}
