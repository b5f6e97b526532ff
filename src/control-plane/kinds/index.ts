import { certificateKinds } from './certificate-kinds.js';
import { commandKinds } from './command-kinds.js';
import { configurationKinds } from './configuration-kinds.js';
import { connectionKinds } from './connection-kinds.js';
import type { FaultKind } from './fault-kind.js';
import { fileKinds } from './file-kinds.js';
import { kubeconfigKinds } from './kubeconfig-kinds.js';
import { logKinds } from './log-kinds.js';
import { policyKinds } from './policy-kinds.js';
import { staticManifestKinds } from './static-manifest-kinds.js';
import { webhookKinds } from './webhook-kinds.js';

/** Every fault that can be found, by its id; an id is never used for anything else once it has been. */
export const faultKinds = {
  ...fileKinds,
  ...commandKinds,
  ...configurationKinds,
  ...kubeconfigKinds,
  ...certificateKinds,
  ...connectionKinds,
  ...webhookKinds,
  ...policyKinds,
  ...staticManifestKinds,
  ...logKinds,
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultId = keyof typeof faultKinds;
export type { FaultKind } from './fault-kind.js';
