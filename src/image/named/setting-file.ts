import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { limits } from '../../core/index.js';
import { errorCodeOf, ImageError, reasonOf } from '../errors.js';

/**
 * A file that says how to reach a service: its bytes, or nothing where there is no such file.
 * @throws ImageError `SOURCE_UNAVAILABLE` when it cannot be read, is no regular file, or is far too large
 */
export async function readSetting(path: string, title: string): Promise<Uint8Array | undefined> {
  try {
    // Not blocking, in case that it is a pipe.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new ImageError('SOURCE_UNAVAILABLE', `${title}: ${path} is no regular file`);
      if (found.size > limits.userFileBytes) {
        throw new ImageError('SOURCE_UNAVAILABLE', `${title}: ${path} has more than ${limits.userFileBytes} bytes`);
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    const code = errorCodeOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (thrown instanceof ImageError) throw thrown;
    throw new ImageError('SOURCE_UNAVAILABLE', `${title}: ${path} cannot be read: ${reasonOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** Is there anything at this path? What cannot be looked at counts, so that its reason gets told. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    return errorCodeOf(thrown) !== 'ENOENT' && errorCodeOf(thrown) !== 'ENOTDIR';
  }
}
