import type { Context } from '../core/index.js';
import { HttpError, type HttpResponse } from '../http/index.js';
import type { Endpoint } from './endpoint.js';
import { connectionError } from './failures.js';

const attempts = 3;
const broken: ReadonlySet<string> = new Set(['BODY_TRUNCATED', 'CONNECTION_FAILED', 'TIMED_OUT']);

/** An answer and what is in it. */
export interface Document {
  readonly response: HttpResponse;
  readonly bytes: Uint8Array;
}

/**
 * An answer with its whole body; asked for again when the connection breaks in the middle. `ask` throws for answers
 * that are not wanted.
 * @throws RegistryError
 */
export async function fetchDocument(
  context: Context,
  place: { readonly endpoint: Endpoint; readonly maxBytes: number },
  ask: () => Promise<HttpResponse>,
): Promise<Document> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask();
    try {
      return { response, bytes: await response.bytes(place.maxBytes) };
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (attempt === attempts || !broken.has(error.code)) throw connectionError(place.endpoint, error);
      context.log('debug', `${error.message}; asking again`);
    }
  }
}
