import { promises as dns } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { connect as connectSocket, isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { mayLeadTo, reachOfAddress, type Reach } from './addresses.js';
import { HttpError } from './errors.js';
import { FailedConnection, failureOf, handshakeFailureOf, type Failure } from './failures.js';
import type { Proxy } from './proxies.js';
import { refusedTarget } from './redirects.js';

/** A name's next address is tried when one has not answered for so long; Node.js's own 250 is too little for far hosts. */
const nextAddressAfterMs = 1_000;

/** Where a connection leads, and how. */
export interface Route {
  readonly hostname: string;
  readonly port: number;
  /** `host:port`, for messages. */
  readonly name: string;
  /** What TLS with the host is to be; nothing for plain HTTP. */
  readonly tls: TlsSettings | undefined;
  readonly proxy:
    | { readonly proxy: Proxy; readonly tls: TlsSettings | undefined; readonly tunnel: boolean }
    | undefined;
  readonly socketPath: string | undefined;
  /** The reach of the server that sent us there; nothing if the user did. */
  readonly sentFrom: Reach | undefined;
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** All addresses of a name. */
  readonly resolve: ((name: string) => Promise<readonly string[]>) | undefined;
}

export interface TlsSettings {
  readonly context: SecureContext;
  readonly insecure: boolean;
  /** Instead of the host's own name. */
  readonly serverName?: string | undefined;
}

/**
 * A connection, with TLS if the route has it, ready for requests.
 * @throws FailedConnection
 */
export async function openConnection(route: Route, cancelled: AbortSignal): Promise<Socket> {
  const stop = new AbortController();
  const giveUp = (): void => stop.abort(new FailedConnection(failureOf(cancelled.reason, route.name)));
  cancelled.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(() => stop.abort(new FailedConnection(timedOut(route))), route.timeoutMs);
  try {
    if (cancelled.aborted) giveUp();
    stop.signal.throwIfAborted();
    const socket = await openTransport(route, stop.signal);
    if (route.tls === undefined) return socket;
    return await openTls(socket, { ...route, tls: route.tls }, stop.signal);
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', giveUp);
  }
}

function timedOut({ proxy, name, timeoutMs }: Route): Failure {
  const peer = proxy === undefined ? name : `the proxy ${proxy.proxy.name}`;
  const message = `${peer} did not take the connection within ${Math.ceil(timeoutMs / 1000)} s`;
  return { error: new HttpError('TIMED_OUT', message), persistence: 'few' };
}

/** What TLS or HTTP is spoken over: a socket to the host, to the proxy, or through it. */
async function openTransport(route: Route, stop: AbortSignal): Promise<Socket> {
  const { proxy: via, socketPath } = route;
  if (socketPath !== undefined) {
    // Nobody there is nobody there: on this machine nothing is gained by trying again.
    const said = (error: unknown): Failure => ({ ...failureOf(error, route.name), persistence: 'never' });
    return await opened(connectSocket({ path: socketPath }), 'connect', stop, said);
  }
  if (via === undefined) {
    return await opened(connectSocket(tcpOptions(route)), 'connect', stop, (error) => failureOf(error, route.name));
  }
  const { proxy, tls } = via;
  const said = (failure: Failure): Failure => proxyFailure(proxy, failure);
  const plain = connectSocket({ host: proxy.hostname, port: proxy.port, lookup: lookupBy(route.resolve) });
  let socket = await opened(plain, 'connect', stop, (error) => said(failureOf(error, proxy.name)));
  if (tls !== undefined) {
    socket = await openTls(socket, { hostname: proxy.hostname, name: proxy.name, tls }, stop, said);
  }
  return via.tunnel ? await openTunnel(socket, route, proxy, stop) : socket;
}

function tcpOptions(route: Route): TcpNetConnectOpts {
  const { hostname: host, port, sentFrom, resolve } = route;
  const attempt = { host, port, autoSelectFamilyAttemptTimeout: nextAddressAfterMs };
  if (sentFrom === undefined) return { ...attempt, lookup: lookupBy(resolve) };
  const check = (address: string): void => {
    const reach = reachOfAddress(address);
    if (!mayLeadTo(sentFrom, reach)) throw refusedTarget(route.name, reach);
  };
  if (isIP(host) !== 0) check(host);
  return { ...attempt, lookup: lookupBy(resolve, check) };
}

/**
 * The look-up of names that sockets are given. What is connected to is what was checked: no second look-up could answer
 * with another address. Addresses that are refused are left out; if all are, that is the error.
 */
function lookupBy(resolve: Route['resolve'], check?: (address: string) => void): LookupFunction {
  const find = async (name: string, wantsAll: boolean, done: Parameters<LookupFunction>[2]): Promise<void> => {
    try {
      const found = await addressesOf(name, resolve);
      const kept = allowed(found, check).map((address) => ({ address, family: isIP(address) }));
      if (wantsAll) done(null, kept);
      else done(null, kept[0]?.address ?? '', kept[0]?.family);
    } catch (error) {
      done(error instanceof Error ? error : new Error('no address'), []);
    }
  };
  return (name, options, done) => void find(name, options.all === true, done);
}

/** All addresses of a name, in the order in which they are to be tried. */
export async function addressesOf(name: string, resolve: Route['resolve']): Promise<readonly string[]> {
  if (resolve !== undefined) return await resolve(name);
  return (await dns.lookup(name, { all: true })).map(({ address }) => address);
}

function allowed(addresses: readonly string[], check: (address: string) => void = () => {}): readonly string[] {
  let refusal: unknown = Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  const kept = addresses.filter((address) => {
    try {
      check(address);
      return true;
    } catch (error) {
      refusal = error;
      return false;
    }
  });
  if (kept.length === 0) throw refusal;
  return kept;
}

async function openTls(
  socket: Socket,
  { hostname, name: peer, tls }: { readonly hostname: string; readonly name: string; readonly tls: TlsSettings },
  stop: AbortSignal,
  said: (failure: Failure) => Failure = (failure) => failure,
): Promise<Socket> {
  const name = tls.serverName ?? hostname;
  const secured = connectTls({
    socket,
    host: name,
    // An address is no server name (RFC 6066); the certificate is checked against `host` all the same.
    servername: isIP(name) === 0 ? name.replace(/\.$/, '') : '',
    secureContext: tls.context,
    rejectUnauthorized: !tls.insecure,
    ALPNProtocols: ['http/1.1'],
  });
  return await opened(secured, 'secureConnect', stop, (error) => said(handshakeFailureOf(error, peer)));
}

async function openTunnel(socket: Socket, route: Route, proxy: Proxy, stop: AbortSignal): Promise<Socket> {
  const target = `${isIP(route.hostname) === 6 ? `[${route.hostname}]` : route.hostname}:${route.port}`;
  const asked = httpRequest({
    createConnection: () => socket,
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      'user-agent': route.userAgent,
      ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
  });
  return await new Promise<Socket>((resolve, reject) => {
    const fail = (failure: Failure): void => {
      stop.removeEventListener('abort', giveUp);
      asked.destroy();
      socket.destroy();
      reject(new FailedConnection(failure));
    };
    const giveUp = (): void => fail(failureOf(stop.reason, proxy.name));
    stop.addEventListener('abort', giveUp, { once: true });
    asked.on('error', (error) => fail(proxyFailure(proxy, failureOf(error, proxy.name))));
    asked.on('response', (response) => fail(proxyRefusal(proxy, response.statusCode ?? 0, route.name)));
    asked.on('connect', (response, _socket, head) => {
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) return fail(proxyRefusal(proxy, status, route.name));
      stop.removeEventListener('abort', giveUp);
      if (head.length > 0) socket.unshift(head);
      return resolve(socket);
    });
    asked.end();
  });
}

function proxyFailure(proxy: Proxy, { error, persistence }: Failure): Failure {
  if (error.code === 'TIMED_OUT') return { error, persistence };
  const message = `the proxy does not work: ${error.message}`;
  return { error: new HttpError('PROXY_FAILED', message, { hint: error.hint, cause: error.cause }), persistence };
}

/** What a proxy's own refusal means. */
export function proxyRefusal(proxy: Proxy, status: number, target: string): Failure {
  if (status === 407) {
    const error = new HttpError('PROXY_FAILED', `the proxy ${proxy.name} wants another user name or password`, {
      hint: 'write them into the proxy variable: http://user:password@host:port',
    });
    return { error, persistence: 'never' };
  }
  const error = new HttpError(
    'PROXY_FAILED',
    `the proxy ${proxy.name} does not connect to ${target}: status ${status}`,
  );
  return { error, persistence: status >= 500 ? 'few' : 'never' };
}

/** Waits for the event that says that a socket is usable. Whatever fails or stops this ends the socket. */
function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  stop: AbortSignal,
  failure: (error: unknown) => Failure,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      stop.removeEventListener('abort', onAbort);
      socket.off(event, onOpen).off('error', onError).off('close', onClose);
      // Errors of a socket that nobody waits for any more, or whose reader has not come yet.
      socket.on('error', () => {});
    };
    const onOpen = (): void => {
      settle();
      socket.setNoDelay(true).setKeepAlive(true, 60_000);
      resolve(socket);
    };
    const onError = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(new FailedConnection(failure(error)));
    };
    const onClose = (): void => onError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const onAbort = (): void => onError(stop.reason);
    socket.on(event, onOpen).on('error', onError).on('close', onClose);
    stop.addEventListener('abort', onAbort, { once: true });
    if (stop.aborted) onAbort();
  });
}
