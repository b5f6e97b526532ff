import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type LoggedRequest, type OpenEntry, openEntry } from './access-log.js';
import { Exchange, Refusal } from './exchange.js';
import { FaultList } from './faults.js';

export interface TlsOptions {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the authority whose clients alone are let in. */
  readonly clientCa?: string;
}

/** A server on a loopback port of its own. */
export interface Listener {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** With `http://` or `https://`. */
  readonly origin: string;
  readonly accessLog: readonly LoggedRequest[];
  readonly faults: FaultList;
  /** Ends all connections. */
  drop(): void;
  close(): Promise<void>;
}

/** Starts one; `answer` is called for every request and may throw a `Refusal`. */
export async function listen(
  answer: (exchange: Exchange) => Promise<void>,
  options: { readonly tls?: TlsOptions | undefined; readonly hostname?: string | undefined } = {},
): Promise<Listener> {
  const accessLog: OpenEntry[] = [];
  const faults = new FaultList();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const entry = openEntry(request);
    accessLog.push(entry);
    const fault = faults.take(entry.method, entry.path);
    const exchange = new Exchange(request, response, entry, fault);
    void run(exchange, answer).catch(() => exchange.abandon());
  };
  const { tls } = options;
  const server = tls
    ? createHttpsServer(
        {
          cert: tls.cert,
          key: tls.key,
          ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
        },
        onRequest,
      )
    : createHttpServer(onRequest);
  const hostname = options.hostname ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, hostname, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  return {
    host,
    origin: `${tls ? 'https' : 'http'}://${host}`,
    accessLog,
    faults,
    drop: () => server.closeAllConnections(),
    close,
  };
}

async function run(exchange: Exchange, answer: (exchange: Exchange) => Promise<void>): Promise<void> {
  if (exchange.fault.status !== undefined || exchange.fault.html || exchange.fault.redirectTo !== undefined) {
    exchange.request.resume();
    return exchange.answer({ status: 500 });
  }
  try {
    await answer(exchange);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    exchange.request.resume();
    await exchange.refuse(error);
  }
}
