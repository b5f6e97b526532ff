import type { JsonObject } from '../../formats/index.js';
import { podKinds } from '../generate/name-grammar.js';
import { pullSecretFlags, pullSecretRoles } from './pull-secret-roles.js';
import { asksImagePolicy, clientName, exemptNamespaces, setupName, type SetupPlan } from './setup-plan.js';

const labels = { 'app.kubernetes.io/name': setupName };
const userId = 65_532;
/** The API server gives up after this; the webhook itself sooner. */
const timeoutSeconds = 10;
const decisionTimeout = '5s';
/** Of the node: what is lost with it gives vulnerabilities a new grace. */
const stateFolder = '/var/lib/tidewaiter';
/** Of the container, in the cluster: a port that needs no right. */
const containerPort = 8443;

/** The words behind the program's name, with the files in a folder. */
export function serveWords(plan: SetupPlan, folder: string): readonly string[] {
  const { topology, port, noScan } = plan;
  const exempt = exemptNamespaces(plan);
  return [
    'admission',
    'serve',
    `--policy=${folder}/policy.yaml`,
    `--tls-cert=${folder}/server.crt`,
    `--tls-key=${folder}/server.key`,
    ...(asksImagePolicy(plan) ? [`--client-ca=${folder}/ca.crt`, `--client-name=${clientName}`] : []),
    `--listen=${topology === 'in-cluster' ? `0.0.0.0:${containerPort}` : `127.0.0.1:${port}`}`,
    `--decision-timeout=${decisionTimeout}`,
    ...(exempt.length === 0 ? [] : [`--exempt-namespaces=${exempt.join(',')}`]),
    ...(noScan ? ['--no-scan'] : []),
    ...pullSecretFlags(plan),
  ];
}

/** Root without a single capability: the keys are root's, and nothing else is needed. */
export function systemdUnit(plan: SetupPlan): string {
  return `[Unit]
Description=Image admission (tidewaiter)
After=network-online.target
Wants=network-online.target
Before=kubelet.service k3s.service

[Service]
ExecStart=${[plan.program, ...serveWords(plan, plan.configDir)].join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
TimeoutStopSec=30
CacheDirectory=tidewaiter
Environment=TIDEWAITER_CACHE_DIR=/var/cache/tidewaiter
StateDirectory=tidewaiter
StateDirectoryMode=0700
Environment=TIDEWAITER_STATE_DIR=${stateFolder}
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0077
MemoryMax=1G

[Install]
WantedBy=multi-user.target
`;
}

/** A static pod beside the API server: it starts without being asked about. */
export function staticPod(plan: SetupPlan): JsonObject {
  const { configDir, port } = plan;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: setupName, namespace: 'kube-system', labels },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: setupName,
          image: plan.image ?? '',
          args: [...serveWords(plan, configDir)],
          env: [...folderVariables],
          // The keys are root's, as all below /etc/kubernetes/pki: root without a single capability.
          securityContext: { ...containerSecurity, runAsUser: 0, runAsGroup: 0, runAsNonRoot: false },
          ...probes({ host: '127.0.0.1', port, scheme: 'HTTPS' }),
          resources: containerResources,
          volumeMounts: [
            { name: 'files', mountPath: configDir, readOnly: true },
            { name: 'cache', mountPath: '/cache' },
            { name: 'state', mountPath: '/state' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'files', hostPath: { path: configDir, type: 'Directory' } },
        { name: 'state', hostPath: { path: stateFolder, type: 'DirectoryOrCreate' } },
        ...scratchVolumes,
      ],
    },
  };
}

const folderVariables = [
  { name: 'TIDEWAITER_CACHE_DIR', value: '/cache' },
  { name: 'TIDEWAITER_STATE_DIR', value: '/state' },
];
const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
const containerResources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '1Gi' } };
const scratchVolumes = [
  { name: 'cache', emptyDir: { sizeLimit: '4Gi' } },
  { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
];

function probes(target: JsonObject): JsonObject {
  return {
    readinessProbe: { httpGet: { ...target, path: '/readyz' }, periodSeconds: 5 },
    livenessProbe: {
      httpGet: { ...target, path: '/healthz' },
      initialDelaySeconds: 10,
      periodSeconds: 10,
      failureThreshold: 6,
    },
  };
}

export interface InClusterSecrets {
  readonly policy: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly authority: string;
}

/** What runs the webhook in the cluster, in the order of application. The first holds the key. */
export function inClusterObjects(
  plan: SetupPlan,
  secrets: InClusterSecrets,
): Readonly<Record<string, readonly JsonObject[]>> {
  const { namespace, serviceIp } = plan;
  const metadata = { name: setupName, namespace, labels };
  const folder = '/etc/image-admission';
  const pod: JsonObject = {
    serviceAccountName: setupName,
    // Nothing but pull secrets is ever asked of the API server.
    automountServiceAccountToken: plan.pullSecretNamespaces.length > 0,
    priorityClassName: 'system-cluster-critical',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labels },
      },
    ],
    containers: [
      {
        name: setupName,
        image: plan.image ?? '',
        args: [...serveWords(plan, folder)],
        env: [...folderVariables],
        ports: [{ name: 'https', containerPort }],
        securityContext: { ...containerSecurity, runAsNonRoot: true },
        ...probes({ port: 'https', scheme: 'HTTPS' }),
        resources: containerResources,
        volumeMounts: [
          { name: 'files', mountPath: folder, readOnly: true },
          { name: 'cache', mountPath: '/cache' },
          { name: 'state', mountPath: '/state' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      {
        name: 'files',
        projected: {
          defaultMode: 0o440,
          sources: [{ secret: { name: setupName } }, { configMap: { name: setupName } }],
        },
      },
      // Gone with the pod: a PersistentVolumeClaim in its place keeps graces from beginning anew.
      { name: 'state', emptyDir: { sizeLimit: '1Gi' } },
      ...scratchVolumes,
    ],
  };
  return {
    'namespace.yaml': [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      },
    ],
    'secret.yaml': [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        type: 'Opaque',
        stringData: {
          'server.crt': secrets.serverCertificate,
          'server.key': secrets.serverKey,
          'ca.crt': secrets.authority,
        },
      },
    ],
    'configmap.yaml': [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'policy.yaml': secrets.policy } }],
    'serviceaccount.yaml': [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
      // In this file, so that no number of another one changes.
      ...pullSecretRoles(plan, labels),
    ],
    'service.yaml': [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: {
          ...(serviceIp === undefined ? {} : { clusterIP: serviceIp }),
          selector: labels,
          ports: [{ name: 'https', port: 443, targetPort: 'https' }],
        },
      },
    ],
    'deployment.yaml': [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: {
          replicas: 2,
          strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: pod },
        },
      },
    ],
    'poddisruptionbudget.yaml': [
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata,
        spec: { minAvailable: 1, selector: { matchLabels: labels } },
      },
    ],
    'networkpolicy.yaml': [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata,
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ['Ingress'],
          // API servers have addresses of nodes, which no selector knows; nothing but this port is open.
          ingress: [{ ports: [{ protocol: 'TCP', port: 'https' }] }],
        },
      },
    ],
  };
}

/** `authority` is PEM; base64 of it is given, because how bytes become base64 is the caller's. */
export function webhookConfiguration(plan: SetupPlan, authorityBase64: string): JsonObject {
  const { topology, namespace, port } = plan;
  const client: JsonObject =
    topology === 'in-cluster'
      ? { service: { name: setupName, namespace, path: '/validate', port: 443 } }
      : { url: `https://127.0.0.1:${port}/validate` };
  const values = [...exemptNamespaces(plan)];
  const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: setupName, labels },
    webhooks: [
      {
        name: 'images.tidewaiter.dev',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        timeoutSeconds,
        clientConfig: { ...client, caBundle: authorityBase64 },
        ...(values.length === 0 ? {} : { namespaceSelector: { matchExpressions } }),
        rules: podKinds.map(({ group, resources }) => ({
          apiGroups: [group],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          resources: [...resources],
          scope: 'Namespaced',
        })),
      },
    ],
  };
}
