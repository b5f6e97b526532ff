import { TidewaiterError } from '../core/index.js';

export type RegistryErrorCode =
  /** 401: nobody vouches for us, or what we showed was refused. */
  | 'UNAUTHORIZED'
  /** 403: we are known, and may not. */
  | 'DENIED'
  | 'MANIFEST_UNKNOWN'
  /** No such repository. */
  | 'NAME_UNKNOWN'
  | 'BLOB_UNKNOWN'
  /** 429 after all retries. */
  | 'RATE_LIMITED'
  /** 5xx after all retries. */
  | 'REGISTRY_UNAVAILABLE'
  /** No connection; the cause says why. */
  | 'REGISTRY_UNREACHABLE'
  /** Connections were forbidden. */
  | 'OFFLINE'
  /** Bytes are not what their digest says. */
  | 'DIGEST_MISMATCH'
  | 'SIZE_MISMATCH'
  /** An answer that is none: no JSON, no location, a wrong media type. */
  | 'INVALID_ANSWER'
  | 'PUSH_REFUSED'
  | 'UNSUPPORTED'
  | 'LIMIT_EXCEEDED';

/** What went wrong between us and a registry. */
export class RegistryError extends TidewaiterError<RegistryErrorCode> {
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(
    code: RegistryErrorCode,
    message: string,
    options: {
      readonly hint?: string | undefined;
      readonly cause?: unknown;
      readonly status?: number | undefined;
    } = {},
  ) {
    super(code, message, options);
    this.status = options.status;
  }
}
