import { asObject, type JsonValue } from '../../formats/index.js';
import { podSecurityPrefix } from '../analysis/namespace-labels.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';
import { editDistance } from '../analysis/spelling.js';

export const namespaceLevelInvalid: ObjectRule = {
  id: 'TW-K132',
  name: 'namespace-level-invalid',
  severity: 'HIGH',
  scope: 'object',
  title: 'A label for Pod Security is not understood',
  why: 'The API server refuses the namespace, or holds it to another level than was meant.',
  fix: 'write privileged, baseline or restricted, and versions as latest or v1.33',
  kinds: ['Namespace'],
  check: ({ value }) => {
    const labels = asObject(asObject(value.metadata)?.labels) ?? {};
    return Object.entries(labels).flatMap(([key, label]): Hit[] => {
      const problem = problemOf(key, label);
      if (problem === undefined) return [];
      return [{ path: ['metadata', 'labels', key], message: problem, effective: { value: label, from: 'object' } }];
    });
  },
};

function problemOf(key: string, value: JsonValue): string | undefined {
  const name = nameOf(key);
  if (name === undefined) return undefined;
  if (!key.startsWith(podSecurityPrefix))
    return `${quoted(key)} is no label of Pod Security; ${quoted(podSecurityPrefix + name)} is`;
  if (!/^(?:enforce|audit|warn)(?:-version)?$/.test(name)) return `${quoted(key)} is no label of Pod Security`;
  const isRight = name.endsWith('-version')
    ? typeof value === 'string' && /^(?:latest|v1\.(?:0|[1-9][0-9]{0,3}))$/.test(value)
    : value === 'privileged' || value === 'baseline' || value === 'restricted';
  return isRight ? undefined : `${key} is ${quoted(value)}`;
}

/** What stands behind the prefix, or behind one that was meant to be it. */
function nameOf(key: string): string | undefined {
  const slash = key.indexOf('/');
  if (slash < 0 || slash > 60) return undefined;
  const prefix = key.slice(0, slash + 1);
  const isMeant = prefix === podSecurityPrefix || editDistance(prefix, podSecurityPrefix) <= 3;
  return isMeant ? key.slice(slash + 1) : undefined;
}
