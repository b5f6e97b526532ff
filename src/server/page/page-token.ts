import { createHash, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { messageOf } from '../../core/index.js';
import { ServerError } from '../errors.js';

/** What readers sign in with. The token itself is not kept. */
export interface PageToken {
  readonly hash: Buffer;
}

const maxFileBytes = 64 * 1024;
const maxLength = 1024;
const minLength = 16;
const minDifferent = 8;

/**
 * The token in the first line of a file: 16 to 1,024 visible characters of ASCII, so that it can stand in a header.
 * @throws ServerError `INVALID_PAGE_TOKEN` that names the file and nothing of what is in it.
 */
export async function readPageToken(path: string): Promise<PageToken> {
  const problem = (words: string, cause?: unknown): ServerError =>
    new ServerError('INVALID_PAGE_TOKEN', `${path} ${words}`, {
      hint: 'openssl rand -hex 16 makes a good token',
      cause,
    });
  let text: string;
  try {
    text = await readStart(path);
  } catch (cause) {
    throw problem(`cannot be read: ${messageOf(cause)}`, cause);
  }
  const token = (text.split('\n', 1)[0] ?? '').trim();
  if (token === '') throw problem('has no token in its first line');
  if (token.length < minLength) throw problem(`holds a token of fewer than ${minLength} characters`);
  if (token.length > maxLength) throw problem(`holds a token of more than ${maxLength} characters`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw problem('holds a token with spaces or characters beyond ASCII');
  if (new Set(token).size < minDifferent) {
    throw problem(`holds a token that can be guessed: fewer than ${minDifferent} different characters`);
  }
  return { hash: hashOf(token) };
}

/** Takes the same time for every wrong token. */
export function isPageToken({ hash }: PageToken, candidate: string): boolean {
  return timingSafeEqual(hash, hashOf(candidate));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(maxFileBytes);
    const { bytesRead } = await file.read(bytes, 0, maxFileBytes, null);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
