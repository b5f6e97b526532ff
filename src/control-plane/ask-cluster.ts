import type { CheckAt } from './check-certificates.js';
import {
  addressOfService,
  checkClusterObjects,
  compareWithCluster,
  readCluster,
  type ClusterObjects,
} from './check-cluster.js';
import type { Cluster } from './cluster.js';
import { probe, type Probe } from './probe.js';
import { proveCluster, type ClusterProof, type ClusterQuestions } from './prove-cluster.js';
import type { SetupFile } from './setup-pieces.js';
import type { ConfiguredWebhook } from './webhook-configuration.js';

export interface ClusterInquiry {
  /** What they hold must be in the cluster. */
  readonly files: readonly SetupFile[];
  readonly dryRun: ClusterQuestions | undefined;
  /** Try whether webhooks behind Services can be dialled from here. */
  readonly connect: boolean | undefined;
  readonly check: CheckAt;
}

/** A webhook behind a Service: without a URL it cannot be dialled from here. */
export interface ServiceWebhook {
  readonly webhook: ConfiguredWebhook;
  /** The name that its certificate must be for. */
  readonly dialledAs: string;
}

/** Asks the API server for its webhooks and policies, checks them, and has it decide about images. */
export async function askCluster(
  cluster: Cluster,
  { files, dryRun, connect, check }: ClusterInquiry,
): Promise<ClusterProof & { readonly webhooks: readonly ServiceWebhook[] }> {
  const found: ClusterObjects = await readCluster(cluster);
  compareWithCluster(files, found, check.faults);
  const webhooks: ServiceWebhook[] = [];
  for (const webhook of checkClusterObjects(cluster, found, check)) {
    if (connect === true) webhooks.push(...(await behindService(cluster, webhook)));
  }
  const proof = dryRun === undefined ? { answers: [], unread: [] } : await proveCluster(cluster, dryRun, check.faults);
  return { answers: proof.answers, unread: [...found.unread, ...proof.unread], webhooks };
}

const outOfReach: ReadonlySet<Probe['kind']> = new Set(['silent', 'closed', 'unresolved', 'failed'] as const);

/** Services can be dialled on a node of the cluster and in its pods, mostly from nowhere else. */
async function behindService(cluster: Cluster, webhook: ConfiguredWebhook): Promise<readonly ServiceWebhook[]> {
  const { service } = webhook;
  if (service === undefined) return [];
  const dialledAs = `${service.name}.${service.namespace}.svc`;
  const url = await addressOfService(cluster, service);
  const identity = { serverName: dialledAs, isAddress: false, certificate: undefined, key: undefined };
  const isReached = url !== undefined && !outOfReach.has((await probe({ url, ...identity })).kind);
  return [{ webhook: { ...webhook, url: isReached ? url : undefined }, dialledAs }];
}
