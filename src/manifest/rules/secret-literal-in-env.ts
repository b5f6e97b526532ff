import { asArray, asObject, asString } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';
import { isKeyLike, isLiteral, namesSecret, secretIn } from '../analysis/secrets.js';

export const secretLiteralInEnv: ContainerRule = {
  id: 'TW-K043',
  name: 'secret-literal-in-env',
  severity: 'HIGH',
  scope: 'container',
  title: 'A secret is written out in the environment',
  why: 'Everybody who may read the manifest or the pod has it.',
  fix: 'keep the value in a Secret, and change it, for it is known now',
  check: ({ value }) =>
    (asArray(value.env) ?? []).flatMap((item, at): Hit[] => {
      const variable = asObject(item);
      const text = variable?.value;
      if (typeof text !== 'string' || text === '') return [];
      const name = asString(variable?.name) ?? '';
      const found =
        secretIn(text) ?? ((namesSecret(name) && isLiteral(text)) || isKeyLike(name, text) ? 'a value' : undefined);
      if (found === undefined) return [];
      return [{ path: ['env', at, 'value'], message: `the variable ${quoted(name)} has ${found} written out` }];
    }),
};
