import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { chooseRules, kubesecJson, scanKubesec, type KubesecCompat, type SchemaCheck } from '../manifest/index.js';
import { bodyBound, readBody, TooLarge } from './body.js';
import { manifestIn } from './form.js';
import { kubesecMetrics, type KubesecMetrics } from './kubesec-metrics.js';
import { ServerError } from './errors.js';

export interface KubesecServerOptions {
  readonly address: ListenAddress;
  readonly compat: KubesecCompat;
  /** The check for one request's text. */
  readonly checks: (text: string) => Promise<SchemaCheck>;
  /** One line for each request and event. */
  readonly log: (line: Readonly<Record<string, string | number>>) => void;
  readonly maxBodyBytes?: number | undefined;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface RunningServer {
  /** With the port that was taken, where 0 was asked for. */
  readonly address: ListenAddress;
  /** Takes no new connections, lets requests end, and resolves when all have; after the time given they are cut off. */
  close(graceMs: number): Promise<void>;
}

const readTimeoutMs = 5_000;
const writeTimeoutMs = 60_000;
const idleTimeoutMs = 15_000;

/**
 * Reads `port`, `:port`, `ip:port` or `[ipv6]:port`; without an address it is loopback's.
 * @throws ServerError `INVALID_ADDRESS` with the original's words: host names are refused.
 */
export function parseListenAddress(text: string): ListenAddress {
  const bracketed = /^\[([^\]]*)\]:([^:]*)$/.exec(text);
  const colon = text.lastIndexOf(':');
  const host = bracketed?.[1] ?? (colon < 0 ? '' : text.slice(0, colon));
  const port = bracketed?.[2] ?? text.slice(colon + 1);
  if (host !== '' && isIP(host) === 0) throw new ServerError('INVALID_ADDRESS', `invalid IP address: ${quoted(host)}`);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) throw new ServerError('INVALID_ADDRESS', `invalid port: ${quoted(port)}`);
  return { host: host === '' ? '127.0.0.1' : host, port: number };
}

/**
 * Serves kubesec's routes: every POST (and any other method but GET, on any path) is a scan of its body, `/healthz` and
 * `/metrics` answer to all methods, and a GET elsewhere leads to the original's page.
 * @throws ServerError `CANNOT_LISTEN`.
 */
export async function serveKubesec(options: KubesecServerOptions): Promise<RunningServer> {
  const metrics = kubesecMetrics();
  const server = createServer(
    { requestTimeout: readTimeoutMs + writeTimeoutMs, headersTimeout: readTimeoutMs },
    (request, response) => {
      void answer(request, response, { options, metrics });
    },
  );
  server.keepAliveTimeout = idleTimeoutMs;
  server.setTimeout(writeTimeoutMs);
  server.maxConnections = 1000;
  await listen(server, options.address);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.address.port;
  return { address: { ...options.address, port }, close: (graceMs) => close(server, graceMs) };
}

interface Serving {
  readonly options: KubesecServerOptions;
  readonly metrics: KubesecMetrics;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const started = performance.now();
  let reply: Reply;
  try {
    reply = await replyTo(request, serving);
  } catch (error) {
    if (!(error instanceof TooLarge)) {
      response.destroy();
      return;
    }
    reply = plain(413, 'request body too large\n');
  }
  const { status, headers, body } = reply;
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  serving.metrics.count(request.method ?? '', status, (performance.now() - started) / 1000);
  serving.options.log({
    level: 'info',
    msg: 'request',
    method: request.method ?? '',
    path: path.slice(0, 200),
    status,
    durationMs: Math.round(performance.now() - started),
  });
  const isCut = !request.complete;
  response.writeHead(status, { ...headers, ...(isCut ? { connection: 'close' } : {}) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function plain(status: number, body: string): Reply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body,
  };
}

async function replyTo(request: IncomingMessage, { options, metrics }: Serving): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/healthz') return plain(200, 'OK\n');
  if (url.pathname === '/metrics') {
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: metrics.text(),
    };
  }
  if (request.method === 'GET') {
    return { status: 303, headers: { location: 'https://kubesec.io' }, body: '' };
  }
  const body = await readBody(request, options.maxBodyBytes ?? bodyBound);
  if ((url.searchParams.get('in-toto') ?? '') !== '') return { status: 500, headers: {}, body: '' };
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  const manifest =
    options.compat === 'strict' ? withoutPrefix(text) : manifestIn(text, request.headers['content-type']);
  return await scan(manifest, url.searchParams.getAll('rule'), options);
}

async function scan(manifest: string, ids: readonly string[], options: KubesecServerOptions): Promise<Reply> {
  const { compat } = options;
  const chosen = chooseRules(ids, compat);
  if ('unknown' in chosen) return plain(400, `invalid rule IDs requested: ${chosen.unknown.join(', ')}\n`);
  const check = await options.checks(manifest);
  const result = scanKubesec(manifest, { fileName: 'API', rules: chosen.rules, compat, check });
  if ('failure' in result) {
    const { failure } = result;
    return plain(400, `${failure.charAt(0) === 'i' ? `I${failure.slice(1)}` : failure}\n`);
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: [...kubesecJson(result.reports)].join(''),
  };
}

/** The original looks at nothing else. */
function withoutPrefix(body: string): string {
  return body.startsWith('file=') ? body.slice('file='.length) : body;
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new ServerError('CANNOT_LISTEN', `listen tcp ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 60));
}
