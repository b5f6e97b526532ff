import type { JsonValue } from '../formats/index.js';
import { faultKinds, type FaultId } from './kinds/index.js';

/**
 * `error`: the API server does not start, or every pod is refused or none is asked about; `warning`: it works, and is
 * likely not what was meant or not safe; `note`: worth knowing.
 */
export type FaultSeverity = 'error' | 'warning' | 'note';

/** One thing that is wrong with a set-up, where, and what to do about it. */
export interface Fault {
  readonly id: FaultId;
  readonly severity: FaultSeverity;
  /** As the person who mends it finds it: a path on the host, or a URL; absent where there is none. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  /** What is so, as one clause. */
  readonly what: string;
  /** What comes of it. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
}

/** Where something is written. */
export interface Place {
  readonly file: string | undefined;
  readonly line?: number | undefined;
}

export interface FaultWords {
  readonly what: string;
  /** Instead of the kind's own, where more is known. */
  readonly fix?: string | undefined;
  readonly why?: string | undefined;
  readonly severity?: FaultSeverity | undefined;
}

/** Gathers what the checks find; the same fault at the same place is kept once. */
export class FaultList {
  readonly #faults = new Map<string, Fault>();

  add(id: FaultId, { file, line }: Place, words: FaultWords): void {
    const kind = faultKinds[id];
    const fault = {
      id,
      severity: words.severity ?? kind.severity,
      file,
      line,
      what: words.what,
      why: words.why ?? kind.why,
      fix: words.fix ?? kind.fix,
    };
    const key = JSON.stringify([id, file, line, words.what]);
    if (!this.#faults.has(key)) this.#faults.set(key, fault);
  }

  /** Errors first, then by file and line. */
  sorted(): readonly Fault[] {
    return [...this.#faults.values()].sort(
      (a, b) =>
        rank[a.severity] - rank[b.severity] ||
        compare(a.file ?? '', b.file ?? '') ||
        (a.line ?? 0) - (b.line ?? 0) ||
        compare(a.id, b.id),
    );
  }
}

const rank: Readonly<Record<FaultSeverity, number>> = { error: 0, warning: 1, note: 2 };

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const longestQuote = 120;

/** Text from a foreign file as it may stand in a sentence: in quotes, escaped and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote - 3)}...` : text);
}

/** Any value from a foreign file, as it may stand in a sentence. */
export function told(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? quote(value) : JSON.stringify(value).slice(0, 60);
}
