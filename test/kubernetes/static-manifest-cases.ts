import type { FaultId } from '../../src/control-plane/index.js';
import type { StartUpCase } from './start-up-cases.js';

const gate = '--feature-gates=ManifestBasedAdmissionControlConfig=true';
const configFlag = '--admission-control-config-file={dir}/ac.yaml';

function configuration(
  changes: { readonly policies?: string; readonly webhooks?: string; readonly kind?: string } = {},
): string {
  const { policies = '{dir}/policies', webhooks = 'staticManifestsDir: {dir}/webhooks', kind } = changes;
  return `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ValidatingAdmissionPolicy
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: ${kind ?? 'ValidatingAdmissionPolicyConfiguration'}
    staticManifestsDir: ${policies}
- name: ValidatingAdmissionWebhook
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: WebhookAdmissionConfiguration
    ${webhooks}
`;
}

const version = 'admissionregistration.k8s.io/v1';
const pods = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['pods', 'pods/ephemeralcontainers'],
};

function policy(name: string, spec: object = {}, more: object = {}): object {
  return {
    apiVersion: version,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [pods] }, validations: [{ expression: 'true' }], ...spec },
    ...more,
  };
}

function binding(name: string, policyName: string, spec: object = {}): object {
  const validationActions = ['Deny'];
  return {
    apiVersion: version,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName, validationActions, ...spec },
  };
}

function webhook(name: string, clientConfig: object = { url: 'https://localhost:8443/validate' }): object {
  const one = {
    name: 'images.tidewaiter.dev',
    clientConfig,
    rules: [pods],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 5,
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'tidewaiter'] },
      ],
    },
  };
  return { apiVersion: version, kind: 'ValidatingWebhookConfiguration', metadata: { name }, webhooks: [one] };
}

const goodPolicy = policy('images.tidewaiter.static.k8s.io');
const goodBinding = binding('images.tidewaiter.static.k8s.io', 'images.tidewaiter.static.k8s.io');
const goodWebhook = webhook('images.tidewaiter.static.k8s.io');

type Objects = Readonly<Record<string, object | string>>;

interface Change {
  readonly objects?: Objects;
  readonly configuration?: string;
  readonly flags?: readonly string[];
}

function make(setting: string, fault: FaultId | undefined, change: Change): StartUpCase {
  const written = Object.entries(change.objects ?? {}).map(([name, object]): [string, string] => [
    name,
    typeof object === 'string' ? object : JSON.stringify(object, null, 1),
  ]);
  return {
    setting,
    area: 'static manifests',
    starts: fault === undefined,
    ...(fault === undefined ? {} : { fault }),
    severity: fault === undefined ? undefined : 'error',
    files: {
      'ac.yaml': change.configuration ?? configuration(),
      'policies/README.txt': 'policies\n',
      'webhooks/README.txt': 'webhooks\n',
      ...Object.fromEntries(written),
    },
    flags: change.flags ?? [configFlag, gate],
    workingFolder: '/',
  };
}

const works = (setting: string, objects: Objects = {}): StartUpCase => make(setting, undefined, { objects });
const bad = (setting: string, fault: FaultId, object: object | string, more: Objects = {}): StartUpCase =>
  make(setting, fault, { objects: { 'policies/bad.json': object, ...more } });

const yaml = 'apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n';

/** Every recorded start-up with policies and webhooks on the disk, as files and flags. */
export const staticManifestCases: readonly StartUpCase[] = [
  works('empty dirs'),
  make('gate off', 'feature-gate-off', { flags: [configFlag] }),
  works('policy + binding + webhook', {
    'policies/policy.json': goodPolicy,
    'policies/binding.json': goodBinding,
    'webhooks/webhook.json': goodWebhook,
  }),
  make('broken file at start', 'static-manifest-field', {
    objects: { 'policies/zz.json': policy('p.static.k8s.io', { foo: 1 }) },
  }),
  works('guard', {
    'policies/guard.json': policy('guard.static.k8s.io', {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['admissionregistration.k8s.io'], apiVersions: ['*'], operations: ['DELETE'], resources: ['*'] },
        ],
      },
    }),
  }),
  bad('name without suffix', 'static-manifest-name', policy('plain')),
  bad(
    'paramKind',
    'static-manifest-parameters',
    policy('p.static.k8s.io', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }),
  ),
  bad(
    'paramRef in binding',
    'static-manifest-parameters',
    binding('b.static.k8s.io', 'images.tidewaiter.static.k8s.io', {
      paramRef: { name: 'x', namespace: 'default', parameterNotFoundAction: 'Deny' },
    }),
    { 'policies/policy.json': goodPolicy },
  ),
  bad(
    'binding to a policy that is not here',
    'static-manifest-policy-missing',
    binding('b.static.k8s.io', 'other.static.k8s.io'),
  ),
  bad('binding to an API policy name', 'static-manifest-name', binding('b.static.k8s.io', 'apipolicy')),
  bad('duplicate name', 'static-manifest-name-twice', goodPolicy, { 'policies/policy.json': goodPolicy }),
  bad('v1beta1', 'static-manifest-kind', {
    ...policy('p.static.k8s.io'),
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
  }),
  bad('other kind in folder', 'static-manifest-kind', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c.static.k8s.io' },
  }),
  bad('webhook in policy folder', 'static-manifest-kind', goodWebhook),
  bad('bad CEL', 'static-manifest-expression', policy('p.static.k8s.io', { validations: [{ expression: 'object.' }] })),
  bad('unknown field', 'static-manifest-field', policy('p.static.k8s.io', {}, { foo: 1 })),
  works('List', { 'policies/list.json': { apiVersion: 'v1', kind: 'List', items: [goodPolicy, goodBinding] } }),
  make('yaml two documents', 'static-manifest-comment', {
    objects: {
      'policies/policy.json': goodPolicy,
      'policies/two.yaml': `# c\n---\n${yaml}metadata: {name: a.static.k8s.io}\nspec: {policyName: images.tidewaiter.static.k8s.io, validationActions: [Deny]}\n---\n${yaml}metadata: {name: b.static.k8s.io}\nspec: {policyName: images.tidewaiter.static.k8s.io, validationActions: [Audit]}\n`,
    },
  }),
  works('other extension ignored', { 'policies/notes.txt': 'kind: Nothing\n', 'policies/policy.json': goodPolicy }),
  make('webhook with service', 'static-manifest-service', {
    objects: {
      'webhooks/bad.json': webhook('w2.static.k8s.io', { service: { name: 's', namespace: 'tidewaiter', path: '/' } }),
    },
  }),
  make('webhook name without suffix', 'static-manifest-name', { objects: { 'webhooks/bad.json': webhook('w2') } }),
  make('relative dir', 'static-folder-relative', { configuration: configuration({ policies: 'policies' }) }),
  make('missing dir', 'static-folder-missing', { configuration: configuration({ policies: '{dir}/nope' }) }),
  make('webhook kubeConfigFile relative', 'plugin-kubeconfig-relative', {
    configuration: configuration({ webhooks: 'kubeConfigFile: x.yaml' }),
  }),
  make('webhook kubeConfigFile missing', 'file-missing', {
    configuration: configuration({ webhooks: 'kubeConfigFile: /nope/x.yaml' }),
  }),
  make('policy configuration wrong kind', 'plugin-configuration-kind', {
    configuration: configuration({ kind: 'ValidatingAdmissionPolicyConfig' }),
  }),
];
