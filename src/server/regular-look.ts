/** Something that is looked at again and again, never twice at a time. */
export class RegularLook {
  readonly #look: (force: boolean) => Promise<void>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(look: (force: boolean) => Promise<void>, everyMs = 2000) {
    this.#look = look;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look(false).finally(() => {
        this.#looking = undefined;
      });
    }, this.#everyMs);
    this.#timer.unref();
  }

  /** Now, whether anything seems to have changed or not. */
  async force(): Promise<void> {
    await this.#looking;
    await this.#look(true);
  }

  /** Resolves when nothing is looked at any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }
}
