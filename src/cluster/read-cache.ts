/** Something that was read, and how much of the cache it takes. */
export interface Weighed<Value> {
  readonly value: Value;
  readonly sizeBytes: number;
}

export interface ReadCacheOptions {
  /** Milliseconds, never backwards. */
  readonly clock: () => number;
  readonly keepMs: number;
  readonly failureMs: number;
  readonly maxEntries: number;
  /** Of all that is kept together. */
  readonly maxBytes: number;
  /** Reads at a time, and how many more may wait. */
  readonly atOnce: number;
  readonly waiting: number;
  /** Of these, for one group: so that none of them keeps all others out. */
  readonly perGroup: number;
  /** What those are told for whom there is no room. */
  readonly refusal: () => Error;
}

interface Entry<Value> {
  readonly result: Promise<Value>;
  /** When it is forgotten; nothing while it is being read. */
  until: number | undefined;
  sizeBytes: number;
}

/** What is asked for: `group` and `name` together are the key. */
export interface ReadKey {
  readonly group: string;
  readonly name: string;
}

/** Reads by key: one for all who ask at the same time, a few at a time, remembered for a moment, failures for a shorter one. */
export class ReadCache<Value> {
  readonly #options: ReadCacheOptions;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #queue: (() => void)[] = [];
  /** Reads that run or wait, by group. */
  readonly #busy = new Map<string, number>();
  #running = 0;
  #bytes = 0;

  constructor(options: ReadCacheOptions) {
    this.#options = options;
  }

  /** @throws whatever the reading throws, or the refusal */
  async ask({ group, name }: ReadKey, read: () => Promise<Weighed<Value>>): Promise<Value> {
    const { clock, atOnce, waiting, perGroup, refusal } = this.#options;
    const key = `${group}/${name}`;
    const known = this.#entries.get(key);
    if (known && (known.until === undefined || known.until > clock())) return await known.result;
    if (known) this.#forget(key, known);
    const busy = this.#busy.get(group) ?? 0;
    if (busy >= perGroup || (this.#running >= atOnce && this.#queue.length >= waiting)) throw refusal();
    this.#busy.set(group, busy + 1);
    const entry: Entry<Value> = { result: this.#read(key, group, read), until: undefined, sizeBytes: 0 };
    // Whoever asks hears of it.
    entry.result.catch(() => {});
    this.#entries.set(key, entry);
    return await entry.result;
  }

  async #read(key: string, group: string, read: () => Promise<Weighed<Value>>): Promise<Value> {
    const { keepMs, failureMs } = this.#options;
    if (this.#running >= this.#options.atOnce) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    try {
      // Also what ends at once ends after the entry is known.
      await Promise.resolve();
      const { value, sizeBytes } = await read();
      this.#keep(key, sizeBytes, keepMs);
      return value;
    } catch (thrown) {
      this.#keep(key, 0, failureMs);
      throw thrown;
    } finally {
      const busy = (this.#busy.get(group) ?? 1) - 1;
      if (busy > 0) this.#busy.set(group, busy);
      else this.#busy.delete(group);
      const next = this.#queue.shift();
      // Its place goes to the next.
      if (next) next();
      else this.#running--;
    }
  }

  #keep(key: string, sizeBytes: number, ms: number): void {
    const { clock, maxEntries, maxBytes } = this.#options;
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.until = clock() + ms;
    entry.sizeBytes = sizeBytes;
    this.#bytes += sizeBytes;
    for (const [oldKey, old] of this.#entries) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) return;
      if (old.until !== undefined) this.#forget(oldKey, old);
    }
  }

  #forget(key: string, entry: Entry<Value>): void {
    this.#entries.delete(key);
    this.#bytes -= entry.sizeBytes;
  }
}
