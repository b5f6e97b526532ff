import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { CancelSignal } from '../core/index.js';
import { HttpError } from './errors.js';
import { failureOf } from './failures.js';
import type { HttpResponse } from './http-client.js';

/** As much of an answer that nobody wants is read on, to keep the connection. */
const drainedBytes = 16 * 1024;
const drainedWithinMs = 250;

/** An answer as the connection gives it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readable & { dump(options: { limit: number; signal: AbortSignal }): Promise<unknown> };
}

/** Of whom, where from, and what to do when all is read or given up. */
export interface AnswerOrigin {
  readonly url: URL;
  readonly head: boolean;
  readonly idleTimeoutMs: number;
  readonly signal: CancelSignal;
  readonly release: () => void;
}

/** The answer for callers: bounded, and with errors that say what happened. */
export class Answer implements HttpResponse {
  readonly status: number;
  readonly url: URL;
  readonly body: AsyncIterable<Uint8Array>;
  readonly #raw: RawAnswer;
  readonly #origin: AnswerOrigin;
  readonly #hasBody: boolean;
  readonly #promised: number | undefined;

  constructor(raw: RawAnswer, origin: AnswerOrigin) {
    this.#raw = raw;
    this.#origin = origin;
    this.status = raw.status;
    this.url = origin.url;
    const length = this.header('content-length') ?? '';
    this.#hasBody = !origin.head && raw.status !== 204 && raw.status !== 304;
    this.#promised = this.#hasBody && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
    // One that is never listened to must not end the process.
    raw.body.on('error', () => {});
    raw.body.once('close', origin.release);
    this.body = { [Symbol.asyncIterator]: () => this.#pieces() };
  }

  header(name: string): string | undefined {
    const key = name.toLowerCase();
    const value = Object.hasOwn(this.#raw.headers, key) ? this.#raw.headers[key] : undefined;
    return value === undefined || typeof value === 'string' ? value : value.join(', ');
  }

  async bytes(maxBytes: number): Promise<Uint8Array> {
    const tooLarge = (): HttpError =>
      new HttpError('BODY_TOO_LARGE', `the answer of ${this.url.host} has more than ${maxBytes} bytes`);
    if ((this.#promised ?? 0) > maxBytes) {
      await this.discard();
      throw tooLarge();
    }
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of this.body) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge();
      pieces.push(piece);
    }
    const whole = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async discard(): Promise<void> {
    const { body } = this.#raw;
    if ((this.#promised ?? 0) <= drainedBytes) {
      const signal = AbortSignal.timeout(drainedWithinMs);
      await body.dump({ limit: drainedBytes, signal }).catch(() => {});
      await turn();
    }
    body.destroy();
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    const { url, signal } = this.#origin;
    let size = 0;
    try {
      for await (const piece of this.#raw.body as AsyncIterable<Uint8Array>) {
        size += piece.length;
        yield piece;
      }
    } catch (error) {
      signal.throwIfAborted();
      // Some say how long the body would be that they have no reason to send.
      if (!this.#hasBody) return;
      throw this.#bodyError(error, size);
    }
    // The connection is only free for the next request when this turn of the loop is over.
    await turn();
    if (this.#promised !== undefined && size !== this.#promised) {
      throw truncated(url, size, this.#promised);
    }
  }

  #bodyError(error: unknown, size: number): HttpError {
    const { url, idleTimeoutMs } = this.#origin;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
      return truncated(url, size, this.#promised);
    }
    if (code === 'UND_ERR_BODY_TIMEOUT') {
      return new HttpError('TIMED_OUT', `${url.host} sent nothing more for ${Math.ceil(idleTimeoutMs / 1000)} s`);
    }
    return failureOf(error, url.host).error;
  }
}

function truncated(url: URL, size: number, promised: number | undefined): HttpError {
  const of = promised === undefined ? '' : ` of ${promised}`;
  return new HttpError('BODY_TRUNCATED', `${url.host} broke off after ${size}${of} bytes`);
}
