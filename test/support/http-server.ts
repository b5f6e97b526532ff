import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A request as a server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:port` or `https://localhost:port`. */
  readonly origin: string;
  readonly seen: readonly SeenRequest[];
  readonly server: Server;
}

/** A server on this machine that ends, with its connections, when the test does. With TLS if certificates are given. */
export async function startServer(t: TestContext, listener: RequestListener, tls?: ServerOptions): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const recorded: RequestListener = (request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    listener(request, response);
  };
  const server = tls === undefined ? createServer(recorded) : createTlsServer(tls, recorded);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { port, origin: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`, seen, server };
}

/** A server that speaks no HTTP: each connection is the caller's. */
export async function startSockets(t: TestContext, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** What a test proxy was asked. */
export interface TestProxy extends TestServer {
  /** Targets of CONNECT, with the headers that came. */
  readonly tunnels: readonly SeenRequest[];
}

/** A proxy that takes whole URLs and CONNECT; `refuse` gives the status for what it is not to let through. */
export async function startProxy(
  t: TestContext,
  {
    refuse,
    tls,
  }: { readonly refuse?: (headers: IncomingHttpHeaders) => number | undefined; readonly tls?: ServerOptions } = {},
): Promise<TestProxy> {
  const tunnels: SeenRequest[] = [];
  const started = await startServer(
    t,
    (request, response) => {
      const status = refuse?.(request.headers);
      response.writeHead(status ?? 200, { 'x-by': 'proxy' }).end(`proxied ${request.url ?? ''}`);
    },
    tls,
  );
  const open = new Set<Socket>();
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
  started.server.on('connect', (request, client, head) => {
    tunnels.push({ method: 'CONNECT', url: request.url ?? '', headers: request.headers });
    const status = refuse?.(request.headers);
    if (status !== undefined) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    // Names lead here, whatever they are.
    const port = Number(request.url?.slice(request.url.lastIndexOf(':') + 1));
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    open.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    return undefined;
  });
  return { ...started, tunnels };
}
