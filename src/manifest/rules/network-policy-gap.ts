import { quoted } from '../analysis/quoted.js';
import type { InputRule } from '../analysis/rule.js';
import { selects } from '../analysis/selector.js';

export const networkPolicyGap: InputRule = {
  id: 'TW-K141',
  name: 'network-policy-gap',
  severity: 'MEDIUM',
  scope: 'input',
  title: 'No network policy selects a pod',
  why: 'The namespace has policies, and this pod is left open to every other one.',
  fix: 'add a NetworkPolicy whose podSelector selects it, best an empty one that denies everything',
  check: ({ workloads, networkPolicies }) => {
    const namespaces = new Set(networkPolicies.map(({ namespace }) => namespace));
    return workloads
      .filter(({ namespace, labels, hostNetwork }) => {
        if (hostNetwork || !namespaces.has(namespace)) return false;
        const own = networkPolicies.filter((policy) => policy.namespace === namespace);
        return !own.some(({ selector }) => selector && selects(selector, labels));
      })
      .map(({ at, namespace }) => ({ at, message: `none of the network policies of ${quoted(namespace)} selects it` }));
  },
};
