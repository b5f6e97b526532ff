import type { FaultKind } from './fault-kind.js';

/** AdmissionConfiguration, and what stands under `imagePolicy`. */
export const configurationKinds = {
  'configuration-empty': {
    severity: 'error',
    why: 'the API server does not start with an empty configuration',
    fix: 'write apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration and plugins',
  },
  'configuration-kind': {
    severity: 'error',
    why: 'the API server does not start with a kind or version that it does not know',
    fix: 'write apiVersion: apiserver.config.k8s.io/v1 and kind: AdmissionConfiguration',
  },
  'configuration-old-version': {
    severity: 'note',
    why: 'apiserver.k8s.io/v1alpha1 is still read, and has long been replaced',
    fix: 'write apiVersion: apiserver.config.k8s.io/v1',
  },
  'configuration-legacy-form': {
    severity: 'note',
    why: 'a file with imagePolicy alone is read for the sake of old set-ups; other plugins have no place in it',
    fix: 'put it under plugins of an AdmissionConfiguration',
  },
  'configuration-unknown-field': {
    severity: 'error',
    why: 'this file is read strictly: the API server does not start with a field that it does not know',
    fix: 'correct or remove the field',
  },
  'configuration-field-type': {
    severity: 'error',
    why: 'the field has another type than the API server reads, and it does not start',
    fix: 'write a value of the right type',
  },
  'image-policy-misplaced': {
    severity: 'error',
    why: 'beside name it is an unknown field, and the API server does not start',
    fix: 'indent imagePolicy below configuration',
  },
  'plugin-entry-missing': {
    severity: 'error',
    why: 'the plugin is enabled and has no entry here, so that the API server does not start',
    fix: 'add an entry with name: ImagePolicyWebhook and its configuration',
  },
  'plugin-entry-misspelt': {
    severity: 'error',
    why: 'upper and lower case count in the name; this entry belongs to no plugin, and ImagePolicyWebhook has none',
    fix: 'write name: ImagePolicyWebhook',
  },
  'plugin-entry-empty': {
    severity: 'error',
    why: 'the entry has neither configuration nor path, so that the API server does not start',
    fix: 'add configuration with imagePolicy below it',
  },
  'plugin-entry-twice': {
    severity: 'warning',
    why: 'of two entries with one name only the first is read',
    fix: 'leave one of them',
  },
  'plugin-path-unused': {
    severity: 'warning',
    why: 'where both stand configuration counts, and the file of path is not even looked for',
    fix: 'leave one of them',
  },
  'image-policy-missing': {
    severity: 'error',
    why: 'without imagePolicy no kubeconfig is found, and the API server does not start',
    fix: 'write imagePolicy: with kubeConfigFile, allowTTL, denyTTL, retryBackoff and defaultAllow below it',
  },
  'image-policy-indentation': {
    severity: 'error',
    why: 'the settings stand beside imagePolicy, which is empty, so that none is read and the API server does not start',
    fix: 'indent them by two more blanks',
  },
  'setting-unknown': {
    severity: 'warning',
    why: 'unknown fields are passed over here without a word, and the default holds instead',
    fix: 'write kubeConfigFile, allowTTL, denyTTL, retryBackoff or defaultAllow',
  },
  'setting-spelling': {
    severity: 'note',
    why: 'the API server reads it regardless of case; other tools, and people, do not',
    fix: 'write it as the documentation does',
  },
  'ttl-type': {
    severity: 'error',
    why: 'TTLs are whole numbers of seconds; with a text or a fraction the API server does not start',
    fix: 'write a whole number of seconds, without quotes and unit',
  },
  'ttl-range': {
    severity: 'error',
    why: 'a TTL is between 1 and 1800 seconds (-1: none, 0: the default); beyond that the API server does not start',
    fix: 'write 30 for allowTTL and 10 for denyTTL',
  },
  'ttl-long': {
    severity: 'note',
    why: 'for so long an image stays allowed at the API server after the policy has turned against it',
    fix: 'write a short time, such as 30',
  },
  'backoff-type': {
    severity: 'error',
    why: 'retryBackoff is a whole number of milliseconds; with a text or a fraction the API server does not start',
    fix: 'write a whole number of milliseconds, such as 500',
  },
  'backoff-range': {
    severity: 'error',
    why: 'retryBackoff is between 1 and 300000 ms (-1: no waiting, 0: the default); beyond that the API server does not start',
    fix: 'write 500',
  },
  'backoff-long': {
    severity: 'warning',
    why: 'a failed call is tried five times with waits that grow, and a request is cut after 34 s: with this wait it always is',
    fix: 'write milliseconds: 500',
  },
  'default-allow': {
    severity: 'warning',
    why: 'when the webhook does not answer every image may run: whoever can stop it is past it',
    fix: 'write defaultAllow: false, once the webhook does not depend on the cluster',
  },
  'default-allow-type': {
    severity: 'error',
    why: 'defaultAllow is true or false; with a text in quotes or a number the API server does not start',
    fix: 'write false or true, without quotes',
  },
  'kubeconfig-not-named': {
    severity: 'error',
    why: 'without kubeConfigFile the plugin does not know whom to ask, and the API server does not start',
    fix: 'write kubeConfigFile with the absolute path of the kubeconfig of the webhook',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
