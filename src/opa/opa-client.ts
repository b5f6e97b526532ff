import { createContext, messageOf } from '../core/index.js';
import { HttpError, type HttpClient, type HttpResponse } from '../http/index.js';
import type { PolicyAnswer } from '../policy/index.js';
import { maxAnswerBytes, readOpaAnswer } from './read-opa-answer.js';

/** How a question ended. `refused`: too many were under way, and it was not asked. */
export const opaResults = ['answered', 'unavailable', 'late', 'refused'] as const;
export type OpaResult = (typeof opaResults)[number];

export interface OpaClientOptions {
  /** Asked for with the first question; the client closes it. */
  readonly http: () => Promise<HttpClient>;
  /** Sent as a bearer token to every URL that is asked: see `tokenProblem`. */
  readonly token?: string | undefined;
  /** For questions that do not say it themselves. */
  readonly defaultTimeoutMs: number;
  readonly onEnd?: ((result: OpaResult, answer: PolicyAnswer) => void) | undefined;
}

export interface OpaQuestion {
  /** Of a document under `/v1/data/`. */
  readonly url: string;
  readonly timeoutMs?: number | undefined;
  /** What a policy finds under `input`. */
  readonly input: object;
}

/** Questions to one server that may be under way; the rest of a flood is told so at once. */
const mostAtOnce = 256;
const maxQuestionBytes = 16 * 1024 * 1024;
/** The same for all, because connections of another timeout are not shared. The question's own time ends before. */
const connectionTimes = { connectTimeoutMs: 15_000, idleTimeoutMs: 60_000 } as const;

/** Asks OPA, over connections that are kept. */
export class OpaClient {
  readonly #options: OpaClientOptions;
  readonly #underWay = new Map<string, number>();
  #http: Promise<HttpClient> | undefined;
  #isClosing = false;

  constructor(options: OpaClientOptions) {
    this.#options = options;
  }

  /** Questions that are under way. */
  get busy(): number {
    return [...this.#underWay.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * What OPA says, within the question's own time and not after the deadline. Never rejects: what is no answer is told as
   * missing, with its reason.
   * @param deadline on the clock of `performance.now()`
   */
  async ask(question: OpaQuestion, deadline: number): Promise<PolicyAnswer> {
    const { answer, result } = await this.#ask(question, deadline);
    const told = this.#withoutToken(answer);
    this.#options.onEnd?.(result, told);
    return told;
  }

  /** Lets the questions under way end, then ends the connections. */
  async closeWhenIdle(): Promise<void> {
    this.#isClosing = true;
    if (this.busy === 0) await this.close();
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    const http = this.#http;
    this.#http = undefined;
    this.#isClosing = true;
    // What could not be made has nothing to end.
    await http?.then((made) => made.close()).catch(() => {});
  }

  async #ask({ url, timeoutMs, input }: OpaQuestion, deadline: number): Promise<Ended> {
    const { defaultTimeoutMs } = this.#options;
    const target = new URL(url);
    const ms = Math.min(timeoutMs ?? defaultTimeoutMs, deadline - performance.now());
    if (ms <= 0) return ended('late', 'no time was left to ask OPA');
    const underWay = this.#underWay.get(target.origin) ?? 0;
    if (underWay >= mostAtOnce) return ended('refused', 'too many questions to OPA are under way');
    const body = new TextEncoder().encode(JSON.stringify({ input }));
    if (body.length > maxQuestionBytes) {
      return ended('unavailable', `what OPA would be asked has more than ${maxQuestionBytes} bytes`);
    }
    this.#underWay.set(target.origin, underWay + 1);
    const stop = new AbortController();
    const exchange = this.#exchange(target, body, stop.signal).finally(() => this.#leave(target.origin));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Ended>((resolve) => {
      timer = setTimeout(() => {
        stop.abort(new Error('late'));
        resolve(ended('late', `${target.host} (OPA) did not answer within ${Math.round(ms)} ms`));
      }, ms);
    });
    try {
      return await Promise.race([exchange, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #leave(origin: string): void {
    const left = (this.#underWay.get(origin) ?? 1) - 1;
    if (left > 0) this.#underWay.set(origin, left);
    else this.#underWay.delete(origin);
    if (this.#isClosing && this.busy === 0) void this.close();
  }

  async #exchange(target: URL, body: Uint8Array, signal: AbortSignal): Promise<Ended> {
    try {
      const response = await this.#send(target, body, signal);
      const bytes = await response.bytes(maxAnswerBytes);
      const answer = readOpaAnswer(response.status, bytes);
      return { answer, result: answer.state === 'answered' ? 'answered' : 'unavailable' };
    } catch (error) {
      return ended('unavailable', reasonOf(error, target));
    }
  }

  async #send(target: URL, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    const url = new URL(target);
    // Without it a built-in that fails would leave the whole answer undefined.
    url.searchParams.set('strict-builtin-errors', 'true');
    const { token } = this.#options;
    this.#http ??= this.#options.http();
    const http = await this.#http;
    const context = createContext({ signal });
    const request = {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      body: { sizeBytes: body.length, open: () => body },
      retries: 0,
      maxRedirects: 0,
      ...connectionTimes,
    } as const;
    try {
      return await http.request(context, request);
    } catch (error) {
      // A kept connection may have ended just as it was used. A question changes nothing: it can be asked again.
      if (!(error instanceof HttpError) || error.code !== 'CONNECTION_FAILED') throw error;
      return await http.request(context, request);
    }
  }

  /** A server could send back what it was sent. */
  #withoutToken(answer: PolicyAnswer): PolicyAnswer {
    const { token } = this.#options;
    if (token === undefined) return answer;
    const hide = (text: string): string => text.replaceAll(token, '[the token]');
    if (answer.state === 'missing') return { ...answer, reason: hide(answer.reason) };
    return { ...answer, deny: answer.deny.map(hide), warn: answer.warn.map(hide) };
  }
}

interface Ended {
  readonly answer: PolicyAnswer;
  readonly result: OpaResult;
}

function ended(result: Exclude<OpaResult, 'answered'>, reason: string): Ended {
  return { result, answer: { state: 'missing', reason } };
}

function reasonOf(error: unknown, { host }: URL): string {
  if (!(error instanceof HttpError)) return `OPA could not be asked: ${messageOf(error)}`;
  if (error.code === 'OFFLINE') return 'OPA is not asked: connections are forbidden';
  if (error.code === 'BODY_TOO_LARGE') return `the answer of OPA has more than ${maxAnswerBytes} bytes`;
  return error.message.includes(host) ? `OPA: ${error.message}` : `OPA at ${host}: ${error.message}`;
}
