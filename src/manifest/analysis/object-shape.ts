import type { JsonObject } from '../../formats/index.js';
import { ShapeChecker, type FieldShape, type Place, type ShapeProblem } from './shape.js';

const metadata: Place = {
  name: 'metadata',
  fields: { name: 'text', generateName: 'text', namespace: 'text', labels: 'textMapping', annotations: 'textMapping' },
};

const role: Place = {
  name: 'the role',
  fields: {
    metadata,
    rules: [
      {
        name: 'a rule',
        fields: {
          verbs: 'texts',
          apiGroups: 'texts',
          resources: 'texts',
          resourceNames: 'texts',
          nonResourceURLs: 'texts',
        },
      },
    ],
    aggregationRule: { name: 'aggregationRule', fields: { clusterRoleSelectors: 'list' } },
  },
};

const binding: Place = {
  name: 'the binding',
  fields: {
    metadata,
    subjects: [{ name: 'a subject', fields: { kind: 'text', name: 'text', namespace: 'text', apiGroup: 'text' } }],
    roleRef: { name: 'roleRef', fields: { kind: 'text', name: 'text', apiGroup: 'text' } },
  },
};

const selector: Place = {
  name: 'a selector',
  fields: {
    matchLabels: 'textMapping',
    matchExpressions: [{ name: 'a requirement', fields: { key: 'text', operator: 'text', values: 'texts' } }],
  },
};

function peers(field: 'from' | 'to'): readonly [Place] {
  const peer: Place = {
    name: 'a peer',
    fields: {
      podSelector: selector,
      namespaceSelector: selector,
      ipBlock: { name: 'ipBlock', fields: { cidr: 'text', except: 'texts' } },
    },
  };
  return [{ name: 'a rule', fields: { ports: 'list', [field]: [peer] } }];
}

const claim: Place = {
  name: 'a claim',
  fields: {
    metadata,
    spec: {
      name: 'spec',
      fields: { accessModes: 'texts', resources: { name: 'resources', fields: { requests: 'mapping' } } },
    },
  },
};

const template: Place = { name: 'the template', fields: { metadata } };
const workload = withSpec({ template });

/** The fields that rules look at, by kind; those of pod specs are looked at wherever one is. */
const byKind: Readonly<Record<string, Place>> = {
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  ServiceAccount: { name: 'the account', fields: { metadata, automountServiceAccountToken: 'boolean' } },
  ConfigMap: { name: 'the ConfigMap', fields: { metadata, data: 'textMapping', binaryData: 'textMapping' } },
  Secret: { name: 'the Secret', fields: { metadata, type: 'text', data: 'textMapping', stringData: 'textMapping' } },
  NetworkPolicy: withSpec({
    podSelector: selector,
    policyTypes: 'texts',
    ingress: peers('from'),
    egress: peers('to'),
  }),
  Ingress: withSpec({
    rules: 'list',
    tls: [{ name: 'a certificate', fields: { hosts: 'texts', secretName: 'text' } }],
  }),
  Service: withSpec({ type: 'text', externalIPs: 'texts', loadBalancerSourceRanges: 'texts' }),
  PersistentVolume: withSpec({ hostPath: { name: 'hostPath', fields: { path: 'text' } } }),
  PersistentVolumeClaim: claim,
  StatefulSet: withSpec({ template, volumeClaimTemplates: [claim] }),
  Deployment: workload,
  DaemonSet: workload,
  ReplicaSet: workload,
  ReplicationController: workload,
  Job: workload,
  CronJob: withSpec({ jobTemplate: workload }),
  PodTemplate: { name: 'the object', fields: { metadata, template } },
  ValidatingWebhookConfiguration: { name: 'the configuration', fields: { metadata, webhooks: 'list' } },
  MutatingWebhookConfiguration: { name: 'the configuration', fields: { metadata, webhooks: 'list' } },
};

const checkers: ReadonlyMap<string, ShapeChecker> = new Map(
  Object.entries(byKind).map(([kind, place]) => [kind, new ShapeChecker(place)]),
);
const anyKind = new ShapeChecker({ name: 'the object', fields: { metadata } });

/** Fields of an object that rules look at and that have the wrong type; those of its pods are not looked at. */
export function objectShapeProblems(kind: string, value: JsonObject): readonly ShapeProblem[] {
  return (checkers.get(kind) ?? anyKind).check(value);
}

function withSpec(fields: { readonly [key: string]: FieldShape }): Place {
  return { name: 'the object', fields: { metadata, spec: { name: 'spec', fields } } };
}
