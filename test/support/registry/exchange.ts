import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { OpenEntry } from './access-log.js';
import type { Fault } from './faults.js';

/** An answer that is an error of the distribution specification. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | string;
}

const pieceBytes = 64 * 1024;
const loggedBodyBytes = 64 * 1024;
const longestBody = 512 * 1024 * 1024;

/** One request and what is done with it: reading, answering, and the fault that it meets. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly url: URL;
  readonly entry: OpenEntry;
  readonly fault: Fault;
  readonly #response: ServerResponse;
  /** Kept, because a request that is over has none any more. */
  readonly #socket: IncomingMessage['socket'];

  constructor(request: IncomingMessage, response: ServerResponse, entry: OpenEntry, fault: Fault | undefined) {
    this.request = request;
    this.#response = response;
    this.#socket = request.socket;
    this.entry = entry;
    this.fault = fault ?? {};
    this.method = request.method ?? '';
    this.url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** The body of the request; `onPiece` sees what comes even if the rest of it never does. */
  async readBody(onPiece?: (piece: Uint8Array) => void): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const read of this.request) {
      const most = (this.fault.cutUploadAfterBytes ?? longestBody) - size;
      const piece = new Uint8Array(read as Uint8Array).subarray(0, most);
      size += piece.length;
      this.entry.bytesReceived = size;
      onPiece?.(piece);
      if (size >= (this.fault.cutUploadAfterBytes ?? Number.POSITIVE_INFINITY)) {
        this.#socket.destroy();
        throw new Error('the fault ended the connection');
      }
      if (size >= longestBody) throw new Refusal(413, 'SIZE_INVALID', 'too much');
      pieces.push(piece);
    }
    const body = Buffer.concat(pieces);
    if (size > 0 && size <= loggedBodyBytes) this.entry.body = body.toString('utf8');
    return new Uint8Array(body.buffer, body.byteOffset, body.length);
  }

  refuse(refusal: Refusal): Promise<void> {
    const detail = { errors: [{ code: refusal.code, message: refusal.message, detail: null }] };
    const headers = { 'content-type': 'application/json', ...refusal.headers };
    return this.answer({ status: refusal.status, headers, body: JSON.stringify(detail) });
  }

  /** Ends the connection without an answer. */
  abandon(): void {
    this.#socket.destroy();
  }

  /** Answers as the fault has it. */
  async answer(proper: Answer): Promise<void> {
    const { fault } = this;
    const answer = this.#faulty(proper);
    if (fault.delayMs !== undefined) await wait(fault.delayMs);
    if (fault.stallAfterBytes === 0) return;
    let body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? new Uint8Array());
    if (fault.bodyBytes !== undefined) body = Buffer.concat([body, Buffer.alloc(fault.bodyBytes)], fault.bodyBytes);
    if (fault.flipBitAt !== undefined) body = flip(body, fault.flipBitAt);

    const response = this.#response;
    this.entry.status = answer.status;
    response.statusCode = answer.status;
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      response.setHeader(name, typeof value === 'string' ? value : [...value]);
    }
    if (fault.hugeHeaderBytes !== undefined) response.setHeader('x-huge', 'a'.repeat(fault.hugeHeaderBytes));
    if (fault.endless) return this.#sendEndless();
    if (answer.status !== 204 && answer.status !== 304) {
      if (!response.hasHeader('content-length')) response.setHeader('content-length', String(body.length));
    }
    if (this.method === 'HEAD') {
      response.end();
      return;
    }
    await this.#send(body);
  }

  #faulty(proper: Answer): Answer {
    const { fault } = this;
    if (fault.html) {
      const page = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n';
      return { status: fault.status ?? 502, headers: { 'content-type': 'text/html', ...fault.headers }, body: page };
    }
    if (fault.status !== undefined) {
      const body = fault.body ?? JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'a fault of the test' }] });
      return { status: fault.status, headers: { 'content-type': 'application/json', ...fault.headers }, body };
    }
    if (fault.redirectTo !== undefined) return { status: 307, headers: { location: fault.redirectTo } };
    const headers: Record<string, string | readonly string[]> = { ...proper.headers, ...fault.headers };
    if (fault.digestHeader !== undefined) {
      delete headers['docker-content-digest'];
      if (fault.digestHeader !== '') headers['docker-content-digest'] = fault.digestHeader;
    }
    if (fault.contentRange !== undefined) headers['content-range'] = fault.contentRange;
    return { ...proper, headers };
  }

  async #send(body: Uint8Array): Promise<void> {
    const { fault } = this;
    const stop = Math.min(fault.cutAfterBytes ?? body.length, fault.stallAfterBytes ?? body.length);
    const response = this.#response;
    response.flushHeaders();
    for (let at = 0; at < stop; at += pieceBytes) {
      const piece = body.subarray(at, Math.min(at + pieceBytes, stop));
      if (response.destroyed) return;
      this.entry.bytesSent += piece.length;
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
        response.write(piece, () => {
          response.off('close', resolve);
          resolve();
        });
      });
    }
    if (fault.stallAfterBytes !== undefined) return;
    if (fault.cutAfterBytes === undefined) response.end();
    else if (fault.reset) this.#socket.resetAndDestroy();
    else this.#socket.destroySoon();
  }

  async #sendEndless(): Promise<void> {
    this.#response.removeHeader('content-length');
    const piece = new Uint8Array(pieceBytes).fill(32);
    for (let isOpen = true; isOpen; ) {
      this.entry.bytesSent += piece.length;
      isOpen = await new Promise<boolean>((resolve) => {
        const onClose = (): void => resolve(false);
        this.#response.once('close', onClose);
        this.#response.write(piece, (error) => {
          this.#response.off('close', onClose);
          resolve(!error && !this.#response.destroyed);
        });
      });
      // That the other side has gone is only noticed when the loop of events turns.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

function flip(body: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(body);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
