import { stat } from 'node:fs/promises';
import { messageOf } from '../core/index.js';

export interface WatchedOptions<Value> {
  /** What it is, for people: `the policy`. */
  readonly what: string;
  readonly paths: readonly string[];
  /** Reads them. @throws what is wrong with them */
  readonly load: () => Promise<Value>;
  readonly log: (level: 'info' | 'error', message: string) => void;
}

/** What files say, read again when they change. What is broken is reported, and the last good one stays in use. */
export class Watched<Value> {
  readonly #options: WatchedOptions<Value>;
  #value: Value;
  #mark: string;
  #problem: string | undefined;
  #loadedAt = new Date();
  #failures = 0;

  private constructor(options: WatchedOptions<Value>, value: Value, mark: string) {
    this.#options = options;
    this.#value = value;
    this.#mark = mark;
  }

  /** @throws what the first reading throws: nothing is served without it */
  static async open<Value>(options: WatchedOptions<Value>): Promise<Watched<Value>> {
    const mark = await markOf(options.paths);
    return new Watched(options, await options.load(), mark);
  }

  get what(): string {
    return this.#options.what;
  }

  get value(): Value {
    return this.#value;
  }

  get loadedAt(): Date {
    return this.#loadedAt;
  }

  /** Why the newest files are not in use; nothing while they are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Looks whether the files are others than before, and reads them then, or if `force` is set. True: there is a new value. */
  async check({ force = false }: { readonly force?: boolean } = {}): Promise<boolean> {
    const { what, paths, load, log } = this.#options;
    const mark = await markOf(paths);
    // A certificate may be there before its key: what is broken is tried again each time.
    if (mark === this.#mark && !force && this.#problem === undefined) return false;
    this.#mark = mark;
    try {
      this.#value = await load();
    } catch (error) {
      const problem = messageOf(error);
      this.#failures++;
      if (problem !== this.#problem) log('error', `${what} cannot be used, and the one before stays: ${problem}`);
      this.#problem = problem;
      return false;
    }
    this.#problem = undefined;
    this.#loadedAt = new Date();
    log('info', `${what} was read again`);
    return true;
  }
}

/** Which files these are: another when one is replaced, written or gone. */
async function markOf(paths: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    paths.map(async (path) => {
      try {
        const { ino, size, mtimeMs, dev } = await stat(path);
        return [dev, ino, size, mtimeMs];
      } catch (error) {
        return messageOf(error);
      }
    }),
  );
  return JSON.stringify(marks);
}
