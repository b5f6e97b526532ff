import { asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ObjectRule } from '../analysis/rule.js';

export const ingressSnippet: ObjectRule = {
  id: 'TW-K144',
  name: 'ingress-snippet',
  severity: 'HIGH',
  scope: 'object',
  title: 'An Ingress changes the settings of its server',
  why: 'Snippets run in the ingress controller, which reads the Secrets of every namespace.',
  fix: 'take the snippet annotations away',
  kinds: ['Ingress'],
  check: ({ value }) =>
    Object.keys(asObject(asObject(value.metadata)?.annotations) ?? {})
      .filter((key) => /^nginx\.[a-z./]{1,60}\/[a-z-]{0,40}snippets?$/.test(key))
      .map((key) => ({ path: ['metadata', 'annotations', key], message: `the annotation ${quoted(key)} is set` })),
};
