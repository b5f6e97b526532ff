import type { Context } from '../core/index.js';
import { type HttpClient, HttpError, type HttpRequest, type HttpResponse } from '../http/index.js';
import { type Endpoint, isLoopback } from './endpoint.js';
import { connectionError } from './failures.js';

/** One request to an endpoint. */
export interface Call extends Pick<HttpRequest, 'method' | 'headers' | 'body' | 'retries'> {
  /** Below `/v2/`; or a whole URL that the endpoint named, perhaps on another origin. */
  readonly path: string | URL;
}

type Scheme = 'https' | 'http';

/** One request in a scheme. */
type Ask = (scheme: Scheme, retries?: number) => Promise<HttpResponse>;

type Tried = { readonly response: HttpResponse } | { readonly refusal: HttpError | undefined };

/** Answers after which the same request may go better. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Speaks to endpoints in HTTPS, or in plain HTTP where that is allowed and HTTPS is not spoken. */
export class Connection {
  readonly #http: HttpClient;
  /** What hosts turned out to speak. */
  readonly #schemes = new Map<string, Scheme>();

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** Where an endpoint is, as far as is known. */
  base(endpoint: Endpoint): URL {
    return baseUrl(endpoint, endpoint.scheme ?? this.#schemes.get(endpoint.host) ?? 'https');
  }

  /**
   * The answer, of whatever status. `authorization` goes to the endpoint's own origin only.
   * @throws RegistryError for errors of the connection
   */
  async send(context: Context, endpoint: Endpoint, call: Call, authorization?: string): Promise<HttpResponse> {
    try {
      return await this.#sendInScheme(context, endpoint, call, authorization);
    } catch (error) {
      throw error instanceof HttpError ? connectionError(endpoint, error) : error;
    }
  }

  /** A request to a server that the endpoint named: of tokens. @throws HttpError */
  async sendTo(context: Context, endpoint: Endpoint, request: HttpRequest): Promise<HttpResponse> {
    return await this.#http.request(context, { ...request, chosenBy: this.base(endpoint) });
  }

  async #sendInScheme(context: Context, endpoint: Endpoint, call: Call, authorization?: string): Promise<HttpResponse> {
    const known = endpoint.scheme ?? this.#schemes.get(endpoint.host);
    const ask: Ask = (scheme, retries = call.retries) =>
      this.#http.request(context, this.#request(endpoint, scheme, { ...call, retries }, authorization));
    if (known !== undefined || !endpoint.plainHttp || call.path instanceof URL) return await ask(known ?? 'https');

    // At a port of this machine mostly plain HTTP is spoken, and to be ready for TLS takes longer than to ask. Nothing
    // that is secret, or anybody's data, goes the unproven way. Without a port the two would be different servers.
    const isLocalPort = isLoopback(endpoint.host) && /:\d+$/.test(endpoint.host);
    const plainFirst = isLocalPort && authorization === undefined && call.body === undefined;
    const early = plainFirst ? await this.#tryPlain(endpoint, ask, 0) : undefined;
    if (early && 'response' in early) return await patiently(early.response, () => ask('http'));

    const secure = await this.#trySecure(endpoint, ask);
    if ('response' in secure) return await patiently(secure.response, () => ask('https'));
    const isThere = secure.refusal.code === 'TLS_FAILED';
    if (early && !isThere) return await ask('https');
    const plain = await this.#tryPlain(endpoint, ask, isThere ? call.retries : 0);
    if ('response' in plain) return isThere ? plain.response : await patiently(plain.response, () => ask('http'));
    if (!isThere) return await ask('https');
    if (!plain.refusal) throw secure.refusal;
    const message = `${secure.refusal.message}; in plain HTTP, ${plain.refusal.message}`;
    throw new HttpError(secure.refusal.code, message, { hint: plain.refusal.hint, cause: plain.refusal });
  }

  async #trySecure(
    endpoint: Endpoint,
    ask: Ask,
  ): Promise<{ readonly response: HttpResponse } | { readonly refusal: HttpError }> {
    try {
      const response = await ask('https', 0);
      this.#schemes.set(endpoint.host, 'https');
      return { response };
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (hasSpoken(error)) this.#schemes.set(endpoint.host, 'https');
      if (error.code !== 'TLS_FAILED' && error.code !== 'CONNECTION_FAILED') throw error;
      return { refusal: error };
    }
  }

  /** Nothing but a refusal without words when the answer says that HTTPS is spoken. */
  async #tryPlain(endpoint: Endpoint, ask: Ask, retries: number | undefined): Promise<Tried> {
    try {
      const response = await ask('http', retries);
      if (wantsHttps(endpoint, response)) {
        await response.discard();
        return { refusal: undefined };
      }
      this.#schemes.set(endpoint.host, 'http');
      return { response };
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (!hasSpoken(error)) return { refusal: error };
      this.#schemes.set(endpoint.host, 'http');
      throw error;
    }
  }

  #request(endpoint: Endpoint, scheme: Scheme, call: Call, authorization: string | undefined): HttpRequest {
    const base = baseUrl(endpoint, scheme);
    const { path, ...others } = call;
    // Another one will be asked: no need to insist.
    const rest = endpoint.isMirror ? { ...others, retries: Math.min(call.retries ?? 1, 1) } : others;
    if (!(path instanceof URL)) return { ...rest, url: new URL(`/v2/${path}`, base), authorization };
    return path.origin === base.origin ? { ...rest, url: path, authorization } : { ...rest, url: path, chosenBy: base };
  }
}

/** Answers that are worth waiting for better ones were had without patience: once more, now that we know whom we ask. */
async function patiently(response: HttpResponse, ask: () => Promise<HttpResponse>): Promise<HttpResponse> {
  if (!passing.has(response.status)) return response;
  await response.discard();
  return await ask();
}

/** Servers of HTTPS answer plain HTTP with a 400 for people, or send us to where they speak HTTPS. */
function wantsHttps(endpoint: Endpoint, response: HttpResponse): boolean {
  const { status, url } = response;
  if (url.protocol === 'https:' && url.hostname === baseUrl(endpoint, 'https').hostname) return true;
  return status === 400 && !/json/i.test(response.header('content-type') ?? '');
}

/** Was there an answer, only not one to be followed? */
function hasSpoken({ code }: HttpError): boolean {
  return code === 'REDIRECT_REFUSED' || code === 'TOO_MANY_REDIRECTS';
}

function baseUrl(endpoint: Endpoint, scheme: Scheme): URL {
  return new URL(`${scheme}://${endpoint.host}/`);
}
