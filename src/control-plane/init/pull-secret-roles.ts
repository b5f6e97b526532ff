import type { JsonObject } from '../../formats/index.js';
import { asksImagePolicy, setupName, type SetupPlan } from './setup-plan.js';

const roleName = `${setupName}-pull-secrets`;
/** Names of secrets cannot be foretold, and nothing is ever listed. */
const rules = [{ apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: ['get'] }];
const apiVersion = 'rbac.authorization.k8s.io/v1';

/** Of all namespaces. */
export const everyNamespace = '*';

/** The right to read secrets of the namespaces of the plan, one by one, or of all; nothing where none are read. */
export function pullSecretRoles(
  { pullSecretNamespaces, namespace }: SetupPlan,
  labels: JsonObject,
): readonly JsonObject[] {
  const subjects = [{ kind: 'ServiceAccount', name: setupName, namespace }];
  const pair = (kind: 'Role' | 'ClusterRole', metadata: JsonObject): readonly JsonObject[] => [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
      subjects,
    },
  ];
  if (pullSecretNamespaces.includes(everyNamespace)) return pair('ClusterRole', { name: roleName, labels });
  return pullSecretNamespaces.flatMap((one) => pair('Role', { name: roleName, namespace: one, labels }));
}

/** What the webhook is told of them. */
export function pullSecretFlags(plan: SetupPlan): readonly string[] {
  if (plan.pullSecretNamespaces.length === 0) return [];
  // Else no private image could pass ImagePolicyWebhook, which does not say what secrets a pod has.
  const account = asksImagePolicy(plan) ? ['--image-review-service-account=default'] : [];
  return ['--pull-secrets=cluster', ...account];
}

/** What the README says of it. */
export function pullSecretWords(plan: SetupPlan): string {
  const { pullSecretNamespaces } = plan;
  if (pullSecretNamespaces.length === 0) return '';
  const isEverywhere = pullSecretNamespaces.includes(everyNamespace);
  const scope = isEverywhere
    ? `The webhook may read **every secret of the cluster**, because \`--pull-secrets-namespaces "*"\` was chosen: whoever takes it
over has all passwords and tokens that are kept there. It saves a step for each new namespace. To give it less, name the
namespaces that have private images.`
    : `The webhook may read secrets and service accounts by their names in ${listed(pullSecretNamespaces)}, and nowhere else;
it may list none. A role cannot tell pull secrets from others, so keep other secrets out of these namespaces where you can.
The roles stand beside the service account; their namespaces must be there before. In every other namespace images are
scanned without pull secrets: run \`tidewaiter admission init\` again when one is added.`;
  return `
## Pull secrets

Private images are scanned with the pull secrets of their pods, or of the service accounts that pods are made with
(\`--pull-secrets cluster\`). ${scope}
${asksImagePolicy(plan) ? imageReviewWords : ''}
The pods of the webhook need a way to the API server: the NetworkPolicy here limits nothing that goes out. A stricter one
of yours must let them reach the API server and the registries.
`;
}

const imageReviewWords = `
ImagePolicyWebhook does not say what pull secrets a pod has: for it those of the service account \`default\` of the namespace
are used. Private images of pods with other secrets are refused there if the policy has rules over scans.
`;

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
