import type { CancelSignal } from '../core/index.js';

const lookEveryMs = 50;

/** Waits, unless the signal says to stop; it has no events, so that it is looked at now and then. */
export async function pause(ms: number, signal: CancelSignal): Promise<void> {
  const end = Date.now() + ms;
  for (let left = ms; left > 0; left = end - Date.now()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, lookEveryMs)));
  }
  signal.throwIfAborted();
}

/** How long to wait before the next attempt after so many failed ones: longer each time, and never quite the same. */
export function waitAfter(failures: number): number {
  return Math.min(250 * 2 ** failures, 8_000) * (0.5 + Math.random() / 2);
}
