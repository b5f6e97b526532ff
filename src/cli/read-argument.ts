import { ConfigError, readUserBytes } from '../config/index.js';
import { limits } from '../core/index.js';

/**
 * The text of a file that is an argument of a command; `-` is standard input.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function readTextArgument(path: string, what: string): Promise<string> {
  return new TextDecoder().decode(path === '-' ? await readStandardInput(what) : await readBytesArgument(path, what));
}

/**
 * The bytes of a file that is named on the command line.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function readBytesArgument(path: string, what: string): Promise<Uint8Array> {
  const bytes = await readUserBytes(path, what);
  if (bytes !== undefined) return bytes;
  throw new ConfigError('FILE_NOT_FOUND', `there is no ${what} ${path}`, { hint: 'name a file that exists' });
}

async function readStandardInput(what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    total += chunk.length;
    if (total > limits.userFileBytes) {
      throw new ConfigError(
        'FILE_INVALID',
        `the ${what} on standard input has more than ${limits.userFileBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** How messages call the file of an argument. */
export function argumentName(path: string): string {
  return path === '-' ? 'standard input' : path;
}
