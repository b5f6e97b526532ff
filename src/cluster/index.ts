export { ClusterError, type ClusterErrorCode } from './errors.js';
export { inClusterAccess, type Environment } from './in-cluster.js';
export { kubeconfigAccess } from './kubeconfig.js';
export type { ClusterAccess, FindClusterAccess } from './cluster-access.js';
export {
  openPullSecretReader,
  type PullSecretReader,
  type PullSecretReaderOptions,
  type ReadResult,
} from './pull-secret-reader.js';
export type { ClusterLogin, ReadLogins } from './secret-logins-of.js';
