import { TidewaiterError } from '../core/index.js';

/** What can be wrong with a text of Secrets, or with what is said of one to be made. */
export type PullSecretErrorCode =
  /** The text is no YAML or JSON, or a Secret in it that no API server would take. */
  | 'SECRET_INVALID'
  /** There is no Secret in the text. */
  | 'NO_SECRET'
  /** What was said of a secret to be made is not enough, or too much. */
  | 'SECRET_INCOMPLETE'
  /** A key of a secret to be made may not be called so, or is there already. */
  | 'SECRET_KEY_INVALID';

/** Why a pull secret cannot be read or made. Messages have no value of a secret. */
export class PullSecretError extends TidewaiterError<PullSecretErrorCode> {}
