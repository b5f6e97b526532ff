/** What is to go wrong, and when. All effects that are given happen together. */
export interface Fault {
  /** Default: every method. */
  readonly method?: string;
  /** A part of the path with its query, or a pattern for it. Default: every path. */
  readonly path?: string | RegExp;
  /** So many requests that match are let pass first. */
  readonly after?: number;
  /** How many times it happens; default 1. */
  readonly times?: number;

  /** Answer with this status and do nothing. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body that goes with `status`; default: an error document of a registry. */
  readonly body?: string;
  /** An error page for people, as proxies in front of registries write them. */
  readonly html?: boolean;
  /** End the connection after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** End the connection by a reset, in place of an ordinary end. */
  readonly reset?: boolean;
  /** End the connection after so many bytes of the request's body, without an answer. */
  readonly cutUploadAfterBytes?: number;
  /** Flip one bit of this byte of the body. */
  readonly flipBitAt?: number;
  /** Send the body of another size, with a fitting `Content-Length`: cut off, or filled up with zeros. */
  readonly bodyBytes?: number;
  /** Redirect a download to the second origin of the registry. */
  readonly redirectElsewhere?: boolean;
  /** Redirect to this address. */
  readonly redirectTo?: string;
  readonly delayMs?: number;
  /** Say nothing more after so many bytes of the body (0: not even the head), and keep the connection. */
  readonly stallAfterBytes?: number;
  /** `Docker-Content-Digest` in place of the true one; empty: none. */
  readonly digestHeader?: string;
  /** An extra header of this size. */
  readonly hugeHeaderBytes?: number;
  /** A body that does not end. */
  readonly endless?: boolean;
  /** `Content-Range` in place of the true one. */
  readonly contentRange?: string;
  /** Ignore `Range`. */
  readonly ignoreRange?: boolean;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
}

/** The faults that are still to come, in the order in which they were added. */
export class FaultList implements Faults {
  readonly #waiting: { readonly fault: Fault; after: number; times: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The fault that this request meets; it is used up by that. */
  take(method: string, path: string): Fault | undefined {
    for (const waiting of this.#waiting) {
      if (waiting.times <= 0 || !matches(waiting.fault, method, path)) continue;
      if (waiting.after > 0) {
        waiting.after--;
        continue;
      }
      waiting.times--;
      return waiting.fault;
    }
    return undefined;
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === 'string' ? path.includes(fault.path) : fault.path.test(path);
}
