import { ConfigError } from '../config/index.js';
import { isTidewaiterError } from '../core/index.js';
import { defaultRegistry, parseReference } from '../reference/index.js';

/**
 * The registry that the argument of `login` and `logout` means, as image names spell it: `docker.io` when there is none.
 * A scheme, a last slash and the `/v1/` or `/v2/` of old are left out.
 * @throws ConfigError `INVALID_VALUE`
 */
export function registryOfServer(server: string | undefined): string {
  if (server === undefined) return defaultRegistry;
  const bare = server
    .replace(/^https?:\/\//, '')
    .replace(/^([^/]*)\/v[12]\/?$/, '$1')
    .replace(/\/$/, '');
  if (bare.includes('@')) {
    throw new ConfigError('INVALID_VALUE', 'the server has a user or a password in it', {
      hint: 'write the server alone, and the user with --username',
    });
  }
  if (bare.includes('/')) {
    throw new ConfigError('INVALID_VALUE', `a login is for a whole registry, not for "${bare.slice(0, 100)}"`, {
      hint: `write ${bare.slice(0, bare.indexOf('/')).slice(0, 100) || 'host[:port]'}`,
    });
  }
  return registryOfHost(bare, server);
}

function registryOfHost(host: string, server: string): string {
  const wrong = new ConfigError('INVALID_VALUE', `"${server.slice(0, 100)}" is no registry`, {
    hint: 'write host[:port], such as quay.io or localhost:5000',
  });
  try {
    const { registry } = parseReference(`${host}/x`);
    // A lone word would be a namespace of Docker Hub.
    if (registry === host || host === 'index.docker.io') return registry;
  } catch (error) {
    if (!isTidewaiterError(error)) throw error;
  }
  throw wrong;
}
