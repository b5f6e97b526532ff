import type { Server } from 'node:https';
import { ServerError } from './errors.js';
import type { ListenAddress } from './kubesec-server.js';

/**
 * Listens, and gives the address with the port that was taken, where 0 was asked for. What goes wrong with the listener
 * later is told.
 * @throws ServerError `CANNOT_LISTEN`.
 */
export async function listenOn(
  server: Server,
  address: ListenAddress,
  tell: (error: Error) => void,
): Promise<ListenAddress> {
  const { host, port } = address;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new ServerError('CANNOT_LISTEN', `cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', tell);
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? { host, port: bound.port } : address;
}
