/** How a piece of work ended. */
export type Ended<Value> =
  | { readonly state: 'done'; readonly value: Value }
  | { readonly state: 'failed'; readonly error: unknown }
  /** Too much was waiting, and it was not begun. */
  | { readonly state: 'refused' };

export interface FlightsOptions {
  readonly clock: () => number;
  /** Results kept; those that were asked for longest ago go first. */
  readonly keep: number;
  readonly keepMs: number;
  readonly failureMs: number;
  readonly atOnce: number;
  readonly waiting: number;
  readonly onEnd?: ((state: Ended<unknown>['state']) => void) | undefined;
}

interface Flight<Value> {
  readonly ended: Promise<Ended<Value>>;
  /** When it is forgotten; nothing while it is under way. */
  until: number | undefined;
}

/** Work by key: done once for all who ask at the same time, a few at a time, and remembered for a while. */
export class Flights<Value> {
  readonly #options: FlightsOptions;
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(options: FlightsOptions) {
    this.#options = options;
  }

  get busy(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#queue.length };
  }

  /** Never rejects. */
  ask(key: string, work: () => Promise<Value>): Promise<Ended<Value>> {
    const { clock, keep, waiting, atOnce, onEnd } = this.#options;
    const known = this.#flights.get(key);
    if (known && (known.until === undefined || known.until > clock())) {
      // To the end of the line of those that are forgotten.
      this.#flights.delete(key);
      this.#flights.set(key, known);
      return known.ended;
    }
    if (this.#running >= atOnce && this.#queue.length >= waiting) {
      onEnd?.('refused');
      return Promise.resolve({ state: 'refused' });
    }
    const flight: Flight<Value> = { until: undefined, ended: this.#start(work, (ended) => this.#land(flight, ended)) };
    this.#flights.set(key, flight);
    if (this.#flights.size > keep) this.#forgetOldest();
    return flight.ended;
  }

  async #start(work: () => Promise<Value>, land: (ended: Ended<Value>) => void): Promise<Ended<Value>> {
    if (this.#running >= this.#options.atOnce) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    let ended: Ended<Value>;
    try {
      // Also what throws at once is landed after the flight is known.
      await Promise.resolve();
      ended = { state: 'done', value: await work() };
    } catch (error) {
      ended = { state: 'failed', error };
    }
    land(ended);
    return ended;
  }

  #land(flight: Flight<Value>, { state }: Ended<Value>): void {
    const { clock, keepMs, failureMs, onEnd } = this.#options;
    flight.until = clock() + (state === 'done' ? keepMs : failureMs);
    const next = this.#queue.shift();
    // Its place goes to the next.
    if (next) next();
    else this.#running--;
    onEnd?.(state);
  }

  #forgetOldest(): void {
    for (const [key, { until }] of this.#flights) {
      if (until === undefined) continue;
      this.#flights.delete(key);
      return;
    }
  }
}
