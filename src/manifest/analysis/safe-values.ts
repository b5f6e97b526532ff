import type { JsonValue } from '../../formats/index.js';

const safe: ReadonlyMap<string, boolean> = new Map([
  ['allowPrivilegeEscalation', false],
  ['automountServiceAccountToken', false],
  ['hostIPC', false],
  ['hostNetwork', false],
  ['hostPID', false],
  ['hostProcess', false],
  ['hostUsers', false],
  ['privileged', false],
  ['readOnly', true],
  ['readOnlyRootFilesystem', true],
  ['runAsNonRoot', true],
  ['shareProcessNamespace', false],
]);

/** Whether a field may be given a value without asking: a number, or the answer that protects. */
export function isSafeValue(field: string | number | undefined, value: JsonValue | undefined): boolean {
  if (typeof value === 'number') return true;
  return typeof field === 'string' && typeof value === 'boolean' && safe.get(field) === value;
}
