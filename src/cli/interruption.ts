import type { CancelSignal } from '../core/index.js';
import { CliError } from './cli-error.js';

/** When a run has to stop early, and why. */
export interface Interruption {
  readonly signal: CancelSignal;
  /** Rejects with the reason, a while after the signal: for work that does not listen. */
  readonly gaveUp: Promise<never>;
  /** Exit code of the signal that came (130, 143, 129), if one did. */
  readonly exitCode: number | undefined;
  /** Starts the clock of `--timeout`. */
  limit(ms: number, words: string): void;
  dispose(): void;
}

/** How long the work may take to tidy up. */
const graceMs = 2000;
/** The greatest delay that a timer of this platform can have. */
const maxTimerMs = 2 ** 31 - 1;

/** For commands that end by themselves: signals are theirs to hear. */
export function neverInterrupted(): Interruption {
  return {
    signal: new AbortController().signal,
    gaveUp: new Promise<never>(() => {}),
    exitCode: undefined,
    limit() {},
    dispose() {},
  };
}

/** Listens to SIGINT, SIGTERM and SIGHUP; a second one ends the process at once. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  let exitCode: number | undefined;
  const gaveUp = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => {
      const timer = setTimeout(() => reject(controller.signal.reason), graceMs);
      timers.add(timer);
    });
  });
  gaveUp.catch(() => {});
  const listeners = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const;
  const stop = (name: NodeJS.Signals): void => {
    const code = listeners.find(([signal]) => signal === name)?.[1] ?? 130;
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    controller.abort(new CliError('INTERRUPTED', `stopped by ${name}`));
  };
  for (const [name] of listeners) process.on(name, stop);
  return {
    signal: controller.signal,
    gaveUp,
    get exitCode() {
      return exitCode;
    },
    limit(ms, words) {
      const error = new CliError('TIMEOUT', `the time limit of ${words} is over`, {
        hint: 'allow more with --timeout',
      });
      timers.add(setTimeout(() => controller.abort(error), Math.min(ms, maxTimerMs)));
    },
    dispose() {
      for (const timer of timers) clearTimeout(timer);
      for (const [name] of listeners) process.off(name, stop);
    },
  };
}
