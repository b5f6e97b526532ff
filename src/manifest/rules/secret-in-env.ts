import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const secretInEnv: ContainerRule = {
  id: 'TW-K042',
  name: 'secret-in-env',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'A secret is handed over in the environment',
  why: 'The environment is inherited by every program and ends up in crash reports and logs.',
  fix: 'mount the Secret as a file',
  check: ({ value }) => {
    const single = (asArray(value.env) ?? []).flatMap((item, at): Hit[] => {
      const reference = asObject(asObject(asObject(item)?.valueFrom)?.secretKeyRef);
      if (!reference) return [];
      const message = `the variable ${quoted(asObject(item)?.name)} comes from the Secret ${quoted(reference.name)}`;
      return [{ path: ['env', at, 'valueFrom', 'secretKeyRef'], message }];
    });
    const whole = (asArray(value.envFrom) ?? []).flatMap((item, at): Hit[] => {
      const reference = asObject(asObject(item)?.secretRef);
      if (!reference) return [];
      const message = `every key of the Secret ${quoted(reference.name)} becomes a variable`;
      return [{ path: ['envFrom', at, 'secretRef'], message }];
    });
    return [...single, ...whole];
  },
};
