import { evaluatePolicy, type Policy } from '../../policy/index.js';
import { nodePath } from './api-server-files.js';
import { filesFolder } from './setup-files.js';
import { pullSecretWords } from './pull-secret-roles.js';
import { asksImagePolicy, asksValidating, changesApiServer, setupName, type SetupPlan } from './setup-plan.js';

/** Images that show that a set-up works. */
export interface TryNames {
  readonly refused: string | undefined;
  readonly admitted: string | undefined;
}

/** One image that the policy refuses by its name, and one that it lets through, as far as such are found. */
export function tryNamesOf(policy: Policy, now: Date): TryNames {
  const allowed = policy.rules.flatMap(({ check }) => (check.id === 'registries' ? (check.allow ?? []) : []));
  const own = allowed
    .filter(({ isGlob }) => !isGlob)
    .map(({ registry, segments }) => [registry, ...segments, 'app:1'].join('/'));
  const denies = (text: string): boolean =>
    evaluatePolicy(policy, { images: [{ text }], namespace: 'default', labels: {} }, { now }).outcome !== 'pass';
  return {
    refused: ['docker.io/evil/app:1', 'evil.example.com/app:1', 'docker.io/library/nginx:latest'].find(denies),
    admitted: [...own, 'docker.io/library/nginx:1', 'registry.k8s.io/pause:3.10'].find((text) => !denies(text)),
  };
}

/** The README of a set-up: what to do in which order, how to see that it works, and how to get out again. */
export function setupReadme(plan: SetupPlan, policyName: string, tryNames: TryNames): string {
  const steps = [...placeSteps(plan), ...startSteps(plan), ...enforceSteps(plan), ...tryStep(tryNames)];
  return `# Image admission

Written by \`tidewaiter admission init\` for the policy ${policyName}: ${plan.topology}, ${plan.flavour}, ${plan.form}.
Running it again keeps all keys, and renews certificates whose time is nearly over.

\`ca.key\` signs new certificates and is needed nowhere else: move it to a safe place. No other key is of any use outside
this set-up, and none is signed by the authority of the cluster.

## In this order

${steps.map((step, at) => `${at + 1}. ${step}`).join('\n\n')}
${pullSecretWords(plan)}
## Out again

${outSteps(plan).join('\n\n')}

## Good to know

- The kubelet runs static pods, and a node what it was told before, whatever admission says: guard who may write to nodes.
- Whoever may delete the configuration of the webhook, or change the flags of the API server, switches it off: guard that too.
- ${asksImagePolicy(plan) ? 'The API server keeps answers for 30 seconds (10 for denials): a policy that was tightened holds once they are over.' : 'Every request is judged afresh: a new policy holds at once.'}
${plan.staticManifests ? staticWords : ''}- The certificates of the webhook and of the API server are good for a year. Run \`tidewaiter admission init\` again before that.
`;
}

const staticWords = `- What lies in \`policies\` and \`webhooks\` (KEP-5793, alpha in Kubernetes 1.36) is enforced before the API server serves, and
  cannot be seen, changed or deleted through the API. Changes of the files are taken up within a second; a file that cannot
  be read leaves the old set in force: watch \`apiserver_manifest_admission_config_controller_automatic_reloads_total\`.
`;

function placeSteps(plan: SetupPlan): readonly string[] {
  if (plan.topology === 'in-cluster' && !changesApiServer(plan)) return [];
  const { configDir } = plan;
  return [
    `On every node of the control plane, put what is in \`${filesFolder}/\` to \`${configDir}\`:

   \`\`\`sh
   install -d -m 0755 ${configDir}
   cp -rp ${filesFolder}/. ${configDir}/
   \`\`\``,
  ];
}

function startSteps(plan: SetupPlan): readonly string[] {
  switch (plan.topology) {
    case 'systemd':
      return [
        `Start the webhook on every node of the control plane, and see that it answers:

   \`\`\`sh
   cp ${setupName}.service /etc/systemd/system/
   systemctl daemon-reload
   systemctl enable --now ${setupName}
   curl --cacert ${nodePath(plan, 'ca.crt')} https://127.0.0.1:${plan.port}/readyz
   \`\`\``,
      ];
    case 'static-pod':
      return [
        `Start the webhook on every node of the control plane, and see that it answers:

   \`\`\`sh
   cp static-pod.yaml /etc/kubernetes/manifests/${setupName}.yaml
   curl --cacert ${nodePath(plan, 'ca.crt')} https://127.0.0.1:${plan.port}/readyz
   \`\`\``,
      ];
    default:
      return [
        `Start the webhook in the cluster, and wait until it is ready:

   \`\`\`sh
   kubectl apply -f in-cluster/
   kubectl -n ${plan.namespace} rollout status deployment/${setupName}
   \`\`\``,
      ];
  }
}

function enforceSteps(plan: SetupPlan): readonly string[] {
  const steps: string[] = [];
  if (changesApiServer(plan)) steps.push(flagsStep(plan));
  if (asksValidating(plan) && !plan.staticManifests) {
    steps.push(`Have the API server ask it about every pod and workload:

   \`\`\`sh
   kubectl apply -f validating-webhook.yaml
   \`\`\``);
  }
  steps.push(`Look for what is wrong, before anybody meets it:

   \`\`\`sh
   tidewaiter admission doctor${asksValidating(plan) && !plan.staticManifests ? ' --webhook-config validating-webhook.yaml' : ''}
   \`\`\``);
  return steps;
}

function flagsStep({ flavour }: SetupPlan): string {
  if (flavour === 'k3s') {
    return `Give the API server its flags, one server after the other:

   \`\`\`sh
   install -d /etc/rancher/k3s/config.yaml.d
   cp k3s-config.yaml /etc/rancher/k3s/config.yaml.d/${setupName}.yaml
   systemctl restart k3s
   kubectl get --raw /readyz
   \`\`\``;
  }
  const kind =
    flavour === 'kind'
      ? `

   A new cluster of kind gets it from its first start on with \`kind create cluster --config kind-cluster.yaml\`; start the
   webhook in the node at once, because its pods wait for it.`
      : '';
  return `Give the API server its flags, one node after the other: \`tidewaiter admission init ... --apply\` edits
   \`/etc/kubernetes/manifests/kube-apiserver.yaml\` (a copy of it is kept in \`backup/\`, outside the kubelet's folder), and
   the kubelet starts it anew. Then wait for \`kubectl get --raw /readyz\`. By hand: \`kube-apiserver.yaml\` is the whole new
   file if \`--manifest\` was given. So that \`kubeadm upgrade\` keeps it, put \`kubeadm-config.patch.yaml\` into the
   ClusterConfiguration (\`kubectl -n kube-system edit configmap kubeadm-config\`; \`kubeadm-config.v1beta3.patch.yaml\` where
   that is of v1beta3), or give the folder \`kubeadm-patches\` to \`--patches\` (\`patches.directory\` of its configuration).${kind}`;
}

function tryStep({ refused, admitted }: TryNames): readonly string[] {
  const run = (name: string, image: string | undefined): string =>
    image === undefined ? '' : `\n   kubectl run ${name} --image=${image} --dry-run=server`;
  if (refused === undefined && admitted === undefined) return [];
  return [
    `Try it: what is refused comes with the reason.

   \`\`\`sh${run('refused', refused)}${run('admitted', admitted)}
   \`\`\``,
  ];
}

function outSteps(plan: SetupPlan): readonly string[] {
  const steps: string[] = [];
  if (asksValidating(plan) && !plan.staticManifests)
    steps.push('`kubectl delete -f validating-webhook.yaml`: from then on nothing is asked.');
  if (changesApiServer(plan)) {
    steps.push(
      plan.flavour === 'k3s'
        ? `\`tidewaiter admission init ... --rollback\`, or \`rm /etc/rancher/k3s/config.yaml.d/${setupName}.yaml\`, and then\n\`systemctl restart k3s\`.`
        : '`tidewaiter admission init ... --rollback` puts the manifest of the API server back as it was; by hand, copy\nthe one below `backup/` back. It works with the API server down. Take the flags out of the ClusterConfiguration, too.',
    );
  }
  const stop = {
    systemd: `\`systemctl disable ${setupName}\` before \`--rollback\`, \`systemctl stop ${setupName}\` after it`,
    'static-pod': `\`rm /etc/kubernetes/manifests/${setupName}.yaml\``,
    'in-cluster': '`kubectl delete -f in-cluster/`',
  } as const;
  steps.push(`Then stop the webhook: ${stop[plan.topology]}.`);
  return steps;
}
