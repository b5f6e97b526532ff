import { createHash, randomBytes } from 'node:crypto';
import type { PageToken } from './page-token.js';

interface Session {
  readonly token: Buffer;
  readonly beganAt: number;
  usedAt: number;
}

/** How long a session lasts, in milliseconds. */
export const sessionMs = 12 * 3_600_000;
const idleMs = 3_600_000;
const maxSessions = 100;

/**
 * Who has signed in. Only hashes of what cookies hold are kept; past a hundred the one unused for longest ends, and all
 * end when the token is another one.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  /** @param now milliseconds on any clock that goes forward */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** What the cookie is to hold: 256 random bits. */
  begin(token: PageToken): string {
    const now = this.#now();
    this.#forgetEnded(token);
    if (this.#sessions.size >= maxSessions) {
      const [oldest] = [...this.#sessions].sort(([, a], [, b]) => a.usedAt - b.usedAt)[0] ?? [];
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    const secret = randomBytes(32).toString('hex');
    this.#sessions.set(keyOf(secret), { token: token.hash, beganAt: now, usedAt: now });
    return secret;
  }

  /** Whether the session lasts; asking is using it. */
  isLasting(secret: string, token: PageToken): boolean {
    const key = keyOf(secret);
    const session = this.#sessions.get(key);
    if (!session) return false;
    if (this.#hasEnded(session, token)) {
      this.#sessions.delete(key);
      return false;
    }
    session.usedAt = this.#now();
    return true;
  }

  end(secret: string): void {
    this.#sessions.delete(keyOf(secret));
  }

  #forgetEnded(token: PageToken): void {
    for (const [key, session] of this.#sessions) if (this.#hasEnded(session, token)) this.#sessions.delete(key);
  }

  #hasEnded({ token: begunWith, beganAt, usedAt }: Session, token: PageToken): boolean {
    const now = this.#now();
    return now - beganAt >= sessionMs || now - usedAt >= idleMs || !begunWith.equals(token.hash);
  }
}

function keyOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
