import { open } from 'node:fs/promises';

/** Of a longer log only the end is read: last words stand there. */
export const logBytes = 16 * 1024 * 1024;

/**
 * The last 16 MiB of a log file, as text, and how many lines stand before them unread.
 * @throws what the system says when it cannot be read
 */
export async function readLogFile(path: string): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - logBytes);
    const pieces: Uint8Array[] = [];
    let at = from;
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(256 * 1024), 0, 256 * 1024, size > 0 ? at : null);
      if (bytesRead === 0 || at - from >= logBytes) break;
      pieces.push(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return { text: textOf(pieces), isCut: from > 0 };
  } finally {
    await file.close();
  }
}

function textOf(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8');
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode();
}
