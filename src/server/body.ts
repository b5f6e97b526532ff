import type { IncomingMessage } from 'node:http';

/** Bytes of a request's body, unless another bound is given. */
export const bodyBound = 10 * 1024 * 1024;

/** The body is past its bound; the rest of it was not read. */
export class TooLarge extends Error {}

/**
 * The whole body.
 * @throws TooLarge; and what the connection throws when it breaks.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new TooLarge();
  const pieces: Uint8Array[] = [];
  let length = 0;
  return await new Promise((resolve, reject) => {
    request.on('data', (piece: Uint8Array) => {
      length += piece.length;
      if (length > maxBytes) {
        request.pause();
        reject(new TooLarge());
      } else pieces.push(piece);
    });
    request.on('end', () => resolve(join(pieces, length)));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the request was cut off')));
  });
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
