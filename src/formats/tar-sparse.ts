import { FormatError, limits } from '../core/index.js';
import { numberField, tarBlockBytes } from './tar-header.js';
import { decimal } from './tar-pax.js';

/** How a sparse file lies in its archive: pieces of data, holes of zero bytes between them. */
export interface SparseMap {
  /** Offset and length of each piece in turn; `in-data`: they stand as text in front of the data (PAX form 1.0). */
  readonly pieces: readonly number[] | 'in-data';
}

const pieceBytes = 24;

/** The pieces of an old GNU header, or of a block that continues one: `count` of them from `at`, ended by an empty one. */
export function sparsePieces(block: Uint8Array, at: number, count: number): number[] {
  const pieces: number[] = [];
  for (let i = 0; i < count; i++) {
    const from = at + i * pieceBytes;
    if (block[from] === 0 && block[from + 12] === 0) break;
    pieces.push(numberField(block, from, 12, 'sparse offset'), numberField(block, from + 12, 12, 'sparse length'));
  }
  return pieces;
}

/**
 * The whole content of a sparse file from the bytes that its archive stores of it.
 * @throws FormatError `INVALID` when pieces overlap, run backwards or past the end, or do not use the bytes up.
 */
export function expandSparse(stored: Uint8Array, map: SparseMap, sizeBytes: number): Uint8Array {
  const { pieces, dataFrom } = map.pieces === 'in-data' ? piecesInData(stored) : { pieces: map.pieces, dataFrom: 0 };
  if (pieces.length % 2 !== 0) throw invalid('an offset without a length');
  const whole = new Uint8Array(sizeBytes);
  let source = dataFrom;
  let end = 0;
  for (let i = 0; i < pieces.length; i += 2) {
    const offset = pieces[i] ?? 0;
    const length = pieces[i + 1] ?? 0;
    if (offset < end || offset + length > sizeBytes) throw invalid('pieces that overlap or pass the end');
    if (source + length > stored.length) throw invalid('pieces longer than the data');
    whole.set(stored.subarray(source, source + length), offset);
    source += length;
    end = offset + length;
  }
  if (stored.length - source >= tarBlockBytes) throw invalid('more data than pieces');
  return whole;
}

/** Form 1.0: the count, then offsets and lengths, each on a line, padded to whole blocks. */
function piecesInData(stored: Uint8Array): { pieces: number[]; dataFrom: number } {
  let at = 0;
  const next = (): number => {
    const end = stored.indexOf(10, at);
    if (end < 0 || end - at > 16) throw invalid('a line that is no number');
    const text = String.fromCharCode(...stored.subarray(at, end));
    at = end + 1;
    return decimal(text, 'sparse map');
  };
  const count = next();
  if (count * 4 > Math.min(stored.length, limits.tarExtensionBytes)) throw invalid('more pieces than fit');
  const pieces = Array.from({ length: count * 2 }, next);
  return { pieces, dataFrom: Math.ceil(at / tarBlockBytes) * tarBlockBytes };
}

function invalid(what: string): FormatError {
  return new FormatError('INVALID', `a malformed sparse file: ${what}`);
}
