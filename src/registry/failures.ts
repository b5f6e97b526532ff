import { HttpError, type HttpErrorCode } from '../http/index.js';
import { defaultRegistry } from '../reference/index.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';
import { RegistryError, type RegistryErrorCode } from './errors.js';
import type { ServerWords } from './words.js';

/** What was asked for, for the sentence that says that it did not come. */
export interface Asked {
  readonly endpoint: Endpoint;
  /** As users name it: `library/nginx:1.27`, `sha256:... of library/nginx`. */
  readonly what: string;
  /** What 404 means, unless the registry says it in more detail. */
  readonly unknown: 'MANIFEST_UNKNOWN' | 'BLOB_UNKNOWN' | 'NAME_UNKNOWN';
  readonly isPush?: boolean;
}

/** Why there was no answer: the words of the error of the connection, with it as the cause. */
export function connectionError(endpoint: Endpoint, error: HttpError): RegistryError {
  const options = { hint: error.hint, cause: error };
  const name = describeEndpoint(endpoint);
  if (error.code === 'OFFLINE') {
    return new RegistryError('OFFLINE', `${name} was not asked: connections are forbidden`, options);
  }
  const code = codes[error.code] ?? 'REGISTRY_UNREACHABLE';
  // The words of the connection name the host that they are about.
  if (error.message.startsWith(`${name} `)) return new RegistryError(code, error.message, options);
  const problem = code === 'REGISTRY_UNREACHABLE' ? 'cannot be reached' : 'cannot be used';
  return new RegistryError(code, `${name} ${problem}: ${error.message}`, options);
}

const codes: Partial<Record<HttpErrorCode, RegistryErrorCode>> = {
  REDIRECT_REFUSED: 'INVALID_ANSWER',
  TOO_MANY_REDIRECTS: 'INVALID_ANSWER',
  BODY_TOO_LARGE: 'LIMIT_EXCEEDED',
};

/** Runs something that reads an answer's body; errors of the connection become those of the registry. */
export async function readingFrom<Value>(endpoint: Endpoint, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof HttpError ? connectionError(endpoint, error) : error;
  }
}

/** Why an answer is not the one that was asked for, from its status and its words. */
export function answerError(asked: Asked, words: ServerWords, retryAfter?: string): RegistryError {
  const { endpoint } = asked;
  const name = describeEndpoint(endpoint);
  const options = { status: words.status };
  const said = `(${words.text})`;
  if (words.status === 429 || words.code === 'TOOMANYREQUESTS') return rateLimited(endpoint, words, retryAfter);
  if (words.status === 404) {
    if (asked.isPush && words.code !== 'NAME_UNKNOWN') {
      return new RegistryError('PUSH_REFUSED', `${name} did not take ${asked.what} ${said}`, options);
    }
    return new RegistryError(unknownCode(asked, words), `${name} has no ${asked.what} ${said}`, options);
  }
  if (words.status >= 500 || words.status === 408) {
    if (words.status === 501) {
      return new RegistryError('UNSUPPORTED', `${name} does not do what it is asked for ${said}`, options);
    }
    return new RegistryError('REGISTRY_UNAVAILABLE', `${name} could not answer for ${asked.what} ${said}`, options);
  }
  if (words.status === 401 || words.status === 403) {
    // Those of the registry itself were dealt with earlier: this is where it sent us.
    const message = `what ${name} sent us to did not give ${asked.what} ${said}`;
    return new RegistryError('DENIED', message, options);
  }
  if (words.status === 405) {
    return new RegistryError('UNSUPPORTED', `${name} does not do what it is asked for ${said}`, options);
  }
  if (asked.isPush && words.status >= 400) {
    return new RegistryError('PUSH_REFUSED', `${name} did not take ${asked.what} ${said}`, options);
  }
  return new RegistryError('INVALID_ANSWER', `${name} gave no proper answer for ${asked.what} ${said}`, options);
}

function unknownCode(asked: Asked, words: ServerWords): RegistryErrorCode {
  if (words.code === 'NAME_UNKNOWN' || words.code === 'NAME_INVALID') return 'NAME_UNKNOWN';
  return asked.unknown;
}

/** 429, also of a token server. */
export function rateLimited(endpoint: Endpoint, words: ServerWords, retryAfter: string | undefined): RegistryError {
  // Seconds, or a date; whatever else stands there is not worth repeating.
  const patience = /^(?:\d{1,15}|[A-Za-z]{3,9},? [\w ,:+-]{10,40})$/.exec(retryAfter ?? '')?.[0];
  const wait =
    patience === undefined ? '' : `; it asks to wait ${/^\d+$/.test(patience) ? `${patience} s` : `until ${patience}`}`;
  const hint =
    endpoint.registry === defaultRegistry
      ? 'Docker Hub allows more to those who log in: tidewaiter login docker.io; a mirror helps, too'
      : 'try again later, or name a mirror of it';
  const message = `${describeEndpoint(endpoint)} has had too many requests from here (${words.text})${wait}`;
  return new RegistryError('RATE_LIMITED', message, { hint, status: words.status });
}
