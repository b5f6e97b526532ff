import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** Who stands at the other end of a connection. */
export interface ClientIdentity {
  /** Name in the certificate that it showed, if it showed one that our authorities vouch for. */
  readonly name: string | undefined;
  /** Why it proves nothing, in one clause; absent where it does, or where none was shown. */
  readonly problem?: string | undefined;
}

const known = new WeakMap<TLSSocket, ClientIdentity>();

/** Asked once a connection. */
export function clientOf({ socket }: IncomingMessage): ClientIdentity {
  if (!(socket instanceof TLSSocket)) return { name: undefined };
  const before = known.get(socket);
  if (before) return before;
  const identity = identify(socket);
  known.set(socket, identity);
  return identity;
}

function identify(socket: TLSSocket): ClientIdentity {
  const certificate = socket.getPeerCertificate();
  const subject = Object.keys(certificate).length === 0 ? undefined : certificate.subject;
  if (!subject) return { name: undefined };
  if (!socket.authorized) return { name: undefined, problem: 'its certificate is none of our authorities' };
  const name: unknown = subject.CN;
  if (typeof name !== 'string' || name === '')
    return { name: undefined, problem: 'its certificate has no single name' };
  return { name };
}

/** Whom a route answers. */
export interface ClientRule {
  /** A certificate must be shown. */
  readonly required: boolean;
  /** Names that are accepted; none: every name that our authorities vouch for. */
  readonly names: ReadonlySet<string>;
}

/** Why a client is not answered, in one clause; nothing if it is. */
export function clientProblem({ name, problem }: ClientIdentity, { required, names }: ClientRule): string | undefined {
  if (problem !== undefined) return `the caller did not prove who it is: ${problem}`;
  if (name === undefined) return required ? 'the caller showed no client certificate' : undefined;
  return names.size === 0 || names.has(name) ? undefined : 'the name in the client certificate is not on the list';
}
