import { createServer, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** HTTP/2 connections of a server, which its own `close` knows nothing of. */
export interface Http2Beside {
  /** Takes no new streams; those under way end. */
  finish(): void;
  destroy(): void;
}

/** Answers HTTP/2, too, to those who choose it (ALPN `h2`, which the server must offer). */
export function serveHttp2Beside(
  server: Server,
  listener: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  idleMs: number,
): Http2Beside {
  const sessions = new Set<ServerHttp2Session>();
  const http2 = createServer({ settings: { maxConcurrentStreams: 250 }, maxSessionMemory: 16 }, listener);
  http2.on('session', (session) => {
    sessions.add(session);
    session.setTimeout(idleMs, () => session.close());
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  http2.on('sessionError', () => {});
  const http1 = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket);
    else for (const listen of http1) Reflect.apply(listen, server, [socket]);
  });
  return {
    finish() {
      for (const session of sessions) session.close();
    },
    destroy() {
      for (const session of sessions) session.destroy();
    },
  };
}
