import { asArray, asObject } from '../../formats/index.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const webhookFailsOpen: ObjectRule = {
  id: 'TW-K147',
  name: 'webhook-fails-open',
  severity: 'LOW',
  scope: 'object',
  title: 'An admission webhook lets everything pass when it fails',
  why: 'Whoever can slow it down or stop it passes by what it checks.',
  fix: 'set failurePolicy to Fail, with an objectSelector or namespaceSelector that spares what the webhook itself needs',
  kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  check: ({ value }) =>
    (asArray(value.webhooks) ?? []).flatMap((item, at): Hit[] => {
      if (asObject(item)?.failurePolicy !== 'Ignore') return [];
      const path = ['webhooks', at, 'failurePolicy'];
      return [{ path, message: 'failurePolicy is Ignore', effective: { value: 'Ignore', from: 'object' } }];
    }),
};
