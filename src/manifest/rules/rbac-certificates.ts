import { grants } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacCertificates: ObjectRule = {
  id: 'TW-K111',
  name: 'rbac-certificates',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder approve certificates',
  why: "With a certificate of one's own making one becomes any user, also one of system:masters.",
  fix: 'leave approving to the controllers of the cluster',
  kinds: ['ClusterRole'],
  check: (object) =>
    grants(object, [
      { group: 'certificates.k8s.io', resources: ['certificatesigningrequests/approval'], verbs: ['update', 'patch'] },
      { group: 'certificates.k8s.io', resources: ['certificatesigningrequests/status'], verbs: ['update', 'patch'] },
      { group: 'certificates.k8s.io', resources: ['signers'], verbs: ['approve', 'sign'], whateverNames: true },
    ]),
};
