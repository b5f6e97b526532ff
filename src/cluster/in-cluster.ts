import { isIP } from 'node:net';
import { join } from 'node:path';
import type { ClusterAccess, FindClusterAccess } from './cluster-access.js';
import { ClusterError } from './errors.js';
import { readSmallFile, readToken } from './read-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the kubelet puts the token of a pod's service account, and the authority of the API server. */
const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The way from inside a pod, as the kubelet lays it out: address from the environment, `token` and `ca.crt` from the folder.
 * @throws ClusterError `CLUSTER_CONFIG_INVALID` at once where this is no pod, or one without a token
 */
export async function inClusterAccess(environment: Environment, folder = usualFolder): Promise<FindClusterAccess> {
  const server = serverOf(environment);
  const tokenFile = join(folder, 'token');
  const find = async (): Promise<ClusterAccess> => ({
    server,
    ca: await readSmallFile(join(folder, 'ca.crt'), 'authority of the API server'),
    tokenFile,
  });
  await find();
  await readToken(tokenFile);
  return find;
}

function serverOf({ KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' }: Environment): URL {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const text = `https://${name}:${port}`;
  if (host !== '' && /^[0-9]{1,5}$/.test(port) && !/[\s/?#@\\]/.test(host) && URL.canParse(text)) return new URL(text);
  throw new ClusterError('CLUSTER_CONFIG_INVALID', 'this process runs in no pod of a cluster', {
    hint: 'name a kubeconfig with --kubeconfig, or run it where KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are set',
  });
}
