import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file of a web server, and how it is given out. */
export interface ServedFile {
  readonly bytes: Uint8Array;
  readonly etag?: string;
  readonly lastModified?: string;
  /** `Range` is honoured. Default true. */
  readonly ranges?: boolean;
  /** No `Content-Length`. */
  readonly chunked?: boolean;
  /** So many answers break off after so many bytes each. */
  cut?: { times: number; readonly afterBytes: number };
  readonly redirectTo?: string;
  readonly status?: number;
}

export interface FileServer {
  readonly origin: string;
  readonly files: Map<string, ServedFile>;
  /** Method, path and first byte of every request: `GET /db.tar.gz 100`; conditional ones end in `?`. */
  readonly log: string[];
}

/** A web server with the files of the map, on a port of its own; it ends with the test. */
export async function startFileServer(test: { after(run: () => Promise<void>): void }): Promise<FileServer> {
  const files = new Map<string, ServedFile>();
  const log: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const {
      range,
      'if-none-match': ifNoneMatch,
      'if-modified-since': ifModifiedSince,
      'if-range': ifRange,
    } = request.headers;
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const conditional = ifNoneMatch !== undefined || ifModifiedSince !== undefined;
    log.push(`${request.method} ${path}${range === undefined ? '' : ` ${start}`}${conditional ? ' ?' : ''}`);
    const file = files.get(path);
    const status = file?.status ?? (file ? 200 : 404);
    if (file?.redirectTo !== undefined) return void response.writeHead(301, { location: file.redirectTo }).end();
    if (!file || status !== 200) return void response.writeHead(status).end('nothing here');
    const validator = file.etag ?? file.lastModified;
    const headers: Record<string, string> = {};
    if (file.etag !== undefined) headers['etag'] = file.etag;
    if (file.lastModified !== undefined) headers['last-modified'] = file.lastModified;
    if (validator !== undefined && (ifNoneMatch ?? ifModifiedSince) === validator) {
      return void response.writeHead(304, headers).end();
    }
    const partial = range !== undefined && file.ranges !== false && (ifRange === undefined || ifRange === validator);
    if (partial && start >= file.bytes.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${file.bytes.length}` }).end();
    }
    const body = partial ? file.bytes.subarray(start) : file.bytes;
    if (partial) headers['content-range'] = `bytes ${start}-${file.bytes.length - 1}/${file.bytes.length}`;
    if (!file.chunked) headers['content-length'] = String(body.length);
    response.writeHead(partial ? 206 : 200, headers);
    if (file.cut && file.cut.times > 0) {
      file.cut.times--;
      // A pause, so that what was written arrives before the end does.
      response.write(body.subarray(0, file.cut.afterBytes), () => setTimeout(() => response.socket?.destroy(), 20));
      return;
    }
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files, log };
}
