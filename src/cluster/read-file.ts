import { open } from 'node:fs/promises';
import { messageOf } from '../core/index.js';
import { ClusterError } from './errors.js';

const maxBytes = 1024 * 1024;

/**
 * The text of a small file: a token, certificates, a kubeconfig.
 * @throws ClusterError `CLUSTER_CONFIG_INVALID`, with nothing of what is in it
 */
export async function readSmallFile(path: string, what: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(maxBytes + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) return new TextDecoder().decode(buffer.subarray(0, length));
        length += bytesRead;
        if (length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
      }
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw new ClusterError('CLUSTER_CONFIG_INVALID', `cannot read the ${what} ${path}: ${messageOf(thrown)}`, {
      hint: 'name a file that exists and that this process may read',
    });
  }
}

/**
 * A token from its file, fit for a header.
 * @throws ClusterError `CLUSTER_CONFIG_INVALID`
 */
export async function readToken(path: string): Promise<string> {
  return checkToken((await readSmallFile(path, 'token')).trim(), path);
}

/** The token, if nothing in it breaks a header. @throws ClusterError `CLUSTER_CONFIG_INVALID` */
export function checkToken(token: string, where: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const what = token === '' ? 'is empty' : 'has characters that no token has';
  throw new ClusterError('CLUSTER_CONFIG_INVALID', `the token of ${where} ${what}`, {
    hint: 'kubectl create token makes one',
  });
}
