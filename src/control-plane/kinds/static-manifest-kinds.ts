import type { FaultKind } from './fault-kind.js';

/** Policies and webhooks that lie on the disk of the control plane, and the configuration of their plugins. */
export const staticManifestKinds = {
  'feature-gate-off': {
    severity: 'error',
    why: 'staticManifestsDir needs the feature gate ManifestBasedAdmissionControlConfig; the API server does not start',
    fix: 'add --feature-gates=ManifestBasedAdmissionControlConfig=true',
  },
  'plugin-configuration-kind': {
    severity: 'error',
    why: 'the configuration of this plugin has another kind, and the API server does not start',
    fix: 'write the kind that belongs to the plugin',
  },
  'static-folder-relative': {
    severity: 'error',
    why: 'the folder must be an absolute path; the API server does not start',
    fix: 'write the absolute path',
  },
  'static-folder-missing': {
    severity: 'error',
    why: 'the folder must be there, though it may be empty; the API server does not start',
    fix: 'make the folder, or correct the path',
  },
  'plugin-kubeconfig-relative': {
    severity: 'error',
    why: 'kubeConfigFile of this plugin must be an absolute path; the API server does not start',
    fix: 'write the absolute path',
  },
  'static-manifest-broken': {
    severity: 'error',
    why: 'a file of the folder that cannot be read stops the API server',
    fix: 'correct or remove the file',
  },
  'static-manifest-kind': {
    severity: 'error',
    why: 'only admissionregistration.k8s.io/v1 and only the kinds of the plugin may lie there; the API server does not start',
    fix: 'move the object to the folder of its plugin, or out of both',
  },
  'static-manifest-name': {
    severity: 'error',
    why: 'names of objects from files end in .static.k8s.io; the API server does not start',
    fix: 'add .static.k8s.io to the name',
  },
  'static-manifest-name-twice': {
    severity: 'error',
    why: 'two objects of one name stop the API server',
    fix: 'give each its own name',
  },
  'static-manifest-parameters': {
    severity: 'error',
    why: 'policies from files have no parameters; the API server does not start',
    fix: 'write the values into the policy',
  },
  'static-manifest-policy-missing': {
    severity: 'error',
    why: 'a binding names a policy that is not in the folder; the API server does not start',
    fix: 'put the policy into the folder, or correct policyName',
  },
  'static-manifest-service': {
    severity: 'error',
    why: 'webhooks from files are called by url only; the API server does not start',
    fix: 'write clientConfig.url',
  },
  'static-manifest-field': {
    severity: 'error',
    why: 'files of the folder are read strictly: a field that is not known stops the API server',
    fix: 'correct or remove the field',
  },
  'static-manifest-comment': {
    severity: 'error',
    why: 'a comment followed by --- at the top counts as a document without kind and stops the API server',
    fix: 'take the comment or the --- away',
  },
  'static-manifest-expression': {
    severity: 'error',
    why: 'an expression that cannot be compiled stops the API server',
    fix: 'correct the CEL expression',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
