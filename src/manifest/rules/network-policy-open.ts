import { asArray, asObject, type JsonObject, type JsonValue } from '../../formats/index.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const networkPolicyOpen: ObjectRule = {
  id: 'TW-K142',
  name: 'network-policy-open',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A network policy allows everything',
  why: 'What it selects is as open as without a policy, and looks guarded.',
  fix: 'name in from and to who may talk to whom',
  kinds: ['NetworkPolicy'],
  check: ({ value }) =>
    [
      { list: 'ingress', peers: 'from' },
      { list: 'egress', peers: 'to' },
    ].flatMap(({ list, peers }) =>
      (asArray(asObject(value.spec)?.[list]) ?? []).flatMap((item, at): Hit[] => {
        const rule = asObject(item);
        if (!rule) return [];
        const named = asArray(rule[peers]) ?? [];
        const isWide = named.length === 0 || named.some(isEverybody);
        if (!isWide || (list === 'egress' && hasPorts(rule))) return [];
        const what = hasPorts(rule) ? 'on some ports' : 'on every port';
        return [{ path: ['spec', list, at], message: `${list} ${peers} everywhere ${what}` }];
      }),
    ),
};

function hasPorts(rule: JsonObject): boolean {
  return (asArray(rule.ports) ?? []).length > 0;
}

/** All addresses without an exception, or every pod of every namespace. */
function isEverybody(item: JsonValue): boolean {
  const peer = asObject(item);
  const block = asObject(peer?.ipBlock);
  if (block) return (block.cidr === '0.0.0.0/0' || block.cidr === '::/0') && (asArray(block.except) ?? []).length === 0;
  const namespaces = asObject(peer?.namespaceSelector);
  const pods = asObject(peer?.podSelector);
  return namespaces !== undefined && isEmpty(namespaces) && (pods === undefined || isEmpty(pods));
}

function isEmpty(selector: JsonObject): boolean {
  const { matchLabels, matchExpressions } = selector;
  return Object.keys(asObject(matchLabels) ?? {}).length === 0 && (asArray(matchExpressions) ?? []).length === 0;
}
