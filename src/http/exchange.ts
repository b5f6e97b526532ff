import sendRequest from 'undici/lib/api/api-request.js';
import type { CancelSignal, Context } from '../core/index.js';
import { proxyRefusal } from './connect.js';
import type { Connections, Line } from './connections.js';
import { HttpError } from './errors.js';
import { FailedConnection, failureOf } from './failures.js';
import type { HttpOptions, HttpRequest, HttpResponse } from './http-client.js';
import { checkScheme, checkTarget, isSameAddress, nextHop, withoutUserinfo, type Hop } from './redirects.js';
import { Answer, type RawAnswer } from './response.js';
import { withRetries } from './retries.js';

const checkSignalEveryMs = 50;

const idleTimeoutMs = 60_000;
const connectTimeoutMs = 15_000;
const safeRetries = 4;
const safeRedirects = 10;

/** One request of a caller, with its redirects and attempts, over the connections of a client. */
export class Exchange {
  readonly #context: Context;
  readonly #request: HttpRequest;
  readonly #options: HttpOptions;
  readonly #connections: Connections;
  readonly #safe: boolean;

  constructor(context: Context, request: HttpRequest, options: HttpOptions, connections: Connections) {
    this.#context = context;
    this.#request = request;
    this.#options = options;
    this.#connections = connections;
    this.#safe = request.method === 'GET' || request.method === 'HEAD';
  }

  /** @throws HttpError; the reason of the context's signal */
  async answer(): Promise<HttpResponse> {
    const context = this.#context;
    const { signal } = context;
    const { url, chosenBy } = this.#request;
    signal.throwIfAborted();
    if (chosenBy !== undefined) {
      checkScheme(chosenBy, url);
      checkTarget(chosenBy, await this.#connections.reachTowards(chosenBy, url), url);
    }
    const plan = {
      retries: this.#request.retries ?? (this.#safe ? (this.#options.retries ?? safeRetries) : 0),
      peer: url.host,
      signal,
      sleep: this.#options.sleep ?? ((ms: number) => pause(ms, signal)),
      now: () => context.now(),
      log: context.log.bind(context),
    };
    return await withRetries(plan, () => this.#follow());
  }

  /** One attempt, from the URL that was asked for to where its redirects end. */
  async #follow(): Promise<HttpResponse> {
    const { method, headers = {}, authorization, body, maxRedirects } = this.#request;
    const most = this.#options.socketPath === undefined ? (maxRedirects ?? (this.#safe ? safeRedirects : 0)) : 0;
    let hop: Hop = { method, url: withoutUserinfo(this.#request.url), headers, authorization, body };
    let sender = this.#request.chosenBy;
    for (let followed = 0; ; followed++) {
      const answer = await this.#send(hop, sender);
      const next = most === 0 ? undefined : await this.#next(hop, answer);
      if (next === undefined) return answer;
      await answer.discard();
      if (followed === most) {
        throw new HttpError('TOO_MANY_REDIRECTS', `${this.#request.url.host} redirects more than ${most} times`);
      }
      sender ??= this.#request.url;
      hop = next;
    }
  }

  async #next(hop: Hop, answer: HttpResponse): Promise<Hop | undefined> {
    const first = this.#request.chosenBy ?? this.#request.url;
    try {
      const next = nextHop(hop, answer);
      if (next !== undefined) checkTarget(first, await this.#connections.reachTowards(first, next.url), next.url);
      return next;
    } catch (error) {
      await answer.discard();
      throw error;
    }
  }

  /** `sender` is the host that the user chose, if that is not the one of the hop itself. */
  async #send(hop: Hop, sender: URL | undefined): Promise<HttpResponse> {
    const { signal } = this.#context;
    const chosenByUser = sender === undefined || isSameAddress(sender, hop.url);
    const sentFrom = chosenByUser ? undefined : await this.#connections.reachTowards(sender, hop.url);
    const timeoutMs = this.#request.connectTimeoutMs ?? this.#options.connectTimeoutMs ?? connectTimeoutMs;
    const line = await this.#connections.line(hop.url, { sentFrom, timeoutMs });
    const upload = hop.body === undefined ? undefined : new Upload(hop.body.open());
    const watch = watchSignal(signal);
    line.claim();
    try {
      signal.throwIfAborted();
      const raw = await this.#exchange(line, hop, upload?.body ?? null, watch.signal);
      return new Answer(raw, {
        url: hop.url,
        head: hop.method === 'HEAD',
        idleTimeoutMs: this.#request.idleTimeoutMs ?? this.#options.idleTimeoutMs ?? idleTimeoutMs,
        signal,
        release: () => watch.stop(),
      });
    } catch (error) {
      watch.stop();
      signal.throwIfAborted();
      upload?.throwIfFailed();
      throw new FailedConnection(failureOf(error, hop.url.host));
    } finally {
      line.release();
    }
  }

  async #exchange(
    { pool, plainProxy }: Line,
    hop: Hop,
    body: Upload['body'] | null,
    signal: AbortSignal,
  ): Promise<RawAnswer> {
    const idleMs = this.#request.idleTimeoutMs ?? this.#options.idleTimeoutMs ?? idleTimeoutMs;
    const sent = sendRequest.call(pool, {
      origin: hop.url.origin,
      path: plainProxy === undefined ? `${hop.url.pathname}${hop.url.search}` : hop.url.href,
      method: hop.method,
      headers: this.#headers(hop, plainProxy?.authorization),
      body,
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
      signal,
      // Else a connection would end with every HEAD.
      reset: false,
    });
    const { statusCode, headers, body: answered } = await unlessAborted(sent, signal);
    if (statusCode === 407 && plainProxy !== undefined) {
      answered.on('error', () => {}).destroy();
      throw new FailedConnection(proxyRefusal(plainProxy, statusCode, hop.url.host));
    }
    return { status: statusCode, headers, body: answered };
  }

  #headers(hop: Hop, proxyAuthorization: string | undefined): Record<string, string> {
    return {
      'user-agent': this.#options.userAgent,
      'accept-encoding': 'identity',
      ...hop.headers,
      host: hop.url.host,
      ...(hop.authorization === undefined ? {} : { authorization: hop.authorization }),
      ...(hop.body === undefined ? {} : { 'content-length': String(hop.body.sizeBytes) }),
      ...(proxyAuthorization === undefined ? {} : { 'proxy-authorization': proxyAuthorization }),
    };
  }
}

/** A body being sent. An error of its source is the caller's own, and none of the connection's. */
class Upload {
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  #failure: { readonly error: unknown } | undefined;

  constructor(opened: Uint8Array | AsyncIterable<Uint8Array>) {
    this.body = opened instanceof Uint8Array ? opened : this.#watched(opened);
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async *#watched(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const iterator = pieces[Symbol.asyncIterator]();
    let done = false;
    try {
      while (!done) {
        const next = await iterator.next();
        done = next.done === true;
        if (next.done !== true) yield next.value;
      }
    } catch (error) {
      done = true;
      this.#failure = { error };
      throw error;
    } finally {
      if (!done) await iterator.return?.();
    }
  }
}

/** What is sent only hears of the signal once there is a connection: until then nothing may wait for it. */
async function unlessAborted<T>(sent: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([sent, aborted]);
  } finally {
    settled.abort();
  }
}

/** The context's signal has no events: it is looked at until `stop`. */
function watchSignal(signal: CancelSignal): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    if (!signal.aborted) return;
    clearInterval(timer);
    controller.abort(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
  }, checkSignalEveryMs);
  timer.unref();
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

/** Waits, at most until the signal says to stop; the caller asks the signal afterwards. */
async function pause(ms: number, signal: CancelSignal): Promise<void> {
  const end = Date.now() + ms;
  while (!signal.aborted) {
    const left = end - Date.now();
    if (left <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, checkSignalEveryMs)));
  }
}
