import type { Connections } from './connections.js';
import { HttpError } from './errors.js';
import type { HttpClient, HttpOptions } from './http-client.js';

/** A client of its own connections. Neither they nor the library under them are there before the first request. */
export function createHttpClient(options: HttpOptions): HttpClient {
  let connections: Promise<Connections> | undefined;
  return {
    async request(context, request) {
      context.signal.throwIfAborted();
      if (options.offline === true) {
        throw new HttpError('OFFLINE', `${request.url.host} was not asked: connections are forbidden`);
      }
      // Loaded here, because errors and types of this room are in use where nothing is ever fetched.
      const { Exchange } = await import('./exchange.js');
      connections ??= openConnections(options);
      return await new Exchange(context, request, options, await connections).answer();
    },
    async close() {
      await (await connections)?.close();
    },
  };
}

async function openConnections(options: HttpOptions): Promise<Connections> {
  const { Connections } = await import('./connections.js');
  return new Connections(options);
}
