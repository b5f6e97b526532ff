import type { Meter } from '../budget.js';

/** A text by its code points, which expressions count in. */
export class CodePoints {
  readonly text: string;
  /** Where each begins, and the end; absent where every unit is a code point. */
  readonly #starts: readonly number[] | undefined;

  constructor(text: string, meter: Meter) {
    meter.spendText(text.length);
    this.text = text;
    if (!/[\ud800-\udbff]/.test(text)) return;
    meter.spend(Math.ceil(text.length / 4));
    const starts: number[] = [];
    for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) starts.push(at);
    starts.push(text.length);
    this.#starts = starts;
  }

  get length(): number {
    return this.#starts ? this.#starts.length - 1 : this.text.length;
  }

  slice(from: number, to: number): string {
    return this.text.slice(this.unitOf(from), this.unitOf(to));
  }

  /** The unit that a code point begins with. */
  unitOf(point: number): number {
    return this.#starts ? (this.#starts[point] ?? this.text.length) : point;
  }

  /** The code point that a unit belongs to. */
  pointOf(unit: number): number {
    if (!this.#starts) return unit;
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Looking for one text in another may compare each place with all of it. */
export function spendSearch(text: string, part: string, meter: Meter): void {
  meter.spendText(text.length);
  if (part.length > 1 && part.length <= text.length) meter.spend(Math.ceil((text.length * part.length) / 256));
}
