import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacAggregation: ObjectRule = {
  id: 'TW-K117',
  name: 'rbac-aggregation',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'The rights of a role come from elsewhere',
  why: 'Whoever may make a ClusterRole with the label adds to the rights of everybody who has the role.',
  fix: 'write the rules out',
  kinds: ['ClusterRole'],
  check: ({ value }) => {
    const selectors = asArray(asObject(value.aggregationRule)?.clusterRoleSelectors) ?? [];
    const path = ['aggregationRule', 'clusterRoleSelectors'];
    const ofRule = selectors.map((item, at): Hit => {
      const selector = asObject(item) ?? {};
      const isWide = Object.keys(selector).length === 0;
      return {
        path: [...path, at],
        message: isWide ? 'takes the rules of every ClusterRole' : 'takes the rules of ClusterRoles with a label',
      };
    });
    const labels = asObject(asObject(value.metadata)?.labels) ?? {};
    const ofLabels = Object.keys(labels)
      .filter((key) => key.startsWith(aggregates) && labels[key] === 'true')
      .map(
        (key): Hit => ({
          path: ['metadata', 'labels', key],
          message: `adds its rules to the ClusterRole ${quoted(key.slice(aggregates.length))}`,
        }),
      );
    return [...ofRule, ...ofLabels];
  },
};

const aggregates = 'rbac.authorization.k8s.io/aggregate-to-';
