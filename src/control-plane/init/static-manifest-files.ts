import type { JsonObject } from '../../formats/index.js';
import type { Policy } from '../../policy/index.js';
import { generateAllowlist, yamlText } from '../generate/generate-allowlist.js';
import { exemptNamespaces, setupName, type SetupPlan } from './setup-plan.js';
import { webhookConfiguration } from './webhook-files.js';

/** Below the folder of the set-up; each plugin reads one of its own, without what lies deeper. */
export const manifestFolders = { policies: 'policies', webhooks: 'webhooks' } as const;

/** Names of what lies on the disk end so, and nothing of that name can be made through the API. */
const nameEnd = '.static.k8s.io';

export interface StaticManifestInput {
  readonly plan: SetupPlan;
  readonly policy: Policy;
  /** Decides which rules have hardened. */
  readonly now: Date;
  /** Base64 of the authority's certificate. */
  readonly authorityBase64: string;
}

/** What the API server reads from its disk before it serves, and what nobody can change through the API. */
export function staticManifests({ plan, policy, now, authorityBase64 }: StaticManifestInput): readonly {
  readonly name: string;
  readonly text: string;
}[] {
  if (!plan.staticManifests) return [];
  const allowlist = generateAllowlist(policy, {
    form: 'cel',
    now,
    excludedNamespaces: exemptNamespaces(plan),
    isStatic: true,
  });
  const policies = allowlist.files.map(({ name, text }) => ({ name: `${manifestFolders.policies}/${name}`, text }));
  if (plan.form === 'image-policy') return policies;
  const configuration: JsonObject = {
    ...webhookConfiguration(plan, authorityBase64),
    metadata: { name: `${setupName}${nameEnd}` },
  };
  return [
    ...policies,
    { name: `${manifestFolders.webhooks}/validating-webhook.yaml`, text: yamlText([configuration]) },
  ];
}
