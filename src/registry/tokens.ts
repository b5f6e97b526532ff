import { createHash } from 'node:crypto';
import { type Context, isTidewaiterError } from '../core/index.js';
import type { Credential } from '../credentials/index.js';
import { asNumber, asObject, asString, type JsonObject, parseJson } from '../formats/index.js';
import { HttpError, type HttpRequest, type HttpResponse } from '../http/index.js';
import type { Connection } from './connection.js';
import { describeEndpoint, type Endpoint, isLoopback } from './endpoint.js';
import { RegistryError } from './errors.js';
import { connectionError, rateLimited } from './failures.js';
import { encodeBasic, type Secrets } from './secrets.js';
import { readWords, type ServerWords } from './words.js';

/** What a token is wanted for. */
export interface TokenRequest {
  readonly endpoint: Endpoint;
  /** As the challenge names it, unchecked. */
  readonly realm: string;
  readonly service: string | undefined;
  /** `repository:library/nginx:pull`. */
  readonly scopes: readonly string[];
  /** Absent: nobody in particular. */
  readonly credential: Credential | undefined;
}

/** A token, or what the token server says to the credential. */
export type TokenAnswer =
  | { readonly token: string /** Whether it was kept from earlier. */; readonly kept: boolean }
  | { readonly refusal: ServerWords };

interface Kept {
  readonly token: string;
  /** From then on a new one is asked for, in milliseconds since 1970. */
  readonly renewAt: number;
}

const tokenDocumentBytes = 256 * 1024;
const mostKept = 1_000;
/** https://distribution.github.io/distribution/spec/auth/token/ */
const defaultLifetimeSeconds = 60;
const longestLifetimeSeconds = 24 * 60 * 60;
const longestMarginMs = 30_000;

/** Tokens of all registries: asked for once, kept until shortly before they expire. */
export class Tokens {
  readonly #connection: Connection;
  readonly #secrets: Secrets;
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, { readonly context: Context; readonly answer: Promise<TokenAnswer> }>();

  constructor(connection: Connection, secrets: Secrets) {
    this.#connection = connection;
    this.#secrets = secrets;
  }

  /** @throws RegistryError when the token server cannot be asked, or gives neither a token nor a refusal */
  async find(context: Context, request: TokenRequest): Promise<TokenAnswer> {
    const key = keyOf(request);
    for (;;) {
      const kept = this.#kept.get(key);
      if (kept && context.now().getTime() < kept.renewAt) return { token: kept.token, kept: true };
      const asking = this.#asking.get(key);
      if (!asking) return await this.#ask(context, request, key);
      try {
        return await asking.answer;
      } catch (error) {
        // Whoever asked was told to stop; we were not.
        if (!asking.context.signal.aborted || context.signal.aborted) throw error;
      }
    }
  }

  /** A token that was refused, is not given out again. */
  forget(token: string): void {
    for (const [key, kept] of this.#kept) if (kept.token === token) this.#kept.delete(key);
  }

  forgetAll(): void {
    this.#kept.clear();
  }

  async #ask(context: Context, request: TokenRequest, key: string): Promise<TokenAnswer> {
    const answer = this.#fetch(context, request, key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, { context, answer });
    return await answer;
  }

  async #fetch(context: Context, request: TokenRequest, key: string): Promise<TokenAnswer> {
    const realm = readRealm(request);
    if (request.credential && realm.protocol === 'http:' && !mayGoPlain(request.endpoint, realm)) {
      const text = `credentials are not sent in plain HTTP to ${realm.host}`;
      return { refusal: { status: 401, code: undefined, text } };
    }
    try {
      const response = await this.#exchange(context, request, realm);
      if (response.status === 200) return await this.#keep(context, request, response, key);
      const retryAfter = response.header('retry-after');
      // What OAuth 2 says to a refresh token that is no longer good.
      const isForm = request.credential?.identityToken !== undefined;
      const words = await readWords(response, (text) => this.#secrets.hide(text));
      if (words.status === 401 || words.status === 403 || (isForm && words.status === 400)) return { refusal: words };
      throw failure(request.endpoint, realm, words, retryAfter);
    } catch (error) {
      throw error instanceof HttpError ? connectionError(request.endpoint, error) : error;
    }
  }

  /**
   * An identity token goes by `POST`, as OAuth 2 has it; where that is not known, like a password. A password that is
   * there, too, gets its turn when the identity token is refused.
   */
  async #exchange(context: Context, request: TokenRequest, realm: URL): Promise<HttpResponse> {
    const { credential, endpoint } = request;
    const send = (toSend: HttpRequest): Promise<HttpResponse> => this.#connection.sendTo(context, endpoint, toSend);
    if (credential?.identityToken !== undefined) {
      const response = await send(formRequest(request, realm, credential.identityToken));
      const isKnown = ![404, 405, 501].includes(response.status);
      const isLast = credential.username === undefined || credential.password === undefined;
      if (isKnown && (isLast || (response.status !== 400 && response.status !== 401))) return response;
      await response.discard();
    }
    return await send(queryRequest(request, realm));
  }

  async #keep(context: Context, request: TokenRequest, response: HttpResponse, key: string): Promise<TokenAnswer> {
    const date = Date.parse(response.header('date') ?? '');
    const document = await readToken(response, request.endpoint);
    const token = asString(document['token']) || asString(document['access_token']) || '';
    if (!/^[\x21-\x7e]{1,131072}$/.test(token)) {
      const name = describeEndpoint(request.endpoint);
      throw new RegistryError('INVALID_ANSWER', `the token server of ${name} gave no token`, { status: 200 });
    }
    this.#secrets.add(token);
    const now = context.now().getTime();
    const lifetimeMs = remainingMs(document, Number.isNaN(date) ? now : date);
    this.#kept.set(key, { token, renewAt: now + lifetimeMs - Math.min(lifetimeMs / 10, longestMarginMs) });
    if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value ?? '');
    return { token, kept: false };
  }
}

function keyOf({ endpoint, realm, service, scopes, credential }: TokenRequest): string {
  const { username, password, identityToken } = credential ?? {};
  const parts = [endpoint.host, realm, service, [...scopes].sort(), username, password, identityToken];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Where tokens are to be had: a URL of HTTP. Whether we may go there, the connection decides. */
function readRealm({ endpoint, realm }: TokenRequest): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  const message = `${describeEndpoint(endpoint)} asks for a token and does not say where to get one`;
  throw new RegistryError('INVALID_ANSWER', message);
}

function mayGoPlain(endpoint: Endpoint, realm: URL): boolean {
  return endpoint.plainHttp || isLoopback(realm.host);
}

function queryRequest({ service, scopes, credential }: TokenRequest, realm: URL): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const username = credential?.username ?? (credential?.identityToken === undefined ? undefined : '<token>');
  const password = credential?.password ?? credential?.identityToken;
  const authorization =
    username === undefined || password === undefined ? undefined : `Basic ${encodeBasic(username, password)}`;
  return { method: 'GET', url, authorization, headers: { accept: 'application/json' } };
}

function formRequest({ service, scopes }: TokenRequest, realm: URL, identityToken: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'tidewaiter' });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  form.set('refresh_token', identityToken);
  const bytes = new TextEncoder().encode(form.toString());
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: { sizeBytes: bytes.length, open: () => bytes },
    retries: 2,
  };
}

async function readToken(response: HttpResponse, endpoint: Endpoint): Promise<JsonObject> {
  const bytes = await response.bytes(tokenDocumentBytes);
  try {
    const document = asObject(parseJson(bytes, { maxDepth: 32 }));
    if (document) return document;
  } catch (cause) {
    // Not as the cause: the parser's message would quote the token.
    if (!isTidewaiterError(cause)) throw cause;
  }
  const message = `the token server of ${describeEndpoint(endpoint)} answers with something that is no token`;
  throw new RegistryError('INVALID_ANSWER', message, { status: response.status });
}

/** How long the token still lives, by the server's own clock: tokens may come from a store of theirs. */
function remainingMs(document: JsonObject, serverNow: number): number {
  const given = asNumber(document['expires_in']);
  const seconds = given !== undefined && given > 0 ? Math.min(given, longestLifetimeSeconds) : defaultLifetimeSeconds;
  const issued = Date.parse(asString(document['issued_at']) ?? '');
  const age = Number.isNaN(issued) ? 0 : Math.max(0, serverNow - issued);
  return Math.max(0, seconds * 1000 - age);
}

function failure(endpoint: Endpoint, realm: URL, words: ServerWords, retryAfter: string | undefined): RegistryError {
  if (words.status === 429) return rateLimited(endpoint, words, retryAfter);
  const code = words.status >= 500 || words.status === 408 ? 'REGISTRY_UNAVAILABLE' : 'INVALID_ANSWER';
  const name = describeEndpoint(endpoint);
  const message = `the token server of ${name} at ${realm.host} gave no token (${words.text})`;
  return new RegistryError(code, message, { status: words.status });
}
