import type { Readable } from 'node:stream';

/** A request's body as far as it was kept. */
export interface ReviewBody {
  /** All of it; absent where it was too large, came too late or broke off. */
  readonly whole?: Uint8Array | undefined;
  /** Its first bytes, in which an answer's address stands. */
  readonly head: Uint8Array;
  readonly fault?: 'too large' | 'too late' | 'cut off' | 'too many at once' | undefined;
}

/** Bytes that all bodies together may hold at a time. */
export class BodyBudget {
  readonly #max: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.#max = maxBytes;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#max) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

export interface BodyBounds {
  readonly maxBytes: number;
  /** What the request says of its length; what is larger than it may be is not even kept until that shows. */
  readonly announcedBytes?: number | undefined;
  /** Read and thrown away past that, so that the answer still arrives; then no more is read. */
  readonly maxDiscardedBytes: number;
  /** How long it may take. */
  readonly timeMs: number;
  readonly budget: BodyBudget;
}

const headBytes = 64 * 1024;

/** Reads a body within its bounds. Never rejects; call `release` once the bytes are no longer needed. */
export function readReviewBody(
  request: Readable & { readonly complete: boolean },
  { maxBytes, announcedBytes = 0, maxDiscardedBytes, timeMs, budget }: BodyBounds,
): Promise<ReviewBody & { release(): void }> {
  return new Promise((resolve) => {
    let pieces: Uint8Array[] = [];
    let kept = 0;
    let seen = 0;
    let fault: ReviewBody['fault'];
    const drop = (why: ReviewBody['fault']): void => {
      fault ??= why;
      const head = join(pieces).slice(0, headBytes);
      budget.give(kept - head.length);
      kept = head.length;
      pieces = [head];
    };
    const end = (): void => {
      clearTimeout(timer);
      request.off('data', take).off('end', end).off('error', cut).off('close', cut);
      const bytes = join(pieces);
      resolve({
        whole: fault === undefined ? bytes : undefined,
        head: bytes.subarray(0, headBytes),
        fault,
        release: () => {
          budget.give(kept);
          kept = 0;
        },
      });
    };
    const take = (piece: Uint8Array): void => {
      seen += piece.length;
      if (fault !== undefined) {
        if (seen > maxDiscardedBytes) end();
        return;
      }
      if (!budget.take(piece.length)) drop('too many at once');
      else {
        pieces.push(piece);
        kept += piece.length;
        if (seen > (announcedBytes > maxBytes ? headBytes : maxBytes)) drop('too large');
      }
    };
    const cut = (): void => {
      if (!request.complete) drop('cut off');
      end();
    };
    const timer = setTimeout(() => {
      drop('too late');
      end();
    }, timeMs);
    request.on('data', take).on('end', end).on('error', cut).on('close', cut);
    // The error of a connection that breaks later has nobody else to hear it.
    request.on('error', () => {});
  });
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  return Buffer.concat(pieces);
}
