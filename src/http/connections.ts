import type { Socket } from 'node:net';
import Pool from 'undici/lib/dispatcher/pool.js';
import { farther, reachOfAddress, reachOfHost, type Reach } from './addresses.js';
import { addressesOf, openConnection, type Route, type TlsSettings } from './connect.js';
import { HttpError } from './errors.js';
import type { HostOptions, HttpOptions } from './http-client.js';
import { proxyFor, type Proxy } from './proxies.js';
import { makeTlsSettings } from './tls-settings.js';

const mostConnections = 32;

/** Connections of one kind to one host. */
export interface Line {
  readonly pool: Pool;
  /** The proxy that is spoken to in place of the host, which is told the whole URL. */
  readonly plainProxy: Proxy | undefined;
  /** Ends attempts to connect that nobody waits for; to be called when a request ends without an answer. */
  release(): void;
  /** To be called before a request. */
  claim(): void;
  /** Ends all of them, and what is still being connected. */
  close(): Promise<void>;
}

/** What a URL's connection depends on beside its origin. */
export interface LineOptions {
  readonly sentFrom: Route['sentFrom'];
  readonly timeoutMs: number;
}

/**
 * The connections of one client, by where they lead and how: one to which a server sent us is never shared with one that
 * the user chose, because it must not lead to the same addresses.
 */
export class Connections {
  readonly #options: HttpOptions;
  readonly #lines = new Map<string, Promise<Line>>();
  readonly #hosts = new Map<string, Promise<HostOptions | undefined>>();
  /** Of names that the user chose: the farthest place they led to, so that a name of two places gains nothing. */
  readonly #reaches = new Map<string, Reach>();

  #usualTls: TlsSettings | undefined;
  #roots: Promise<readonly string[] | undefined> | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** @throws HttpError `PROXY_FAILED`, `TLS_FAILED` when options cannot be used */
  async line(url: URL, options: LineOptions): Promise<Line> {
    const key = `${url.origin} ${options.sentFrom ?? 'user'} ${options.timeoutMs}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return await known;
    const made = this.#makeLine(url, options);
    this.#lines.set(key, made);
    made.catch(() => this.#lines.delete(key));
    return await made;
  }

  /** From where the host of a URL that the user chose can be reached; one of which nothing is known is public. */
  async #reachOf(url: URL): Promise<Reach> {
    const known = reachOfHost(url.hostname) ?? this.#reaches.get(url.hostname);
    if (known !== undefined) return known;
    // Behind a proxy names mean what the proxy makes of them.
    const direct = this.#options.socketPath === undefined && proxyFor(url, this.#options.proxy) === undefined;
    const addresses = direct ? await addressesOf(url.hostname, this.#options.resolve).catch(() => []) : [];
    return addresses.map(reachOfAddress).reduce<Reach | undefined>(farther, undefined) ?? 'public';
  }

  /** How far a server may send us when it names this URL; to hosts that the user knows, anywhere but to special addresses. */
  async reachTowards(sender: URL, to: URL): Promise<Reach> {
    const { hosts } = this.#options;
    const isKnown = hosts?.has(to.host) === true || hosts?.has(to.hostname) === true;
    return isKnown ? 'loopback' : await this.#reachOf(sender);
  }

  async close(): Promise<void> {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    await Promise.allSettled(lines.map(async (line) => await (await line).close()));
  }

  /** Hosts for which nothing in particular holds share theirs: reading all authorities of a system takes a while. */
  async #tlsSettings(hostname: string, port: number, name: string): Promise<TlsSettings> {
    const host = await this.#hostOptions(hostname, port);
    const roots = await this.#rootsOf();
    if (host !== undefined) return makeTlsSettings({ ...this.#options, roots }, host, name);
    this.#usualTls ??= makeTlsSettings({ ...this.#options, roots }, undefined, 'all hosts');
    return this.#usualTls;
  }

  async #rootsOf(): Promise<readonly string[] | undefined> {
    this.#roots ??= this.#options.roots?.() ?? Promise.resolve(undefined);
    return await this.#roots;
  }

  async #makeLine(url: URL, { sentFrom, timeoutMs }: LineOptions): Promise<Line> {
    const { socketPath, userAgent, resolve } = this.#options;
    const secure = url.protocol === 'https:';
    const proxy = socketPath === undefined ? proxyFor(url, this.#options.proxy) : undefined;
    const plain = proxy !== undefined && !secure;
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const route: Route = {
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port,
      name: socketPath ?? url.host,
      tls: secure ? await this.#tlsSettings(url.hostname, port, url.host) : undefined,
      proxy: proxy && {
        proxy,
        tls: proxy.secure ? await this.#tlsSettings(proxy.hostname, proxy.port, proxy.name) : undefined,
        tunnel: !plain,
      },
      socketPath,
      sentFrom,
      timeoutMs,
      userAgent,
      resolve,
    };
    return this.#open(url, route, plain ? proxy : undefined);
  }

  #open(url: URL, route: Route, plainProxy: Proxy | undefined): Line {
    const attempts = new Set<AbortController>();
    let waiting = 0;
    const pool = new Pool(url.origin, {
      connections: mostConnections,
      pipelining: 1,
      connect: (_options, done) => {
        void this.#attempt(url, route, attempts, done);
      },
    });
    const stopAttempts = (): void => {
      const reason = new HttpError('CONNECTION_FAILED', `the connection to ${route.name} was given up`);
      for (const attempt of attempts) attempt.abort(reason);
    };
    return {
      pool,
      plainProxy,
      claim: () => void waiting++,
      release: () => {
        waiting--;
        if (waiting === 0) stopAttempts();
      },
      close: async () => {
        await pool.destroy();
        stopAttempts();
      },
    };
  }

  async #attempt(
    url: URL,
    route: Route,
    attempts: Set<AbortController>,
    done: (...outcome: [Error, null] | [null, Socket]) => void,
  ): Promise<void> {
    const attempt = new AbortController();
    attempts.add(attempt);
    const outcome = await openConnection(route, attempt.signal).catch((error: unknown) => errorOf(error));
    attempts.delete(attempt);
    if (outcome instanceof Error) return done(outcome, null);
    this.#remember(url, route, outcome);
    return done(null, outcome);
  }

  #remember(url: URL, { sentFrom, proxy, socketPath }: Route, { remoteAddress }: Socket): void {
    if (sentFrom !== undefined || proxy !== undefined || socketPath !== undefined || remoteAddress === undefined)
      return;
    const known = this.#reaches.get(url.hostname);
    const reach = reachOfAddress(remoteAddress);
    this.#reaches.set(url.hostname, known === undefined ? reach : farther(known, reach));
  }

  /** What holds for one host: of the two lists the first has precedence, and of its keys the one with a port. */
  async #hostOptions(hostname: string, port: number): Promise<HostOptions | undefined> {
    const { hosts, findHost } = this.#options;
    const key = `${hostname}:${port}`;
    const given = hosts?.get(key) ?? hosts?.get(hostname);
    const found = await (this.#hosts.get(key) ?? this.#find(key, findHost));
    if (found === undefined || given === undefined) return given ?? found;
    return {
      ca: [...(given.ca ?? []), ...(found.ca ?? [])],
      ...(given.certificate === undefined ? client(found) : client(given)),
      insecure: given.insecure ?? found.insecure,
    };
  }

  #find(key: string, findHost: HttpOptions['findHost']): Promise<HostOptions | undefined> {
    const found = findHost?.(key) ?? Promise.resolve(undefined);
    this.#hosts.set(key, found);
    return found;
  }
}

/** A certificate is of no use with another one's key. */
function client({ certificate, key }: HostOptions): Pick<HostOptions, 'certificate' | 'key'> {
  return { certificate, key };
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('no connection');
}
