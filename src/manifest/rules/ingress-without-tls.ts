import { asArray, asObject, type JsonValue } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const ingressWithoutTls: ObjectRule = {
  id: 'TW-K143',
  name: 'ingress-without-tls',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'An Ingress serves without encryption',
  why: 'Passwords and sessions can be read and changed on the way.',
  fix: 'name the host and its certificate in spec.tls',
  kinds: ['Ingress'],
  check: ({ value }) => {
    const spec = asObject(value.spec);
    if (!spec) return [];
    const tls = asArray(spec.tls) ?? [];
    const covered = tls.flatMap((item) => asArray(asObject(item)?.hosts) ?? []);
    if (tls.length === 0) return [{ path: ['spec', 'tls'], message: 'tls is not set' }];
    return (asArray(spec.rules) ?? []).flatMap((item, at): Hit[] => {
      const host = asObject(item)?.host;
      if (
        typeof host !== 'string' ||
        covered.length === 0 ||
        covered.some((name) => name === host || isWildcardOf(name, host))
      )
        return [];
      return [{ path: ['spec', 'rules', at, 'host'], message: `no certificate is named for ${quoted(host)}` }];
    });
  },
};

/** `*.a.b` covers one label in front of `.a.b`. */
function isWildcardOf(name: JsonValue, host: string): boolean {
  if (typeof name !== 'string' || !name.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === name.slice(1);
}
