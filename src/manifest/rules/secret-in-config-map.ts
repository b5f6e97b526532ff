import { asObject } from '../../formats/index.js';
import { listed, quoted } from '../analysis/quoted.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';
import { isLiteral, namesSecret, secretIn, secretLines } from '../analysis/secrets.js';

export const secretInConfigMap: ObjectRule = {
  id: 'TW-K045',
  name: 'secret-in-config-map',
  severity: 'HIGH',
  scope: 'object',
  title: 'A ConfigMap holds a secret',
  why: 'ConfigMaps are read by far more people and programs than Secrets are.',
  fix: 'move the value to a Secret, and change it, for it is known now',
  kinds: ['ConfigMap'],
  check: ({ value }) =>
    Object.entries(asObject(value.data) ?? {}).flatMap(([key, text]): Hit[] => {
      if (typeof text !== 'string') return [];
      const path = ['data', key];
      const found = secretIn(text);
      if (found !== undefined) return [{ path, message: `the key ${quoted(key)} holds ${found}` }];
      if (!text.trim().includes('\n')) {
        const isSecret = namesSecret(key) && isLiteral(text);
        return isSecret ? [{ path, message: `the key ${quoted(key)} holds a value that looks secret` }] : [];
      }
      const names = secretLines(text);
      if (names.length === 0) return [];
      return [{ path, message: `the key ${quoted(key)} holds a value for ${listed([...new Set(names)].map(quoted))}` }];
    }),
};
