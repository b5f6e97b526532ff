import type { FaultKind } from './fault-kind.js';

/** The kubeconfig by which the API server finds the webhook. */
export const kubeconfigKinds = {
  'kubeconfig-empty': {
    severity: 'error',
    why: 'nothing in it says whom to ask, and the API server does not start',
    fix: 'write clusters, users, contexts and current-context',
  },
  'kubeconfig-kind': {
    severity: 'error',
    why: 'it is read as apiVersion v1, kind Config; another document is refused, and the API server does not start',
    fix: 'write apiVersion: v1 and kind: Config',
  },
  'no-current-context': {
    severity: 'error',
    why: 'without current-context nothing of the file counts, and the API server does not start',
    fix: 'add current-context with the name of the context',
  },
  'context-unknown': {
    severity: 'error',
    why: 'current-context names no context of the file, and the API server does not start',
    fix: 'name one of the contexts, or add it',
  },
  'cluster-unknown': {
    severity: 'error',
    why: 'the context names a cluster that the file does not have, and the API server does not start',
    fix: 'name one of the clusters, or add it',
  },
  'user-unknown': {
    severity: 'warning',
    why: 'the API server starts and shows nothing of who it is: a webhook that wants a certificate refuses every review',
    fix: 'name one of the users, or add it',
  },
  'server-missing': {
    severity: 'error',
    why: 'the cluster has no server, and the API server does not start',
    fix: 'write server: https://HOST:PORT/image-policy',
  },
  'server-invalid': {
    severity: 'error',
    why: 'it is no address that can be called: the API server does not start, or every review fails',
    fix: 'write server: https://HOST:PORT/image-policy',
  },
  'server-without-scheme': {
    severity: 'error',
    why: 'without https:// the address is taken for plain HTTP, or refused when it has a path',
    fix: 'write https:// before it',
  },
  'server-plain-http': {
    severity: 'error',
    why: 'reviews are sent in the clear and whatever answers is believed: anybody on the way decides what runs',
    fix: 'serve the webhook over TLS and write https://',
  },
  'server-without-path': {
    severity: 'warning',
    why: 'reviews go to /, which most webhooks do not serve',
    fix: 'add the path of the webhook, such as /image-policy',
  },
  'certificate-unchecked': {
    severity: 'error',
    why: 'with insecure-skip-tls-verify any server is believed: anybody on the way decides what runs',
    fix: 'take it away and name the CA of the webhook in certificate-authority',
  },
  'insecure-beside-ca': {
    severity: 'error',
    why: 'a CA and insecure-skip-tls-verify exclude each other, and the API server does not start',
    fix: 'take insecure-skip-tls-verify away',
  },
  'ca-not-named': {
    severity: 'warning',
    why: 'without a CA the ones of the API server (in its image) decide, which do not know a CA of your own',
    fix: 'name the CA of the webhook in certificate-authority',
  },
  'client-key-missing': {
    severity: 'error',
    why: 'a client certificate without its key is refused, and the API server does not start',
    fix: 'add client-key',
  },
  'client-certificate-missing': {
    severity: 'warning',
    why: 'the API server shows no certificate, so that the webhook cannot tell who asks; one that requires it refuses',
    fix: 'add client-certificate and client-key',
  },
  'credentials-twice': {
    severity: 'error',
    why: 'a token and a user name exclude each other, and the API server does not start',
    fix: 'leave one of them',
  },
  'exec-credentials': {
    severity: 'warning',
    why: 'the program must be there inside the container of the API server, whose image has none',
    fix: 'use a client certificate',
  },
  'auth-provider': {
    severity: 'error',
    why: 'auth providers have gone from Kubernetes, and the API server does not start',
    fix: 'use a client certificate',
  },
  'data-beside-file': {
    severity: 'note',
    why: 'where both stand the data counts, and changes of the file have no effect',
    fix: 'leave one of them',
  },
  'data-not-base64': {
    severity: 'error',
    why: 'fields that end in -data are base64 of the PEM text; with anything else the API server does not start',
    fix: 'write base64 -w0 of the file',
  },
  'kubeconfig-unknown-field': {
    severity: 'warning',
    why: 'unknown fields are passed over without a word; upper and lower case count',
    fix: 'correct or remove the field',
  },
  'kubeconfig-field-type': {
    severity: 'error',
    why: 'the field has another type than the API server reads, and it does not start',
    fix: 'write a value of the right type: texts in quotes, true and false without, lists as lists',
  },
  'proxy-invalid': {
    severity: 'error',
    why: 'the API server does not start with a proxy-url that is no URL of http, https or socks5',
    fix: 'write proxy-url: http://HOST:PORT, or leave it out',
  },
  'proxy-in-the-way': {
    severity: 'warning',
    why: 'the API server would ask this proxy for the connection, which then has to reach the webhook',
    fix: 'add the host of the webhook to NO_PROXY',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
