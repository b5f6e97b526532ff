import type { Context } from '../core/index.js';
import { type HttpClient, HttpError, type HttpRequest, type HttpResponse } from '../http/index.js';
import type { Endpoint } from './endpoint.js';
import { connectionError } from './failures.js';

/** One request to an endpoint. */
export interface Call extends Pick<HttpRequest, 'method' | 'headers' | 'body' | 'retries'> {
  /** Below `/v2/`; or a whole URL that the endpoint named, perhaps on another origin. */
  readonly path: string | URL;
}

type Scheme = 'https' | 'http';

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
    const ask = (scheme: Scheme, retries = call.retries): Promise<HttpResponse> =>
      this.#http.request(context, this.#request(endpoint, scheme, { ...call, retries }, authorization));
    if (known !== undefined || !endpoint.plainHttp || call.path instanceof URL) return await ask(known ?? 'https');

    let refusal: HttpError;
    try {
      const response = await ask('https', 0);
      this.#schemes.set(endpoint.host, 'https');
      return response;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (spoke(error)) this.#schemes.set(endpoint.host, 'https');
      if (!mayBePlain(error)) throw error;
      refusal = error;
    }
    const isThere = refusal.code === 'TLS_FAILED';
    try {
      const response = await ask('http', isThere ? call.retries : 0);
      // Servers of HTTPS answer plain HTTP with a 400 for people.
      if (response.status !== 400 || /json/i.test(response.header('content-type') ?? '')) {
        this.#schemes.set(endpoint.host, 'http');
        return response;
      }
      await response.discard();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (spoke(error)) {
        this.#schemes.set(endpoint.host, 'http');
        throw error;
      }
      const message = `${refusal.message}; in plain HTTP, ${error.message}`;
      if (isThere) throw new HttpError(refusal.code, message, { hint: refusal.hint, cause: error });
    }
    if (isThere) throw refusal;
    return await ask('https');
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

function mayBePlain(error: HttpError): boolean {
  return error.code === 'TLS_FAILED' || error.code === 'CONNECTION_FAILED';
}

/** Was there an answer, only not one to be followed? */
function spoke(error: HttpError): boolean {
  return error.code === 'REDIRECT_REFUSED' || error.code === 'TOO_MANY_REDIRECTS';
}

function baseUrl(endpoint: Endpoint, scheme: Scheme): URL {
  return new URL(`${scheme}://${endpoint.host}/`);
}
