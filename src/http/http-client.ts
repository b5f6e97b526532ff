import type { Context } from '../core/index.js';

/** The platform's own, where its types are there: whoever uses only our types need not have them. */
type URL = typeof globalThis extends { URL: { prototype: infer Instance } } ? Instance : { readonly href: string };

/**
 * One HTTP client for everything that is fetched or sent: bounded, retrying, and safe with credentials. It follows
 * redirects itself; on the way to another origin it drops whatever proves who we are, and it never lets itself be sent
 * to an address that only this machine or its cloud can reach.
 */
export interface HttpClient {
  /**
   * One exchange. Answers with any status are answers; only what gave none is an error. The body must be read to its end
   * or discarded.
   * @throws HttpError
   */
  request(context: Context, request: HttpRequest): Promise<HttpResponse>;
  /** Ends all connections, also those in use; safe to call twice. */
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** Sent to every origin on the way, but for those that look like a secret by their names. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The `Authorization` header: sent to the origin of `url`, and to no other. */
  readonly authorization?: string | undefined;
  /** Made anew for every attempt. With a stream the number of bytes must be told, so that it is not sent in chunks. */
  readonly body?: RequestBody | undefined;
  /**
   * Attempts after the first when the connection fails, or the answer is 408, 429, 500, 502, 503 or 504: after a time
   * that grows and varies, or the one that `Retry-After` asks for. Default: 4 for GET and HEAD, 0 for the others.
   */
  readonly retries?: number | undefined;
  /** Redirects to follow; default 10 for GET and HEAD, 0 (the redirect is the answer) for the others. */
  readonly maxRedirects?: number | undefined;
  /**
   * The server that named this URL to us without being a redirect, as that of a token or of an upload: it is held to
   * the same rules as one that redirects.
   */
  readonly chosenBy?: URL | undefined;
  /** Longest silence until the head of the answer, and between two pieces of its body. Default 60,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Longest time to get a connection. Default 15,000. */
  readonly connectTimeoutMs?: number | undefined;
}

export interface RequestBody {
  readonly sizeBytes: number;
  open(): Uint8Array | AsyncIterable<Uint8Array>;
}

export interface HttpResponse {
  readonly status: number;
  /** A header by its name in any case; several of one name are joined by a comma and a space. */
  header(name: string): string | undefined;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** The body as it comes, once. @throws HttpError `BODY_TRUNCATED`, `TIMED_OUT`, `CONNECTION_FAILED` */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body. @throws HttpError `BODY_TOO_LARGE` when it has more than `maxBytes` */
  bytes(maxBytes: number): Promise<Uint8Array>;
  /** Lets go of the connection without reading on. */
  discard(): Promise<void>;
}

/** How connections are made. */
export interface HttpOptions {
  /** `User-Agent`. */
  readonly userAgent: string;
  /** Finds the PEM texts of the certificate authorities to trust in place of those that Node.js trusts; asked with the first TLS connection. */
  readonly roots?: (() => Promise<readonly string[] | undefined>) | undefined;
  /** PEM texts of further certificate authorities, trusted for every host beside the system's own. */
  readonly ca?: readonly string[] | undefined;
  /** Take certificates that nobody vouches for, from every host. */
  readonly insecure?: boolean | undefined;
  /**
   * What holds for single hosts, by `host` or `host:port` in lower case. To a host that stands here servers may send us
   * even if it is of a private network.
   */
  readonly hosts?: ReadonlyMap<string, HostOptions> | undefined;
  /**
   * What holds beside that for a host, `host:port`: asked once, before the first connection with TLS to it. An error is
   * the request's.
   */
  readonly findHost?: ((host: string) => Promise<HostOptions | undefined>) | undefined;
  readonly proxy?: ProxyOptions | undefined;
  /** A UNIX socket to which every connection is made; URLs then only say the path. No proxy, no redirects. */
  readonly socketPath?: string | undefined;
  /** Opens no connection: every request is an `OFFLINE` error. */
  readonly offline?: boolean | undefined;
  /** For tests: all addresses of a name; default is what the system answers. */
  readonly resolve?: ((name: string) => Promise<readonly string[]>) | undefined;
  /** For requests that do not say it themselves. */
  readonly retries?: number | undefined;
  /** For requests that do not say it themselves. */
  readonly connectTimeoutMs?: number | undefined;
  /** For requests that do not say it themselves. */
  readonly idleTimeoutMs?: number | undefined;
  /** For tests: waits; default is a timer that the context's signal ends. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
}

export interface HostOptions {
  /** The name that its certificate must be for, and that is sent to it, instead of the URL's. */
  readonly serverName?: string | undefined;
  readonly ca?: readonly string[] | undefined;
  /** Client certificate and its key, PEM. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** As `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` give them. */
export interface ProxyOptions {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts that are reached without: names and their subdomains, addresses, networks (`10.0.0.0/8`), each perhaps with a port; `*`. */
  readonly none?: string | undefined;
}
