import {
  admissionServeOptions,
  databaseOption,
  opaOptions,
  pullSecretOptions,
  registryOptions,
} from '../../config/index.js';
import type { Command } from '../command.js';

/** `tidewaiter admission serve`: the door of a cluster. */
export const admissionServe: Command = {
  positionals: [],
  options: [...admissionServeOptions, ...pullSecretOptions, ...opaOptions, databaseOption, ...registryOptions],
  serves: true,
  examples: [
    {
      line: 'tidewaiter admission serve --policy policy.yaml --tls-cert server.crt --tls-key server.key --client-ca ca.crt',
      does: 'on 127.0.0.1:8443, beside an API server that shows a certificate of ca.crt',
    },
    {
      line: 'tidewaiter admission serve --policy policy.yaml --tls-cert server.crt --tls-key server.key --listen 0.0.0.0:8443 --audit-log decisions.jsonl',
      does: 'for /validate in a cluster, with a file of every decision',
    },
    {
      line: 'tidewaiter admission serve --policy names-only.yaml --tls-cert server.crt --tls-key server.key --no-scan',
      does: 'rules over names and manifests only: no registry is asked, no database needed',
    },
    {
      line: 'tidewaiter admission serve --policy policy.yaml --tls-cert server.crt --tls-key server.key --pull-secrets cluster --kubeconfig reader.yaml',
      does: 'scans private images with the pull secrets of their pods, which the user of reader.yaml may read',
    },
  ],
  notes: [
    'POST /image-policy answers ImageReview (imagepolicy.k8s.io/v1alpha1), POST /validate AdmissionReview\n(admission.k8s.io/v1). Every fault is a decision with status 200 in its time: a review that cannot be judged is refused,\nand the reason names why. GET /healthz, /readyz and /metrics need no certificate.',
    'Certificates, the policy, keys and the database are looked at every 2 seconds, and read again on SIGHUP, which also\nopens the audit log anew. What is broken is reported, and the last good one stays. SIGTERM: /readyz says no, reviews\nunder way end, the log is written out.',
    'Images are scanned once per digest and database. What is not known in time gets the answer that the policy has for it\n(incomplete.pending). Nothing is asked of a registry that the policy refuses. See docs/admission-serve.md.',
  ],
  async run(context, args) {
    const { serveAdmissionCommand } = await import('../admission-serve.js');
    return await serveAdmissionCommand(context, args);
  },
};
