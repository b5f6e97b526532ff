export {
  entryOf,
  imagePolicyPlugin,
  readAdmissionConfiguration,
  type AdmissionConfiguration,
  type PluginEntry,
} from './admission-configuration.js';
export type { ApiServer } from './api-server.js';
export {
  certifies,
  clientAuth,
  isFor,
  leadsTo,
  readCertificate,
  readCertificates,
  readPrivateKey,
  serverAuth,
  type Certificate,
} from './certificate.js';
export { openCluster, type Cluster, type ClusterAnswer, type ClusterOptions } from './cluster.js';
export { ControlPlaneError } from './errors.js';
export type { Examination, ExamineOptions, LiveTarget, NamedFile } from './examination.js';
export { examine } from './examine.js';
export { explainLog, explainWords, type Explanation } from './explain-log.js';
export { FaultList, type Fault, type FaultSeverity, type FaultWords, type Place } from './fault.js';
export { lastFlag, listOf, readFlags, type Flag, type ListItem, type Word } from './flags.js';
export {
  folderOf,
  isWithin,
  memoryHost,
  resolvePath,
  textOf,
  type Host,
  type HostEntry,
  type MemoryFile,
} from './host.js';
export { readImagePolicy, type ImagePolicy } from './image-policy.js';
export { faultKinds, type FaultId, type FaultKind } from './kinds/index.js';
export { readKubeconfig, type Kubeconfig, type NamedEntry } from './kubeconfig.js';
export { askLive, type LiveAnswer, type LiveQuestion, type ReviewProtocol } from './live.js';
export { mapToContainer, mapToHost, type Mapped, type Mount, type MountTable, type Volume } from './mounts.js';
export { openHost } from './open-host.js';
export type { ClusterQuestions } from './prove-cluster.js';
export { proveLive, type ProveOptions } from './prove.js';
export { readApiServer } from './read-api-server.js';
export { readLogFile } from './read-log.js';
export type { UnreadFile } from './server-files.js';
export { readDocument, readDocuments, type LocatedDocument } from './source-file.js';
export { checkWebhookConfigurations, type ConfiguredWebhook } from './webhook-configuration.js';
export { type WebhookConnection } from './webhook-connection.js';
export {
  allowlistForms,
  generateAllowlist,
  type Allowlist,
  type AllowlistForm,
  type AllowlistRequest,
  type GeneratedFile,
} from './generate/generate-allowlist.js';
export type { Omission } from './generate/static-rules.js';
export { apiServerFlags, nodePath } from './init/api-server-files.js';
export { readManifest } from './init/edit-static-pod.js';
export { presentImagePolicy } from './init/merge-configuration.js';
export { k3sConfigurationFile, k3sOwnFile, readK3s, type K3sFiles } from './init/k3s-files.js';
export {
  checkPolicyForCluster,
  filesFolder,
  setupParts,
  type SetupInput,
  type SetupPart,
} from './init/setup-files.js';
export {
  admissionForms,
  asksImagePolicy,
  asksValidating,
  changesApiServer,
  checkPlan,
  clientName,
  flavours,
  serverNames,
  setupName,
  topologies,
  type NamedText,
  type SetupPlan,
} from './init/setup-plan.js';
export { setupReadme, tryNamesOf, type TryNames } from './init/setup-words.js';
