import { TidewaiterError } from '../core/index.js';

export type HttpErrorCode =
  /** No connection: refused, reset, unreachable. */
  | 'CONNECTION_FAILED'
  | 'NAME_NOT_RESOLVED'
  /** The server's certificate is not vouched for, has expired, or is another host's. */
  | 'TLS_UNTRUSTED'
  /** No TLS could be agreed on; often a server that speaks plain HTTP. */
  | 'TLS_FAILED'
  | 'TIMED_OUT'
  /** A redirect to where none may lead: an address of this machine or its cloud, or from HTTPS to HTTP. */
  | 'REDIRECT_REFUSED'
  | 'TOO_MANY_REDIRECTS'
  | 'BODY_TOO_LARGE'
  /** Fewer bytes than promised. */
  | 'BODY_TRUNCATED'
  /** The proxy refused or could not be reached. */
  | 'PROXY_FAILED'
  /** Connections were forbidden. */
  | 'OFFLINE';

/** Why there was no answer. Messages name the host and never a credential or a query string. */
export class HttpError extends TidewaiterError<HttpErrorCode> {}
