import type { FaultKind } from './fault-kind.js';

/** What a log tells and no file shows. */
export const logKinds = {
  'no-configuration': {
    severity: 'error',
    why: 'kubeConfigFile or imagePolicy is missing or misspelt, or the kubeconfig is empty or has no current-context; the API server does not start',
    fix: 'look at imagePolicy and kubeConfigFile, then at current-context of the kubeconfig',
  },
  'no-config-specified': {
    severity: 'error',
    why: 'the plugin is enabled, and there is no --admission-control-config-file, no entry of exactly its name, or an entry without configuration and path',
    fix: 'look at the flag, then at the name of the entry in the AdmissionConfiguration',
  },
  'denied-by-webhook': {
    severity: 'note',
    why: 'the webhook was asked and refused: nothing is wrong with the set-up',
    fix: 'read the reason',
  },
  'denied-by-policy': {
    severity: 'note',
    why: 'a ValidatingAdmissionPolicy was asked and refused: nothing is wrong with the set-up',
    fix: 'read the message',
  },
  'policy-parameters-missing': {
    severity: 'error',
    why: 'the policy cannot be evaluated without its parameters: with failurePolicy Fail every request that it is for is refused',
    fix: 'make the object that paramRef names, or correct paramKind and paramRef',
  },
  'policy-cost': {
    severity: 'error',
    why: 'an expression is stopped when it takes too much, and the request is refused: many images against many entries do that',
    fix: 'shorten the list; admission generate warns above 100 entries',
  },
  'policy-expression': {
    severity: 'error',
    why: 'an expression of a policy or matchCondition cannot be compiled, or fails on this object: it is not stored, or the request is refused',
    fix: 'correct the expression; ask with has() before a member that may be missing',
  },
  'static-name-reserved': {
    severity: 'error',
    why: 'names that end in .static.k8s.io are for objects from files on the disk of the API server only',
    fix: 'give the object in the cluster another name, or lay it into staticManifestsDir',
  },
  'static-reload-failed': {
    severity: 'warning',
    why: 'a changed file cannot be read; the objects from before stay in use, and a restart would end the API server',
    fix: 'correct the file; alert on apiserver_manifest_admission_config_controller_automatic_reloads_total',
  },
  'webhook-failed': {
    severity: 'error',
    why: 'the webhook answered with an error of HTTP: a failed call, not a verdict',
    fix: 'look into the log of the webhook; admission doctor --live asks it as the API server does',
  },
  'connection-closed': {
    severity: 'error',
    why: 'the webhook closed the connection without an answer: it crashed, speaks TLS where http:// is written, or refuses the client certificate',
    fix: 'look into the log of the webhook, at the scheme of server, and at the client certificate',
  },
  'connection-reset': {
    severity: 'error',
    why: 'the connection was cut in the middle; the API server tries five times',
    fix: 'look whether the webhook crashes, or something between cuts connections',
  },
  'certificate-rotated': {
    severity: 'note',
    why: 'the client certificate was replaced just then: that one review fails, the next one works',
    fix: 'nothing, if it was once only',
  },
  'webhook-timeout': {
    severity: 'error',
    why: 'no answer came in time',
    fix: 'look what the webhook waits for: registry, database, name resolution',
  },
  'webhook-answer': {
    severity: 'error',
    why: 'the answer of the webhook breaks the protocol: a failed call, not a verdict',
    fix: 'mend the webhook; admission doctor --live shows its answer',
  },
  'webhook-service-missing': {
    severity: 'error',
    why: 'the Service that the webhook configuration names is not there, or has no pods that are ready',
    fix: 'look at the Service, its selector and its pods',
  },
  'network-unreachable': {
    severity: 'error',
    why: 'no way leads to the address from this host',
    fix: 'look at routes and firewall',
  },
  'etcd-unreachable': {
    severity: 'error',
    why: 'the API server does not reach etcd and ends; image admission has no part in it',
    fix: 'look at etcd, --etcd-servers and its certificates',
  },
  'port-taken': {
    severity: 'error',
    why: 'another process, often an API server that still runs, has the port',
    fix: 'end the other one, or wait for it',
  },
  'other-file-missing': {
    severity: 'error',
    why: 'a file that a flag names is not there for the API server; in a container mostly a missing mount',
    fix: 'put the file there, correct the flag, or mount its folder',
  },
  'plugin-failed': {
    severity: 'error',
    why: 'a plugin could not be set up, so that the API server does not start',
    fix: 'look at the entry of this plugin in the AdmissionConfiguration',
  },
  'failed-open': {
    severity: 'warning',
    why: 'the webhook failed and the pod was admitted all the same: defaultAllow or failurePolicy Ignore is on',
    fix: 'mend the webhook, then let it fail closed',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
