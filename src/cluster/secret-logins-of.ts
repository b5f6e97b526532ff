import { isTidewaiterError } from '../core/index.js';
import { readPullSecrets, readSecretLogins, redactKey } from '../pull-secrets/index.js';

/** An entry of a pull secret, as the kubelet reads it. */
export interface ClusterLogin {
  readonly key: string;
  readonly username: string;
  readonly password: string;
  /** `secret shop/regcred` */
  readonly origin: string;
}

/** What the kubelet takes from a Secret of the cluster. */
export type ReadLogins =
  | { readonly kind: 'logins'; readonly logins: readonly ClusterLogin[] }
  /** The kubelet goes on without it; one clause. */
  | { readonly kind: 'passed over'; readonly why: string }
  /** One entry is wrong, with which the kubelet pulls nothing at all; one clause without any value. */
  | { readonly kind: 'broken'; readonly why: string };

/** Honest secrets have a handful. */
const maxLogins = 500;

/** What the kubelet takes from a Secret, whose JSON this is. */
export function secretLoginsOf(text: string, origin: string): ReadLogins {
  try {
    const [secret] = readPullSecrets(text, 'the cluster').secrets;
    if (!secret) return { kind: 'passed over', why: 'it is no secret' };
    const reading = readSecretLogins(secret);
    if (!reading.usable) return { kind: 'passed over', why: reading.why };
    const { faults, logins } = reading.config;
    const [fault] = faults;
    if (fault) {
      const where = fault.key === undefined ? '' : `in its entry "${redactKey(fault.key).slice(0, 200)}", `;
      return { kind: 'broken', why: `${where}${fault.reason}` };
    }
    if (logins.length > maxLogins) return { kind: 'passed over', why: `it has more than ${maxLogins} entries` };
    return {
      kind: 'logins',
      logins: logins.map(({ key, username, password }) => ({ key, username, password, origin })),
    };
  } catch (thrown) {
    if (!isTidewaiterError(thrown)) throw thrown;
    return { kind: 'passed over', why: 'it cannot be read' };
  }
}
