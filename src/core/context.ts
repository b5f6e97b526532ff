/** The part of an `AbortSignal` that we need; declared here so that our types need no library of a platform's. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What an operation with effects is given first: when to stop, whom to tell, what time it is. */
export interface Context {
  readonly signal: CancelSignal;
  /** One line for people, without a line end. */
  log(level: LogLevel, message: string): void;
  now(): Date;
  /** Told how far a long piece of work has come; `total` is missing while unknown. */
  progress?(step: ProgressStep): void;
}

export interface ProgressStep {
  /** What is being done, as words: `reading layers`. */
  readonly task: string;
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: 'bytes' | 'items';
}

const never: CancelSignal = { aborted: false, reason: undefined, throwIfAborted() {} };

/** A context that never cancels and says nothing; members given replace its own. */
export function createContext(members: Partial<Context> = {}): Context {
  return { signal: never, log() {}, now: () => new Date(), ...members };
}
