/** What one answer takes is followed by so many times as much in which none is made. */
const restRatio = 3;

/**
 * Work that is done one piece at a time, and takes a quarter of the time at most: however many readers ask, whoever waits for
 * a decision waits for a single answer of theirs.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** In the order of asking. @throws what the work throws */
  async take<Result>(work: () => Result): Promise<Result> {
    const before = this.#last;
    let pass = (): void => {};
    this.#last = new Promise((resolve) => (pass = resolve));
    await before;
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      setTimeout(pass, restRatio * (performance.now() - startedAt));
    }
  }
}
