import type { FaultKind } from './fault-kind.js';

/** Where the webhook is, whether it answers, and how. */
export const connectionKinds = {
  'service-name': {
    severity: 'error',
    why: 'the API server asks the DNS of its host, which does not know names of Services: no such host, every pod is refused',
    fix: 'dial the ClusterIP with tls-server-name, or run the webhook beside the API server on 127.0.0.1',
  },
  'webhook-in-cluster': {
    severity: 'error',
    why: 'after a restart of everything the pods of the webhook need an answer of the webhook to start: nothing ever starts',
    fix: 'run it beside each API server or outside the cluster, or write defaultAllow: true knowingly',
  },
  'webhook-on-node-port': {
    severity: 'warning',
    why: 'a port of this range is mostly a NodePort: pods of the cluster that must start before they can be asked',
    fix: 'run it beside each API server or outside the cluster',
  },
  'webhook-is-api-server': {
    severity: 'error',
    why: 'this is the address of the API server itself, which serves no image reviews',
    fix: 'name the address of the webhook',
  },
  'port-closed': {
    severity: 'error',
    why: 'nobody listens: connection refused, and every pod with it',
    fix: 'start the webhook, or correct host and port',
  },
  'host-unresolved': {
    severity: 'error',
    why: 'the name leads nowhere: no such host, and every pod is refused',
    fix: 'correct the name, or write the address with tls-server-name',
  },
  'connection-timeout': {
    severity: 'error',
    why: 'no connection comes about: every pod waits 30 s and is refused',
    fix: 'open the way from the API server to the webhook: firewall, NetworkPolicy, routes',
  },
  'not-tls': {
    severity: 'error',
    why: 'what listens there speaks no TLS: every review fails',
    fix: 'serve TLS, or name the port that does',
  },
  'tls-too-old': {
    severity: 'error',
    why: 'the API server takes TLS 1.2 and newer: every review fails',
    fix: 'let the webhook serve TLS 1.2 and 1.3',
  },
  'client-certificate-refused': {
    severity: 'error',
    why: 'the webhook does not take the certificate that the API server shows, or wants one and gets none',
    fix: 'issue the client certificate by the CA that the webhook trusts, and name both in the kubeconfig',
  },
  'live-no-answer': {
    severity: 'error',
    why: 'the webhook did not answer a review: the pod would be refused',
    fix: 'look into the log of the webhook',
  },
  'live-status': {
    severity: 'error',
    why: 'only 200 to 299 is an answer; anything else is a failed call',
    fix: 'answer every review with 200 and say the verdict in the body',
  },
  'live-retry-after': {
    severity: 'error',
    why: 'an answer with Retry-After is asked for again and again until the request is cut after 34 s',
    fix: 'never send Retry-After, 429 or 503 on this route',
  },
  'live-redirect': {
    severity: 'warning',
    why: 'redirects are followed, and some of them turn the review into a GET',
    fix: 'answer at the address itself',
  },
  'live-answer-invalid': {
    severity: 'error',
    why: 'the API server cannot read the answer: a failed call, and the pod is refused',
    fix: 'answer with the apiVersion, kind and members of the protocol',
  },
  'live-slow': {
    severity: 'warning',
    why: 'every new pod waits for this',
    fix: 'answer within a second; the API server gives up after 30',
  },
  'live-allow-denied': {
    severity: 'error',
    why: 'an image that is meant to run is refused',
    fix: 'read the reason, and correct the policy or the name',
  },
  'live-deny-allowed': {
    severity: 'error',
    why: 'an image that must not run is admitted',
    fix: 'correct the policy; look whether the webhook allows when it cannot decide',
  },
  'live-no-reason': {
    severity: 'warning',
    why: 'users are told only that an image was refused',
    fix: 'say why in status.reason, or in status.message of an AdmissionReview',
  },
  'live-code': {
    severity: 'warning',
    why: 'without status.code 403 users get 400 BadRequest for a refusal',
    fix: 'set status.code to 403',
  },
  'cluster-lacks': {
    severity: 'error',
    why: 'somebody took it away, or it was never applied: through it nobody is asked about images',
    fix: 'apply the file again, and look into the audit log who deleted it',
  },
  'cluster-differs': {
    severity: 'error',
    why: 'somebody changed it in the cluster: it may ask about less than it should',
    fix: 'apply the file again, or make the file what it should be',
  },
  'live-not-proved': {
    severity: 'note',
    why: 'that it answers does not show that it tells images apart',
    fix: 'name an image that may run with --allow-image, and one that may not with --deny-image',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
