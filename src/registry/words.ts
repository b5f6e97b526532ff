import { asArray, asObject, asString, parseJson } from '../formats/index.js';
import type { HttpResponse } from '../http/index.js';

/** What a server says about why it did not do as asked. */
export interface ServerWords {
  readonly status: number;
  /** The code of its first error, if it gives one: `MANIFEST_UNKNOWN`. */
  readonly code: string | undefined;
  /** All of it on one line, printable and short: `401 UNAUTHORIZED: authentication required`. */
  readonly text: string;
}

const errorDocumentBytes = 64 * 1024;
const mostErrors = 3;
const mostCharacters = 300;

/**
 * Reads the error document of an answer, under a bound, and lets go of the connection. Pages for people and whatever
 * else is no error document are left out. `hide` takes secrets out of what is said.
 */
export async function readWords(response: HttpResponse, hide: (text: string) => string): Promise<ServerWords> {
  const errors = await readErrors(response);
  const text = errors
    .map(({ code, message }) => [code, message].filter((part) => part !== undefined).join(': '))
    .join('; ');
  const { status } = response;
  return { status, code: errors[0]?.code, text: printable(hide(text === '' ? `${status}` : `${status} ${text}`)) };
}

/** Text of a server on one line, without what steers a terminal, and not too long. */
export function printable(text: string, most = mostCharacters): string {
  const line = text
    .slice(0, most * 4)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}

interface ServerError {
  readonly code: string | undefined;
  readonly message: string | undefined;
}

async function readErrors(response: HttpResponse): Promise<readonly ServerError[]> {
  try {
    const document = asObject(parseJson(await response.bytes(errorDocumentBytes), { maxDepth: 32 }));
    const errors = (asArray(document?.['errors']) ?? []).slice(0, mostErrors).map((item) => asObject(item));
    const listed = errors.map((item) => ({ code: codeOf(item?.['code']), message: textOf(item?.['message']) }));
    if (listed.length > 0) return listed.filter(({ code, message }) => code !== undefined || message !== undefined);
    // What token servers say: OAuth's members, or one of their own.
    const code = codeOf(document?.['error']) ?? codeOf(document?.['code']);
    const message =
      textOf(document?.['error_description']) ??
      textOf(document?.['details']) ??
      textOf(document?.['message']) ??
      (code === undefined ? textOf(document?.['error']) : undefined);
    return code === undefined && message === undefined ? [] : [{ code, message }];
  } catch {
    // The answer's status is what counts; no document, or none that can be read, only makes us say less.
    await response.discard();
    return [];
  }
}

function codeOf(value: Parameters<typeof asString>[0]): string | undefined {
  const text = asString(value);
  return text !== undefined && /^[A-Za-z][A-Za-z0-9_]{0,60}$/.test(text) ? text : undefined;
}

function textOf(value: Parameters<typeof asString>[0]): string | undefined {
  const text = asString(value);
  return text === undefined || text.trim() === '' ? undefined : text;
}
