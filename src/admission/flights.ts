/** How a piece of work ended. */
export type Ended<Value> =
  | { readonly state: 'done'; readonly value: Value }
  | { readonly state: 'failed'; readonly error: unknown }
  /** Too much was waiting, and it was not begun. */
  | { readonly state: 'refused' };

export interface FlightsOptions<Value> {
  readonly clock: () => number;
  /** Results kept; those that were asked for longest ago go first. */
  readonly keep: number;
  /** What a result weighs, and how much all that are kept may weigh; default: nothing, and any. */
  readonly weigh?: ((value: Value) => number) | undefined;
  readonly keepWeight?: number | undefined;
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
  value: Value | undefined;
  failed: boolean;
  /** What it will say of a failure is of no use any more. */
  outdated: boolean;
  weight: number;
}

interface FlightKeys {
  readonly key: string;
  readonly ownKey: string;
}

/** Work by key: done once for all who ask at the same time, a few at a time, and remembered for a while. */
export class Flights<Value> {
  readonly #options: FlightsOptions<Value>;
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;
  /** Of all that are kept. */
  #weight = 0;

  constructor(options: FlightsOptions<Value>) {
    this.#options = options;
  }

  get busy(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#queue.length };
  }

  /** What came of an earlier flight; nothing while none has ended well, or not lately. */
  peek(key: string): Value | undefined {
    return this.#use(key)?.value;
  }

  /** What came of it elsewhere, as if a flight had ended well now. */
  keep(key: string, value: Value): void {
    const before = this.#flights.get(key);
    if (before) this.#forget(key, before);
    const until = this.#options.clock() + this.#options.keepMs;
    const ended = Promise.resolve({ state: 'done', value } as const);
    const flight: Flight<Value> = { until, value, failed: false, outdated: false, weight: 0, ended };
    this.#flights.set(key, flight);
    if (this.#flights.size > this.#options.keep) this.#forgetOldest();
    this.#weighIn(flight, value);
  }

  /**
   * Never rejects. What comes of it is everybody's who asks for the key; while it is under way, and when it has failed, it
   * is shared by those alone who name the same owner.
   */
  ask(key: string, work: () => Promise<Value>, owner = ''): Promise<Ended<Value>> {
    const { keep, waiting, atOnce, onEnd } = this.#options;
    const ownKey = `${key}\n${owner}`;
    const known = this.#use(key) ?? this.#use(ownKey);
    if (known) return known.ended;
    if (this.#running >= atOnce && this.#queue.length >= waiting) {
      onEnd?.('refused');
      return Promise.resolve({ state: 'refused' });
    }
    const flight: Flight<Value> = {
      until: undefined,
      value: undefined,
      failed: false,
      outdated: false,
      weight: 0,
      ended: this.#start(work, (ended) => this.#land({ key, ownKey }, flight, ended)),
    };
    this.#flights.set(ownKey, flight);
    if (this.#flights.size > keep) this.#forgetOldest();
    return flight.ended;
  }

  /** What failed, or is under way and will fail, is begun anew by whoever asks next. */
  forgetFailures(): void {
    for (const [key, flight] of this.#flights) {
      flight.outdated = true;
      if (flight.failed) this.#forget(key, flight);
    }
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

  /** One that is not too old, put to the end of the line of those that are forgotten. */
  #use(key: string): Flight<Value> | undefined {
    const known = this.#flights.get(key);
    if (!known) return undefined;
    if (known.until !== undefined && known.until <= this.#options.clock()) {
      this.#forget(key, known);
      return undefined;
    }
    this.#flights.delete(key);
    this.#flights.set(key, known);
    return known;
  }

  #land({ key, ownKey }: FlightKeys, flight: Flight<Value>, ended: Ended<Value>): void {
    const { clock, keepMs, failureMs, onEnd } = this.#options;
    const { state } = ended;
    flight.until = clock() + (state === 'done' ? keepMs : failureMs);
    flight.failed = state === 'failed';
    if (this.#flights.get(ownKey) === flight) {
      if (ended.state === 'done') {
        // From now on it is everybody's.
        this.#flights.delete(ownKey);
        const before = this.#flights.get(key);
        if (before) this.#forget(key, before);
        this.#flights.set(key, flight);
        flight.value = ended.value;
        this.#weighIn(flight, ended.value);
      } else if (flight.outdated) this.#forget(ownKey, flight);
    }
    const next = this.#queue.shift();
    // Its place goes to the next.
    if (next) next();
    else this.#running--;
    onEnd?.(state);
  }

  #weighIn(flight: Flight<Value>, value: Value): void {
    const { weigh, keepWeight = Number.POSITIVE_INFINITY } = this.#options;
    flight.weight = weigh?.(value) ?? 0;
    this.#weight += flight.weight;
    while (this.#weight > keepWeight && this.#forgetOldest());
  }

  /** True: there was one. */
  #forgetOldest(): boolean {
    for (const [key, flight] of this.#flights) {
      if (flight.until === undefined) continue;
      this.#forget(key, flight);
      return true;
    }
    return false;
  }

  #forget(key: string, flight: Flight<Value>): void {
    this.#flights.delete(key);
    this.#weight -= flight.weight;
  }
}
