export { AdmissionMetrics } from './admission-metrics.js';
export { openAdmissionOpa, type AdmissionOpaOptions, type OpaService } from './admission-opa.js';
export { openAdmissionScans, type AdmissionScansOptions, type PullSecretSettings } from './admission-scans.js';
export type { AdmissionServerOptions, NamedPolicy, ScanService } from './admission-options.js';
export { serveAdmission, type AdmissionServer } from './admission-server.js';
export { withFirstSeen } from './first-seen-scans.js';
export { ServerError } from './errors.js';
export {
  parseListenAddress,
  serveKubesec,
  type KubesecServerOptions,
  type ListenAddress,
  type RunningServer,
} from './kubesec-server.js';
export { openAdmissionPage } from './open-admission-page.js';
export type { AdmissionPage, AdmissionPageOptions } from './page/admission-page.js';
export { RecordLog, type RecordLogOptions } from './record-log.js';
export { readTlsFiles, type TlsFiles, type TlsMaterial } from './tls-files.js';
export { Watched, type WatchedOptions } from './watched.js';
