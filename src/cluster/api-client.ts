import { createContext, isTidewaiterError, messageOf, type LogLevel } from '../core/index.js';
import { asObject, asString, parseJson, type JsonObject } from '../formats/index.js';
import { createHttpClient, type HttpClient, type HttpResponse } from '../http/index.js';
import { isNamespaceName, isObjectName } from '../pull-secrets/index.js';
import type { ClusterAccess, FindClusterAccess } from './cluster-access.js';
import { ClusterError } from './errors.js';
import { readToken } from './read-file.js';

/** The kinds of objects that are ever asked for. */
export type ReadKind = 'Secret' | 'ServiceAccount';

/** An object as it came. */
export interface ReadObject {
  readonly object: JsonObject;
  /** The text of its JSON. */
  readonly text: string;
}

export interface ApiClientOptions {
  readonly find: FindClusterAccess;
  /** Milliseconds, never backwards. */
  readonly clock: () => number;
  readonly log: (level: LogLevel, message: string) => void;
  /** From the question to the last byte of the answer; default 2,000. */
  readonly timeoutMs?: number | undefined;
}

/** A Secret has 1 MiB at most, which base64 makes longer; the rest is names and annotations. */
const maxAnswerBytes = 2 * 1024 * 1024;
const maxRefusalBytes = 64 * 1024;
/** Certificates are replaced long before they end. */
const accessMs = 60_000;
const usualTimeoutMs = 2000;

const plurals: Readonly<Record<ReadKind, string>> = { Secret: 'secrets', ServiceAccount: 'serviceaccounts' };
const words: Readonly<Record<ReadKind, string>> = { Secret: 'secret', ServiceAccount: 'service account' };

interface Line {
  readonly access: ClusterAccess;
  readonly http: HttpClient;
  /** Tells two ways apart. */
  readonly mark: string;
}

/**
 * Refuses what no API server has, so that none gets a path that we did not mean.
 * @throws ClusterError `OBJECT_NOT_FOUND`
 */
export function checkNames(kind: ReadKind, namespace: string, name: string): void {
  if (!isNamespaceName(namespace) || !isObjectName(name)) throw notFound(objectWords(kind, namespace, name));
}

/** Reads single objects from an API server: over TLS, to that origin only, bounded in bytes and time. */
export class ApiClient {
  readonly #options: ApiClientOptions;
  #line: Line | undefined;
  #lookAgainAt = 0;
  #opening: Promise<Line> | undefined;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  /** One object. @throws ClusterError */
  async read(kind: ReadKind, namespace: string, name: string): Promise<ReadObject> {
    checkNames(kind, namespace, name);
    const what = objectWords(kind, namespace, name);
    try {
      return await this.#ask({ kind, namespace, name, what });
    } catch (thrown) {
      if (thrown instanceof ClusterError) throw thrown;
      const late = thrown instanceof Error && thrown.name === 'TimeoutError';
      const why = late ? 'the API server did not answer in time' : plainWords(thrown);
      throw new ClusterError('CLUSTER_UNREACHABLE', `the ${what} cannot be read: ${why}`);
    }
  }

  /** Ends all connections; safe to call twice. */
  async close(): Promise<void> {
    const line = (await this.#opening?.catch(() => undefined)) ?? this.#line;
    this.#line = undefined;
    await line?.http.close();
  }

  async #ask(asked: Asked): Promise<ReadObject> {
    const { access, http } = await this.#open();
    const token = access.tokenFile === undefined ? access.token : await readToken(access.tokenFile);
    const { kind, namespace, name } = asked;
    const base = access.server.pathname.replace(/\/+$/, '');
    const url = new URL(access.server);
    url.pathname = `${base}/api/v1/namespaces/${namespace}/${plurals[kind]}/${name}`;
    const { timeoutMs = usualTimeoutMs } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await http.request(createContext({ signal }), {
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      maxRedirects: 0,
      // A kept connection may have been ended meanwhile.
      retries: 1,
      connectTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
    });
    return await objectOf(response, asked);
  }

  /** The connection, by files that are looked at now and then; while they are broken, the last good one. */
  async #open(): Promise<Line> {
    const { clock } = this.#options;
    if (this.#line && clock() < this.#lookAgainAt) return this.#line;
    this.#opening ??= this.#renew().finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  async #renew(): Promise<Line> {
    const { find, clock, log } = this.#options;
    const before = this.#line;
    try {
      const access = await find();
      const mark = JSON.stringify(access);
      this.#lookAgainAt = clock() + accessMs;
      if (before?.mark === mark) return before;
      const line = { access, mark, http: createHttpClient(httpOptions(access)) };
      this.#line = line;
      // What is under way on the old connections is asked again by whoever waits.
      await before?.http.close();
      return line;
    } catch (thrown) {
      if (!before) throw thrown;
      this.#lookAgainAt = clock() + accessMs / 10;
      log('warn', `the way to the API server is not renewed: ${messageOf(thrown)}`);
      return before;
    }
  }
}

interface Asked {
  readonly kind: ReadKind;
  readonly namespace: string;
  readonly name: string;
  readonly what: string;
}

function httpOptions(access: ClusterAccess): Parameters<typeof createHttpClient>[0] {
  const { server, serverName, ca, certificate, key, insecure, proxy } = access;
  return {
    userAgent: 'tidewaiter-admission',
    // Only who is named vouches for the API server.
    roots: ca === undefined ? undefined : () => Promise.resolve([ca]),
    hosts: new Map([[server.hostname, { serverName, certificate, key, insecure }]]),
    proxy: proxy === undefined ? undefined : { https: proxy },
  };
}

async function objectOf(response: HttpResponse, { kind, namespace, name, what }: Asked): Promise<ReadObject> {
  const { status } = response;
  if (status !== 200) {
    // What was read to its end leaves the connection for the next question.
    await response.bytes(maxRefusalBytes).catch(() => undefined);
    throw refusalOf(status, what);
  }
  const bytes = await bytesOf(response, what);
  const text = new TextDecoder().decode(bytes);
  const object = parsed(text);
  const metadata = asObject(object?.metadata);
  const isIt =
    asString(object?.kind) === kind && asString(metadata?.name) === name && asString(metadata?.namespace) === namespace;
  if (!object || !isIt) throw new ClusterError('CLUSTER_ANSWER_INVALID', `the answer to the ${what} is something else`);
  return { object, text };
}

async function bytesOf(response: HttpResponse, what: string): Promise<Uint8Array> {
  try {
    return await response.bytes(maxAnswerBytes);
  } catch (thrown) {
    if (!isTidewaiterError(thrown) || thrown.code !== 'BODY_TOO_LARGE') throw thrown;
    throw new ClusterError('CLUSTER_ANSWER_INVALID', `the ${what} has more than ${maxAnswerBytes} bytes`);
  }
}

function refusalOf(status: number, what: string): ClusterError {
  switch (status) {
    case 401:
      return new ClusterError(
        'READ_FORBIDDEN',
        `the ${what} may not be read (the API server does not know who we are)`,
      );
    case 403:
      return new ClusterError('READ_FORBIDDEN', `the ${what} may not be read (forbidden)`);
    case 404:
      return notFound(what);
    default:
      return new ClusterError('CLUSTER_UNREACHABLE', `the ${what} cannot be read: the API server answers ${status}`);
  }
}

function notFound(what: string): ClusterError {
  return new ClusterError('OBJECT_NOT_FOUND', `there is no ${what}`);
}

/** `secret shop/regcred`; a name from a review is shortened and shown without what would break a line. */
function objectWords(kind: ReadKind, namespace: string, name: string): string {
  const shown = (text: string): string => text.slice(0, 253).replaceAll(/[^\x21-\x7e]/g, '?');
  return `${words[kind]} ${shown(namespace)}/${shown(name)}`;
}

/** Nothing of the text: it may be a secret. */
function parsed(text: string): JsonObject | undefined {
  try {
    return asObject(parseJson(text, { maxBytes: maxAnswerBytes }));
  } catch {
    return undefined;
  }
}

/** Words of our own rooms; others could quote what they were given. */
function plainWords(thrown: unknown): string {
  return isTidewaiterError(thrown) ? thrown.message : 'the connection failed';
}
