import { constants, open } from 'node:fs/promises';
import { isErrno } from '../core/index.js';

/** What is in a file, without a byte order mark; nothing when there is no such file. */
export interface BoundedText {
  readonly text: string;
  /** Others than its owner may read it. */
  readonly openToOthers: boolean;
}

/**
 * The text of a regular file with at most `maxBytes`.
 * @throws Error with a message fit for people when it is no regular file or larger, and whatever the system throws
 */
export async function readBounded(path: string, maxBytes: number): Promise<BoundedText | undefined> {
  // A pipe at this place must not hold us up.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((thrown: unknown) => {
    if (isErrno(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
    throw thrown;
  });
  if (!file) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error('it is no regular file');
    const chunks: Uint8Array[] = [];
    for (let total = 0; ; ) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(64 * 1024));
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
      chunks.push(buffer.subarray(0, bytesRead));
    }
    const text = new TextDecoder('utf-8').decode(Buffer.concat(chunks));
    return { text, openToOthers: (found.mode & 0o044) !== 0 };
  } finally {
    await file.close();
  }
}
