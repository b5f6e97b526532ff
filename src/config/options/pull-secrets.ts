import type { Option } from '../option.js';

const admission = { group: 'works', section: 'Admission' } as const;

/** For a server that scans with the pull secrets of pods. */
export const pullSecretOptions: readonly Option[] = [
  {
    name: 'pull-secrets',
    type: 'text',
    fallback: 'off',
    values: ['off', 'cluster'],
    key: 'admission.pull-secrets',
    summary:
      'cluster: scan an image with the pull secrets of its pod, or of its service account, read from the API server; off: with the credentials of this server only',
    ...admission,
  },
  {
    name: 'kubeconfig',
    type: 'text',
    key: 'admission.kubeconfig',
    valueName: 'file',
    summary: 'with --pull-secrets: the way to the API server; default: that of a pod, by its service account',
    ...admission,
  },
  {
    name: 'image-review-service-account',
    type: 'text',
    key: 'admission.image-review-service-account',
    valueName: 'name',
    summary:
      'with --pull-secrets: for an ImageReview, which names no pull secrets, use those of this service account of its namespace; often: default',
    ...admission,
  },
];
