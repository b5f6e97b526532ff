import { ConfigError, readUserBytes, readUserStream } from '../config/index.js';

/**
 * The text of a file that is an argument of a command; `-` is standard input.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function readTextArgument(path: string, what: string): Promise<string> {
  const bytes =
    path === '-'
      ? await readUserStream(process.stdin, `${what} on standard input`)
      : await readBytesArgument(path, what);
  return new TextDecoder().decode(bytes);
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

/** How messages call the file of an argument. */
export function argumentName(path: string): string {
  return path === '-' ? 'standard input' : path;
}
