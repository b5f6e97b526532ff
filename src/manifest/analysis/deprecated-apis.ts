/** A version of an API that Kubernetes has taken away, or will. */
export interface DeprecatedApi {
  /** Minor version of Kubernetes 1 that no longer serves it. */
  readonly goneIn: number;
  /** What to write instead; `undefined` if nothing took its place. */
  readonly instead: string | undefined;
}

const byKind: ReadonlyMap<string, DeprecatedApi> = new Map(table());

/** What became of `apiVersion` and kind; `undefined` if it is served still. */
export function deprecatedApi(apiVersion: string, kind: string): DeprecatedApi | undefined {
  return byKind.get(`${apiVersion} ${kind}`);
}

/** https://kubernetes.io/docs/reference/using-api/deprecation-guide/ */
function* table(): Iterable<readonly [string, DeprecatedApi]> {
  const rows: readonly (readonly [apiVersion: string, kinds: string, goneIn: number, instead?: string])[] = [
    ['extensions/v1beta1', 'Deployment DaemonSet ReplicaSet', 16, 'apps/v1'],
    ['extensions/v1beta1', 'NetworkPolicy', 16, 'networking.k8s.io/v1'],
    ['extensions/v1beta1', 'Ingress', 22, 'networking.k8s.io/v1'],
    ['extensions/v1beta1', 'PodSecurityPolicy', 16],
    ['apps/v1beta1', 'Deployment StatefulSet ReplicaSet', 16, 'apps/v1'],
    ['apps/v1beta2', 'Deployment StatefulSet ReplicaSet DaemonSet', 16, 'apps/v1'],
    ['networking.k8s.io/v1beta1', 'Ingress IngressClass', 22, 'networking.k8s.io/v1'],
    [
      'rbac.authorization.k8s.io/v1alpha1',
      'Role ClusterRole RoleBinding ClusterRoleBinding',
      22,
      'rbac.authorization.k8s.io/v1',
    ],
    [
      'rbac.authorization.k8s.io/v1beta1',
      'Role ClusterRole RoleBinding ClusterRoleBinding',
      22,
      'rbac.authorization.k8s.io/v1',
    ],
    [
      'admissionregistration.k8s.io/v1beta1',
      'ValidatingWebhookConfiguration MutatingWebhookConfiguration',
      22,
      'admissionregistration.k8s.io/v1',
    ],
    ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', 22, 'apiextensions.k8s.io/v1'],
    ['apiregistration.k8s.io/v1beta1', 'APIService', 22, 'apiregistration.k8s.io/v1'],
    ['authentication.k8s.io/v1beta1', 'TokenReview', 22, 'authentication.k8s.io/v1'],
    [
      'authorization.k8s.io/v1beta1',
      'LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview',
      22,
      'authorization.k8s.io/v1',
    ],
    ['certificates.k8s.io/v1beta1', 'CertificateSigningRequest', 22, 'certificates.k8s.io/v1'],
    ['coordination.k8s.io/v1beta1', 'Lease', 22, 'coordination.k8s.io/v1'],
    ['scheduling.k8s.io/v1beta1', 'PriorityClass', 22, 'scheduling.k8s.io/v1'],
    ['storage.k8s.io/v1beta1', 'CSIDriver CSINode StorageClass VolumeAttachment', 22, 'storage.k8s.io/v1'],
    ['batch/v1beta1', 'CronJob', 25, 'batch/v1'],
    ['discovery.k8s.io/v1beta1', 'EndpointSlice', 25, 'discovery.k8s.io/v1'],
    ['events.k8s.io/v1beta1', 'Event', 25, 'events.k8s.io/v1'],
    ['autoscaling/v2beta1', 'HorizontalPodAutoscaler', 25, 'autoscaling/v2'],
    ['policy/v1beta1', 'PodDisruptionBudget', 25, 'policy/v1'],
    ['policy/v1beta1', 'PodSecurityPolicy', 25],
    ['node.k8s.io/v1beta1', 'RuntimeClass', 25, 'node.k8s.io/v1'],
    [
      'flowcontrol.apiserver.k8s.io/v1beta1',
      'FlowSchema PriorityLevelConfiguration',
      26,
      'flowcontrol.apiserver.k8s.io/v1',
    ],
    ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', 26, 'autoscaling/v2'],
    ['storage.k8s.io/v1beta1', 'CSIStorageCapacity', 27, 'storage.k8s.io/v1'],
    [
      'flowcontrol.apiserver.k8s.io/v1beta2',
      'FlowSchema PriorityLevelConfiguration',
      29,
      'flowcontrol.apiserver.k8s.io/v1',
    ],
    [
      'flowcontrol.apiserver.k8s.io/v1beta3',
      'FlowSchema PriorityLevelConfiguration',
      32,
      'flowcontrol.apiserver.k8s.io/v1',
    ],
  ];
  for (const [apiVersion, kinds, goneIn, instead] of rows) {
    for (const kind of kinds.split(' ')) yield [`${apiVersion} ${kind}`, { goneIn, instead }];
  }
}
