import type { CancelSignal, Context } from '../core/index.js';
import { HttpError } from './errors.js';
import { FailedConnection, failureOf, type Persistence } from './failures.js';
import type { HttpResponse } from './http-client.js';

const retriedStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Of connections that nobody answers. */
const fewRetries = 2;

const firstWaitMs = 500;
const longestWaitMs = 8_000;

/** Longer than this we do not wait because a server says so, nor in all. */
const longestAskedMs = 60_000;
const longestTotalMs = 150_000;

/** People are told why they wait for so long. */
const noticedWaitMs = 3_000;

/** How to try again. */
export interface RetryPlan {
  readonly retries: number;
  /** `host:port`, for messages. */
  readonly peer: string;
  readonly signal: CancelSignal;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => Date;
  readonly log: Context['log'];
}

/**
 * The answer of the first attempt that gives one worth having, else that of the last. A server that asks for more
 * patience than we have is not asked again: its answer tells the caller.
 * @throws HttpError of the last attempt; the signal's reason
 */
export async function withRetries(plan: RetryPlan, attempt: () => Promise<HttpResponse>): Promise<HttpResponse> {
  let waitedMs = 0;
  for (let done = 0; ; done++) {
    const outcome = await tried(plan, attempt);
    const waitMs = waitBefore(outcome, done, plan, waitedMs);
    if (waitMs === undefined) {
      if ('response' in outcome) return outcome.response;
      throw outcome.error;
    }
    if ('response' in outcome) await outcome.response.discard();
    const what = 'response' in outcome ? `${plan.peer} answers ${outcome.response.status}` : outcome.error.message;
    const words = `${what}; trying again in ${(waitMs / 1000).toFixed(1)} s`;
    plan.log(waitMs >= noticedWaitMs ? 'info' : 'debug', words);
    await plan.sleep(waitMs);
    plan.signal.throwIfAborted();
    waitedMs += waitMs;
  }
}

type Outcome = { readonly response: HttpResponse } | { readonly error: Error; readonly persistence: Persistence };

async function tried(plan: RetryPlan, attempt: () => Promise<HttpResponse>): Promise<Outcome> {
  try {
    return { response: await attempt() };
  } catch (error) {
    plan.signal.throwIfAborted();
    if (error instanceof FailedConnection || error instanceof HttpError) return failureOf(error, plan.peer);
    throw error;
  }
}

/** How long to wait before the next attempt; nothing when there is to be none. */
function waitBefore(outcome: Outcome, done: number, plan: RetryPlan, waitedMs: number): number | undefined {
  if (done >= plan.retries) return undefined;
  const grown = Math.min(firstWaitMs * 2 ** done, longestWaitMs);
  const waitMs = grown * (0.5 + Math.random() / 2);
  if ('error' in outcome) {
    if (outcome.persistence === 'never' || (outcome.persistence === 'few' && done >= fewRetries)) return undefined;
    return waitMs;
  }
  const { response } = outcome;
  if (!retriedStatuses.has(response.status)) return undefined;
  const askedMs = parseRetryAfter(response.header('retry-after'), plan.now());
  if (askedMs === undefined) return waitMs;
  if (askedMs > longestAskedMs || waitedMs + askedMs > longestTotalMs) return undefined;
  // Not all who were sent away come back at the same moment.
  return Math.max(askedMs + Math.random() * 500, waitMs);
}

/**
 * `Retry-After` as milliseconds from now: seconds, or a date. Nothing when it is neither.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  const plain = text?.trim() ?? '';
  if (/^\d{1,15}(\.\d{1,9})?$/.test(plain)) return Number(plain) * 1000;
  // Only the forms that have a weekday and a time: the parser takes a lone number for a year.
  if (!/^[A-Za-z]{3,9},? .{10,40}$/.test(plain)) return undefined;
  const at = Date.parse(plain);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
