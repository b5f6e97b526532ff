import type { IncomingMessage, ServerResponse } from 'node:http';

/** One answer. */
export interface PageReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** On every answer: nothing is kept, framed, guessed, sent elsewhere or loaded from elsewhere. */
const alwaysHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': contentPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function html(status: number, body: string, headers?: PageReply['headers']): PageReply {
  return { status, type: 'text/html; charset=utf-8', body, headers };
}

export function json(value: object): PageReply {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

/** What went wrong, as `/api` says it. */
export function fault(status: number, code: string, message: string, headers?: PageReply['headers']): PageReply {
  return { status, type: 'application/json', body: JSON.stringify({ error: { code, message } }), headers };
}

export function plain(status: number, words: string, headers?: PageReply['headers']): PageReply {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n`, headers };
}

export function redirect(location: string, headers?: PageReply['headers']): PageReply {
  return plain(303, 'see there', { location, ...headers });
}

export function sendReply(request: IncomingMessage, response: ServerResponse, reply: PageReply): void {
  const { status, type, body, headers = {} } = reply;
  response.writeHead(status, {
    ...alwaysHeaders,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    // What was not read to its end would be taken for the next request.
    ...(request.complete ? {} : { connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
