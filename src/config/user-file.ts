import { open } from 'node:fs/promises';
import { isErrno, limits, messageOf } from '../core/index.js';
import { ConfigError } from './config-error.js';

/**
 * The text of a file that a user wrote, without a byte order mark; undefined when there is none at `path`.
 * @throws ConfigError `FILE_INVALID` when it cannot be read or has more than `limits.userFileBytes`.
 */
export async function readUserFile(path: string, what: string): Promise<string | undefined> {
  const bytes = await readUserBytes(path, what);
  return bytes === undefined ? undefined : new TextDecoder('utf-8').decode(bytes);
}

/** The same file as it is. */
export async function readUserBytes(path: string, what: string): Promise<Uint8Array | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new ConfigError('FILE_INVALID', `cannot read the ${what} ${path}: ${messageOf(cause)}`, { cause });
  }
  try {
    if ((await file.stat()).isDirectory()) {
      throw new ConfigError('FILE_INVALID', `the ${what} ${path} is a folder`, { hint: 'name a file' });
    }
    // Its size tells nothing of a pipe, so that the bound is kept while reading.
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(64 * 1024));
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > limits.userFileBytes) {
        throw new ConfigError('FILE_INVALID', `the ${what} ${path} has more than ${limits.userFileBytes} bytes`);
      }
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return join(chunks, total);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError('FILE_INVALID', `cannot read the ${what} ${path}: ${messageOf(cause)}`, { cause });
  } finally {
    await file.close();
  }
}

/**
 * All that a user pipes in.
 * @throws ConfigError `FILE_INVALID` when it is more than `limits.userFileBytes`.
 */
export async function readUserStream(stream: AsyncIterable<Uint8Array>, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > limits.userFileBytes) {
      throw new ConfigError('FILE_INVALID', `the ${what} has more than ${limits.userFileBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return join(chunks, total);
}

function join(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
