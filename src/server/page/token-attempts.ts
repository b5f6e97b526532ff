import { isPageToken, type PageToken } from './page-token.js';

/** Wrong tokens that wait at a time; while so many do, no other is compared. */
const maxWaiting = 10;
const tellEveryMs = 10_000;

export interface TokenAttemptsOptions {
  /** How long each wrong token waits for its answer. */
  readonly delayMs: number;
  readonly warn: (message: string) => void;
}

/**
 * Compares tokens. Wrong ones are answered late and few at a time, whoever sends them: ten guesses a second for all
 * together. One caller that keeps trying an old token shuts nobody else out.
 */
export class TokenAttempts {
  readonly #options: TokenAttemptsOptions;
  #waiting = 0;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: TokenAttemptsOptions) {
    this.#options = options;
  }

  async check(candidate: string, token: PageToken, from: string): Promise<'right' | 'wrong' | 'too many'> {
    if (this.#waiting >= maxWaiting) return 'too many';
    if (isPageToken(token, candidate)) return 'right';
    this.#tell(from);
    this.#waiting++;
    await new Promise((resolve) => setTimeout(resolve, this.#options.delayMs));
    this.#waiting--;
    return 'wrong';
  }

  #tell(from: string): void {
    this.#untold++;
    const now = performance.now();
    if (now - this.#toldAt < tellEveryMs) return;
    const others = this.#untold === 1 ? '' : ` (and ${this.#untold - 1} more since the last such line)`;
    this.#options.warn(`the page refused a wrong token from ${from}${others}`);
    this.#toldAt = now;
    this.#untold = 0;
  }
}
