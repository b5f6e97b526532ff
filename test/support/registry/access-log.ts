import type { IncomingMessage } from 'node:http';

/** One request, as the server saw it. Filled in while it is answered. */
export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** 0 until there is an answer. */
  readonly status: number;
  readonly authorization: 'none' | 'basic' | 'bearer' | 'other';
  /** The header as it came, for tests of what must not be in it. */
  readonly authorizationHeader: string | undefined;
  readonly userAgent: string | undefined;
  readonly accept: string | undefined;
  /** First byte that was asked for. */
  readonly rangeStart?: number | undefined;
  /** Bytes of the body of the answer. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** What came with the request, unless it was large. */
  readonly body?: string | undefined;
}

/** The same, while the server still writes into it. */
export type OpenEntry = { -readonly [Name in keyof LoggedRequest]: LoggedRequest[Name] };

export function openEntry(request: IncomingMessage): OpenEntry {
  const header = request.headers.authorization;
  const range = /^bytes=(\d+)-/.exec(request.headers.range ?? '');
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    status: 0,
    authorization: kindOf(header),
    authorizationHeader: header,
    userAgent: request.headers['user-agent'],
    accept: request.headers.accept,
    ...(range ? { rangeStart: Number(range[1]) } : {}),
    bytesSent: 0,
    bytesReceived: 0,
  };
}

function kindOf(header: string | undefined): LoggedRequest['authorization'] {
  if (header === undefined) return 'none';
  if (/^basic /i.test(header)) return 'basic';
  return /^bearer /i.test(header) ? 'bearer' : 'other';
}
