import { grants } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacWebhooks: ObjectRule = {
  id: 'TW-K112',
  name: 'rbac-webhooks',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder change admission',
  why: 'A webhook sees and changes every object, Secrets too, and whoever takes one away opens what it guarded.',
  fix: 'leave the configuration of webhooks and policies to those who run the cluster',
  kinds: ['ClusterRole'],
  check: (object) =>
    grants(object, [
      {
        group: 'admissionregistration.k8s.io',
        resources: [
          'validatingwebhookconfigurations',
          'mutatingwebhookconfigurations',
          'validatingadmissionpolicies',
          'validatingadmissionpolicybindings',
          'mutatingadmissionpolicies',
          'mutatingadmissionpolicybindings',
        ],
        verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      },
    ]),
};
