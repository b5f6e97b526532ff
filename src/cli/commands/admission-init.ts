import { admissionInitOptions } from '../admission-init-options.js';
import type { Command } from '../command.js';

/** `tidewaiter admission init`: all that image admission needs, written, and put in place if that is asked for. */
export const admissionInit: Command = {
  positionals: [],
  options: admissionInitOptions,
  examples: [
    {
      line: 'tidewaiter admission init --out admission --policy policy.yaml --manifest /etc/kubernetes/manifests/kube-apiserver.yaml',
      does: 'for kubeadm: a service beside the API server, and the new manifest to look at',
    },
    {
      line: 'tidewaiter admission init --out admission --policy policy.yaml --apply',
      does: 'put it in place on this node; the API server gets its flags once the webhook answers',
    },
    { line: 'tidewaiter admission init --out admission --rollback', does: 'and out again' },
    {
      line: 'tidewaiter admission init --out admission --policy policy.yaml --topology in-cluster --image registry.example.com/tidewaiter:1',
      does: 'a Deployment that the API server asks through a ValidatingWebhookConfiguration',
    },
    {
      line: 'tidewaiter admission init --out admission --policy policy.yaml --flavour k3s',
      does: 'for k3s',
    },
  ],
  notes: [
    'Nothing outside the folder is touched without --apply. Keys that are there are kept unless --force is given; certificates\nare issued anew with the same keys when their time is nearly over or their names are others. README.md in the folder has\nthe steps in order.',
    'Set-ups that would lock the cluster out are refused, with the reason. See docs/admission.md.',
  ],
  async run(context, args) {
    const { initAdmission } = await import('../admission-init.js');
    return await initAdmission(context, args);
  },
};
