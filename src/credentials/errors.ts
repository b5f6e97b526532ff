import { TidewaiterError } from '../core/index.js';

/** What can go wrong with a place that should have a credential, or keep one. */
export type CredentialErrorCode =
  /** A file that the user named cannot be read. */
  | 'CREDENTIAL_FILE_UNREADABLE'
  /** A file that the user named is not what it should be: no JSON, no object, a broken entry for this very registry. */
  | 'CREDENTIAL_FILE_INVALID'
  /** Of the Secrets given the kubelet would use none. */
  | 'SECRET_UNUSABLE'
  /** The program that keeps this registry's credential is not installed. */
  | 'HELPER_MISSING'
  /** It is installed, and did not answer as it should. */
  | 'HELPER_FAILED'
  /** A credential could not be written or erased. */
  | 'CREDENTIAL_NOT_STORED';

/** Why there are no credentials to be had from a place. Messages name the place and never a credential. */
export class CredentialError extends TidewaiterError<CredentialErrorCode> {}
