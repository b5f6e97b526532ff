import { asObject } from '../../formats/index.js';
import { listed, quoted } from '../analysis/quoted.js';
import type { ObjectRule } from '../analysis/rule.js';
import { isLiteral } from '../analysis/secrets.js';

export const secretInManifest: ObjectRule = {
  id: 'TW-K046',
  name: 'secret-in-manifest',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A Secret is written out in a manifest',
  why: 'Base64 hides nothing: everybody who has the file has the secret.',
  fix: 'keep the value out of the file: seal or encrypt it, or let an operator fetch it',
  kinds: ['Secret'],
  check: ({ value }) =>
    ['data', 'stringData'].flatMap((field) => {
      const keys = Object.entries(asObject(value[field]) ?? {}).flatMap(([key, text]) =>
        typeof text === 'string' && isLiteral(text) ? [key] : [],
      );
      if (keys.length === 0) return [];
      return [{ path: [field], message: `${field} has ${listed(keys.map(quoted))} written out` }];
    }),
};
