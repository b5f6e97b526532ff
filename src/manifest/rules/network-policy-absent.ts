import { quoted } from '../analysis/quoted.js';
import type { InputRule } from '../analysis/rule.js';

export const networkPolicyAbsent: InputRule = {
  id: 'TW-K140',
  name: 'network-policy-absent',
  severity: 'LOW',
  scope: 'input',
  title: 'No network policy is in sight',
  why: 'Every pod of the cluster can reach this one, unless a policy that is not among these files stops it.',
  fix: 'add a NetworkPolicy that denies everything, and others that allow what is needed',
  check: ({ workloads, networkPolicies }) => {
    const namespaces = new Set(networkPolicies.map(({ namespace }) => namespace));
    return workloads
      .filter(({ namespace, hostNetwork }) => !hostNetwork && !namespaces.has(namespace))
      .map(({ at, namespace }) => ({
        at,
        message: `no NetworkPolicy of the namespace ${quoted(namespace)} is among these files`,
      }));
  },
};
