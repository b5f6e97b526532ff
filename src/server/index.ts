export { ServerError } from './errors.js';
export {
  parseListenAddress,
  serveKubesec,
  type KubesecServerOptions,
  type ListenAddress,
  type RunningServer,
} from './kubesec-server.js';
