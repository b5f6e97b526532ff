import type { FieldEdit } from '../analysis/manifest-report.js';
import { quoted } from '../analysis/quoted.js';
import type { InputHit, InputRule } from '../analysis/rule.js';

export const serviceAccountTokenMounted: InputRule = {
  id: 'TW-K040',
  name: 'service-account-token-mounted',
  severity: 'MEDIUM',
  scope: 'input',
  title: 'A token for the API of Kubernetes lies in every container',
  why: 'Whoever gets in can talk to the API server as the service account.',
  fix: 'set automountServiceAccountToken to false, in the pod or in its ServiceAccount',
  check: ({ workloads, serviceAccounts }) => {
    const accounts = new Map(serviceAccounts.map((account) => [`${account.namespace}/${account.name}`, account]));
    return workloads.flatMap((workload): InputHit[] => {
      const { token, automount, namespace, serviceAccount } = workload;
      if (!token) return [];
      const account = accounts.get(`${namespace}/${serviceAccount}`);
      if (automount === undefined && account?.automount === false) return [];
      const edits: readonly FieldEdit[] = [{ path: token.path, set: false }];
      if (automount === true) {
        const message = 'automountServiceAccountToken is true';
        return [{ at: token, message, effective: { value: true, from: 'pod' }, edits }];
      }
      const message =
        account?.automount === true
          ? `automountServiceAccountToken is true in the ServiceAccount ${quoted(serviceAccount)}`
          : 'automountServiceAccountToken is not set, which mounts it';
      return [
        { at: token, message, effective: { value: true, from: account?.automount ? 'object' : 'default' }, edits },
      ];
    });
  },
};
