import { ConfigError } from './config-error.js';

/** More than any registry's token; less than what somebody pipes in by mistake. */
const maxPasswordBytes = 64 * 1024;

/**
 * One password: all of `stdin`, without the line end after it.
 * @throws ConfigError `INVALID_VALUE` when there is none, when it is no UTF-8, or longer than 64 KiB.
 */
export async function readPassword(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stdin) {
    total += chunk.length;
    if (total > maxPasswordBytes) {
      throw new ConfigError('INVALID_VALUE', `standard input has more than ${maxPasswordBytes} bytes: no password`);
    }
    chunks.push(chunk);
  }
  const password = decode(chunks).replace(/\r?\n$/, '');
  if (password === '') {
    throw new ConfigError('INVALID_VALUE', 'standard input has no password', {
      hint: 'pipe it in: printf %s "$PASSWORD" | tidewaiter ... --password-stdin',
    });
  }
  return password;
}

function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
  } catch {
    throw new ConfigError('INVALID_VALUE', 'the password on standard input is no UTF-8 text');
  }
}
