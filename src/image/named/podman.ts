import { join } from 'node:path';
import type { Context } from '../../core/index.js';
import type { OpenedImages } from '../image.js';
import { type DaemonEndpoint, parseEndpoint } from './docker-endpoint.js';
import { openFromDaemon } from './docker-open.js';
import type { NamedImage, NamedSource } from './named-source.js';
import { isThere } from './setting-file.js';

/** The images of the Podman service, over its Docker-compatible API. */
export const podman = {
  id: 'podman',
  title: 'Podman',
  async open(context: Context, wanted: NamedImage): Promise<OpenedImages> {
    const endpoint = await findPodmanEndpoint(wanted);
    return await openFromDaemon(context, { endpoint, title: podman.title }, wanted);
  },
} as const satisfies NamedSource;

/**
 * Where Podman listens: `podmanHost`, `CONTAINER_HOST`, or the user's own socket; root's where that is not there.
 * @throws ImageError `SOURCE_UNAVAILABLE`
 */
async function findPodmanEndpoint({
  podmanHost,
  environment,
}: Pick<NamedImage, 'podmanHost' | 'environment'>): Promise<DaemonEndpoint> {
  const host = podmanHost || environment['CONTAINER_HOST'];
  if (host) return parseEndpoint({ host, title: podman.title, saving: 'podman save' });
  const sockets = usualSockets(environment);
  for (const path of sockets) if (await isThere(path)) return { kind: 'socket', path };
  return { kind: 'socket', path: sockets[0] ?? systemSocket };
}

const systemSocket = '/run/podman/podman.sock';

function usualSockets(environment: NamedImage['environment']): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'];
  const user = process.getuid?.() ?? 0;
  const own = runtime ? [join(runtime, 'podman/podman.sock')] : [];
  return user === 0 ? [...own, systemSocket] : [...own, `/run/user/${user}/podman/podman.sock`];
}
