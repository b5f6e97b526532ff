import { HttpError, type HttpErrorCode } from './errors.js';

/** How often it is worth trying again: `few` where nobody answered, `many` where something broke. */
export type Persistence = 'never' | 'few' | 'many';

/** An error for whoever called, and for us whether to try again. */
export interface Failure {
  readonly error: HttpError;
  readonly persistence: Persistence;
}

/** A failure on its way through code that knows only errors. */
export class FailedConnection extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/** Verdicts of the TLS library on a certificate, in words. */
const distrust: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known',
  CERT_CHAIN_TOO_LONG: 'its chain of authorities is too long',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'its time has not begun',
  CERT_REVOKED: 'it is revoked',
  CERT_REJECTED: 'it is rejected',
  CERT_UNTRUSTED: 'it is not trusted for this use',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  INVALID_CA: 'what signed it is no authority',
  INVALID_PURPOSE: 'it is not for servers',
  PATH_LENGTH_EXCEEDED: 'its chain of authorities is too long',
  HOSTNAME_MISMATCH: 'it is for another host',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host',
};

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'broke off the connection',
  EPIPE: 'broke off the connection',
  ECONNABORTED: 'broke off the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached: no network leads there',
  EADDRNOTAVAIL: 'cannot be reached: no network leads there',
  EHOSTDOWN: 'is down',
  UND_ERR_SOCKET: 'broke off the connection',
  ENOENT: 'is not there',
  EACCES: 'may not be opened',
  EPERM: 'may not be opened',
  ENOTSOCK: 'is no socket',
  EMFILE: 'cannot be reached: too many files are open',
  UND_ERR_DESTROYED: 'was given up: the connections are closed',
  UND_ERR_CLOSED: 'was given up: the connections are closed',
};

const someTimes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);
const neverAgain: ReadonlySet<string> = new Set([
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOTSOCK',
  'EADDRNOTAVAIL',
  'EMFILE',
]);

const protocolErrors: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_OVERFLOW: 'answers with more headers than are taken',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'was sent another number of bytes than promised',
  UND_ERR_INVALID_ARG: 'cannot be asked: the request is malformed',
};

/** Says what an error of a socket, of the TLS library or of the HTTP parser means; `peer` is `host:port` or a path. */
export function failureOf(thrown: unknown, peer: string): Failure {
  if (thrown instanceof FailedConnection) return thrown.failure;
  if (thrown instanceof HttpError) return { error: thrown, persistence: 'never' };
  const code = codeOf(thrown);
  const told = (
    name: HttpErrorCode,
    words: string,
    { persistence = 'never', hint }: { readonly persistence?: Persistence; readonly hint?: string } = {},
  ): Failure => ({ error: new HttpError(name, `${peer} ${words}`, { hint, cause: causeOf(thrown) }), persistence });

  if (code === 'ENOTFOUND' || code === 'EAI_NONAME' || code === 'EAI_NODATA')
    return told('NAME_NOT_RESOLVED', 'is a name that nobody knows');
  if (code.startsWith('EAI_') || code === 'ESERVFAIL' || code === 'ETIMEOUT') {
    return told('NAME_NOT_RESOLVED', 'could not be resolved: no name server answered', { persistence: 'few' });
  }
  const why = distrust[code];
  if (why !== undefined) {
    return told('TLS_UNTRUSTED', `shows a certificate that cannot be trusted: ${why}`, { hint: hintFor(code) });
  }
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return told('TIMED_OUT', 'did not answer in time', { persistence: 'few' });
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|ALERT_UNKNOWN_CA/.test(code)) {
    return told('TLS_FAILED', 'did not accept our side of TLS; it may want a client certificate');
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code.startsWith('ERR_OSSL')) {
    return told('TLS_FAILED', 'does not speak TLS as we do, perhaps plain HTTP', {
      hint: 'allow plain HTTP with --insecure',
    });
  }
  if (code.startsWith('HPE_') || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return told('CONNECTION_FAILED', 'does not answer in HTTP');
  }
  const protocol = protocolErrors[code];
  if (protocol !== undefined) return told('CONNECTION_FAILED', protocol);
  const persistence = neverAgain.has(code) ? 'never' : someTimes.has(code) ? 'many' : 'few';
  return told('CONNECTION_FAILED', unreachable[code] ?? 'cannot be reached', { persistence });
}

/** A TLS handshake that ends without a word is often a server of another protocol, and at times a broken connection. */
export function handshakeFailureOf(thrown: unknown, peer: string): Failure {
  if (codeOf(thrown) !== 'ECONNRESET') return failureOf(thrown, peer);
  const error = new HttpError('TLS_FAILED', `${peer} broke off before TLS was agreed on`, {
    hint: 'if it speaks plain HTTP, allow that with --insecure',
    cause: causeOf(thrown),
  });
  return { error, persistence: 'few' };
}

function hintFor(code: string): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'renew the certificate, or set the clock';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return 'name the host as its certificate does';
  }
  return 'name its authority with --cacert';
}

/** The system's or the library's name of an error; of several tries the first one's. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown instanceof AggregateError ? codeOf(thrown.errors[0]) : '';
}

/** What is behind it, without what others wrote: texts of libraries may repeat what was sent. */
function causeOf(thrown: unknown): unknown {
  const code = codeOf(thrown);
  return code === '' ? thrown : new Error(code);
}
