import { asArray, asObject, type JsonObject, type YamlPath } from '../../formats/index.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const claimShared: ObjectRule = {
  id: 'TW-K077',
  name: 'claim-shared',
  severity: 'LOW',
  scope: 'object',
  title: 'A claim for storage may be shared by several nodes',
  why: 'Whoever takes over one pod can change the files of the others.',
  fix: 'use ReadWriteOncePod or ReadWriteOnce',
  kinds: ['StatefulSet', 'PersistentVolumeClaim'],
  check: ({ object, value }) => {
    if (object.kind === 'PersistentVolumeClaim') return sharedModes(asObject(value.spec), ['spec']);
    return (asArray(asObject(value.spec)?.volumeClaimTemplates) ?? []).flatMap((item, at) =>
      sharedModes(asObject(asObject(item)?.spec), ['spec', 'volumeClaimTemplates', at, 'spec']),
    );
  },
};

function sharedModes(spec: JsonObject | undefined, path: YamlPath): readonly Hit[] {
  return (asArray(spec?.accessModes) ?? []).flatMap((mode, at): Hit[] =>
    mode === 'ReadWriteMany'
      ? [
          {
            path: [...path, 'accessModes', at],
            message: 'accessModes has ReadWriteMany',
            effective: { value: mode, from: 'object' },
          },
        ]
      : [],
  );
}
