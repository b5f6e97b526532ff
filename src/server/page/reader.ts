import type { IncomingMessage } from 'node:http';
import { clientOf, clientProblem } from '../client-identity.js';
import type { PageToken } from './page-token.js';
import { sessionMs, type Sessions } from './sessions.js';
import type { TokenAttempts } from './token-attempts.js';

/** Who reads, and how that is known. */
export type Reader =
  | { readonly by: 'certificate'; readonly name: string }
  | { readonly by: 'session' }
  | { readonly by: 'token' };

/** Somebody who may not read, and why. */
export type Stranger = 'unknown' | 'wrong token' | 'too many';

export interface Doorkeeping {
  readonly sessions: Sessions;
  readonly attempts: TokenAttempts;
  /** The token that holds now; absent where only certificates do. */
  readonly token: () => PageToken | undefined;
  /** Absent where no certificate is asked for. */
  readonly clientNames: ReadonlySet<string> | undefined;
}

const cookieName = '__Host-tidewaiter';
const cookieRules = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** Says who asks: by certificate, by the cookie of a session, or by `Authorization: Bearer`. */
export async function readerOf(request: IncomingMessage, door: Doorkeeping): Promise<Reader | Stranger> {
  if (door.clientNames) {
    const client = clientOf(request);
    const problem = clientProblem(client, { required: true, names: door.clientNames });
    if (problem === undefined && client.name !== undefined) return { by: 'certificate', name: client.name };
  }
  const token = door.token();
  if (!token) return 'unknown';
  const secret = sessionSecretOf(request);
  if (secret !== undefined && door.sessions.isLasting(secret, token)) return { by: 'session' };
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  if (bearer === undefined) return 'unknown';
  const found = await door.attempts.check(bearer, token, addressOf(request));
  if (found === 'right') return { by: 'token' };
  return found === 'wrong' ? 'wrong token' : found;
}

/** What the session's cookie holds. */
export function sessionSecretOf(request: IncomingMessage): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [, secret] = /^ *__Host-tidewaiter=([0-9a-f]{64}) *$/.exec(part) ?? [];
    if (secret !== undefined) return secret;
  }
  return undefined;
}

export function sessionCookie(secret: string): string {
  return `${cookieName}=${secret}; Max-Age=${sessionMs / 1000}; ${cookieRules}`;
}

export const endedCookie = `${cookieName}=; Max-Age=0; ${cookieRules}`;

/**
 * Whether a POST was sent by our own page, as far as a browser tells. Without a referrer a browser names no origin even
 * for a form of ours, so that what it says of the site goes first.
 */
export function isFromOurPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return headers.origin === undefined || headers.origin === `https://${headers.host ?? ''}`;
}

export function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'somewhere';
}
