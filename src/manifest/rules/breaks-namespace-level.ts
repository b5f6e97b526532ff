import { quoted } from '../analysis/quoted.js';
import type { InputHit, InputRule } from '../analysis/rule.js';

export const breaksNamespaceLevel: InputRule = {
  id: 'TW-K096',
  name: 'breaks-namespace-level',
  severity: 'HIGH',
  scope: 'input',
  title: 'A pod breaks the level of its namespace',
  why: 'Pod Security admission refuses the pod, so that it never runs.',
  fix: 'make the pod reach the level, or change the label of the namespace',
  check: ({ workloads, namespaces }) => {
    const levels = new Map(namespaces.map(({ name, enforce }) => [name, enforce]));
    return workloads.flatMap(({ at, namespace, level }): InputHit[] => {
      const wanted = levels.get(namespace);
      const isBroken =
        (wanted === 'baseline' && level === 'privileged') || (wanted === 'restricted' && level !== 'restricted');
      if (!isBroken) return [];
      return [{ at, message: `the namespace ${quoted(namespace)} enforces ${wanted}; the pod reaches ${level}` }];
    });
  },
};
