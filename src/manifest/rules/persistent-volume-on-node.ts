import { asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ObjectRule } from '../analysis/rule.js';

export const persistentVolumeOnNode: ObjectRule = {
  id: 'TW-K079',
  name: 'persistent-volume-on-node',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A persistent volume is a directory of a node',
  why: 'Claims of other namespaces may be given it, and with it the directory.',
  fix: 'use a storage class',
  kinds: ['PersistentVolume'],
  check: ({ value }) => {
    const path = asObject(asObject(value.spec)?.hostPath)?.path;
    if (path === undefined || path === null) return [];
    const message = `hostPath is ${quoted(path)}`;
    return [{ path: ['spec', 'hostPath', 'path'], message, effective: { value: path, from: 'object' } }];
  },
};
