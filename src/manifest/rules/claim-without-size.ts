import { asArray, asObject, type JsonObject, type YamlPath } from '../../formats/index.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const claimWithoutSize: ObjectRule = {
  id: 'TW-K078',
  name: 'claim-without-size',
  severity: 'LOW',
  scope: 'object',
  title: 'A claim for storage says no size',
  why: 'The API server refuses the claim, or it is bound to whatever there is.',
  fix: 'set resources.requests.storage',
  kinds: ['StatefulSet', 'PersistentVolumeClaim'],
  check: ({ object, value }) => {
    if (object.kind === 'PersistentVolumeClaim') return withoutSize(asObject(value.spec), ['spec']);
    return (asArray(asObject(value.spec)?.volumeClaimTemplates) ?? []).flatMap((item, at) =>
      withoutSize(asObject(asObject(item)?.spec), ['spec', 'volumeClaimTemplates', at, 'spec']),
    );
  },
};

function withoutSize(spec: JsonObject | undefined, path: YamlPath): readonly Hit[] {
  const size = asObject(asObject(spec?.resources)?.requests)?.storage;
  if (size !== undefined && size !== null) return [];
  return [{ path: [...path, 'resources', 'requests', 'storage'], message: 'no storage is asked for' }];
}
