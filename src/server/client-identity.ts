import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** Who stands at the other end of a connection. */
export interface ClientIdentity {
  /** Name in the certificate that it showed, if it showed one that our authorities vouch for. */
  readonly name: string | undefined;
  /** Why it proves nothing, in one clause; absent where it does, or where none was shown. */
  readonly problem?: string | undefined;
}

type Certified = Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>;

const known = new WeakMap<object, ClientIdentity>();

/** Asked once a connection, of either version of HTTP. */
export function clientOf(request: IncomingMessage | Http2ServerRequest): ClientIdentity {
  const connection = 'stream' in request ? request.stream.session : request.socket;
  if (!connection) return { name: undefined, problem: 'its connection has ended' };
  const before = known.get(connection);
  if (before) return before;
  const socket: object = 'stream' in request ? (request.stream.session?.socket ?? {}) : request.socket;
  const identity = isCertified(socket) ? identify(socket) : { name: undefined };
  known.set(connection, identity);
  return identity;
}

/** Of HTTP/2 the socket is seen through a proxy, which is of no class. */
function isCertified(socket: object): socket is Certified {
  return typeof Reflect.get(socket, 'getPeerCertificate') === 'function';
}

function identify(socket: Certified): ClientIdentity {
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
