import type { FaultKind } from './fault-kind.js';

/** ValidatingWebhookConfiguration. */
export const webhookKinds = {
  'webhook-configuration-kind': {
    severity: 'error',
    why: 'this is no ValidatingWebhookConfiguration of admissionregistration.k8s.io/v1, and nothing asks the webhook',
    fix: 'write apiVersion: admissionregistration.k8s.io/v1 and kind: ValidatingWebhookConfiguration',
  },
  'webhook-field-unknown': {
    severity: 'error',
    why: 'the API server refuses or drops a field that it does not know',
    fix: 'correct or remove the field',
  },
  'webhook-name': {
    severity: 'error',
    why: 'the API server refuses a name with less than three segments',
    fix: 'write a domain such as images.tidewaiter.dev',
  },
  'webhook-name-twice': {
    severity: 'error',
    why: 'the API server refuses two webhooks of one name in one configuration',
    fix: 'give each its own name',
  },
  'review-versions': {
    severity: 'error',
    why: 'the API server refuses a configuration that does not name v1 or v1beta1',
    fix: 'write admissionReviewVersions: [v1]',
  },
  'side-effects': {
    severity: 'error',
    why: 'the API server refuses a configuration whose sideEffects are not None or NoneOnDryRun',
    fix: 'write sideEffects: None, or NoneOnDryRun if reviews are written down',
  },
  'failure-policy': {
    severity: 'error',
    why: 'the API server refuses any other value',
    fix: 'write failurePolicy: Fail',
  },
  'failure-policy-ignore': {
    severity: 'warning',
    why: 'when the webhook does not answer every image may run: whoever can stop it is past it',
    fix: 'write failurePolicy: Fail, with its own namespace excluded',
  },
  'webhook-timeout-range': {
    severity: 'error',
    why: 'the API server refuses a timeout that is not between 1 and 30 seconds',
    fix: 'write timeoutSeconds: 10',
  },
  'webhook-timeout-long': {
    severity: 'warning',
    why: 'with failurePolicy Fail a webhook that hangs holds every change up for this long, and whole controllers with it',
    fix: 'write timeoutSeconds: 10 or less',
  },
  'webhook-timeout-short': {
    severity: 'warning',
    why: 'an image of which nothing is known yet cannot be looked at in so little time',
    fix: 'write timeoutSeconds: 10',
  },
  'client-config': {
    severity: 'error',
    why: 'the API server refuses a webhook with neither or both of url and service',
    fix: 'leave exactly one of url and service',
  },
  'webhook-url': {
    severity: 'error',
    why: 'the API server refuses the URL: https only, without user, query and fragment',
    fix: 'write https://HOST:PORT/validate',
  },
  'webhook-service': {
    severity: 'error',
    why: 'the API server refuses a service without name and namespace, or with a bad port or path',
    fix: 'write name, namespace and, if not 443, port',
  },
  'ca-bundle-missing': {
    severity: 'warning',
    why: 'without caBundle the CAs of the API server decide, which know no CA of your own',
    fix: 'set caBundle to base64 of the PEM of the CA',
  },
  'ca-bundle-invalid': {
    severity: 'error',
    why: 'what is stored is not looked at before the first call, and then every call fails',
    fix: 'set caBundle to base64 of the PEM of the CA',
  },
  'rules-missing': {
    severity: 'error',
    why: 'without a rule that covers pods nothing is ever asked',
    fix: 'add a rule for pods and pods/ephemeralcontainers with CREATE and UPDATE',
  },
  'rules-without-ephemeral': {
    severity: 'warning',
    why: 'a rule for pods does not cover its subresources; what is refused as a container comes in as an ephemeral one',
    fix: 'add pods/ephemeralcontainers to resources',
  },
  'rules-without-update': {
    severity: 'warning',
    why: 'the image of a running pod can be changed to any other without being asked about',
    fix: 'add UPDATE to operations',
  },
  'rules-too-wide': {
    severity: 'warning',
    why: 'rules for everything hold up what has no image, leases and events too, and lock the cluster when the webhook is down',
    fix: 'name pods, pods/ephemeralcontainers and the workloads',
  },
  'own-namespace-not-excluded': {
    severity: 'error',
    why: 'when all pods of the webhook are gone it is asked about its own new pods, which nobody answers: it never comes back',
    fix: 'exclude its namespace in namespaceSelector by kubernetes.io/metadata.name',
  },
  'kube-system-not-excluded': {
    severity: 'warning',
    why: 'while the webhook is down, pods of kube-system (network, DNS) cannot start, and without them it may never be up',
    fix: 'exclude kube-system in namespaceSelector by kubernetes.io/metadata.name',
  },
  'selector-by-own-label': {
    severity: 'warning',
    why: 'whoever may label the namespace is past the webhook; kubernetes.io/metadata.name cannot be changed',
    fix: 'select by kubernetes.io/metadata.name',
  },
  'object-selector': {
    severity: 'warning',
    why: 'authors of pods choose their labels, and so whether the webhook is asked',
    fix: 'take objectSelector away and select namespaces',
  },
  'match-policy-exact': {
    severity: 'warning',
    why: 'objects of other versions of the same API pass without being asked about',
    fix: 'write matchPolicy: Equivalent, or leave it out',
  },
  'condition-sub-resource': {
    severity: 'error',
    why: 'request.subResource does not exist on a plain request: the condition fails, and with Fail every pod is refused',
    fix: 'write has(request.subResource) && before it',
  },
  'too-many-conditions': {
    severity: 'error',
    why: 'the API server refuses more than 64 matchConditions',
    fix: 'join some of them',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
