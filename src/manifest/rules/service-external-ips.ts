import { asArray, asObject } from '../../formats/index.js';
import { listed, quoted } from '../analysis/quoted.js';
import type { ObjectRule } from '../analysis/rule.js';

export const serviceExternalIps: ObjectRule = {
  id: 'TW-K146',
  name: 'service-external-ips',
  severity: 'HIGH',
  scope: 'object',
  title: 'A Service takes addresses of others',
  why: 'Traffic of the cluster to these addresses goes to the pods of the Service, whoever owns them (CVE-2020-8554).',
  fix: 'take externalIPs away',
  kinds: ['Service'],
  check: ({ value }) => {
    const addresses = asArray(asObject(value.spec)?.externalIPs) ?? [];
    if (addresses.length === 0) return [];
    return [{ path: ['spec', 'externalIPs'], message: `externalIPs has ${listed(addresses.map(quoted))}` }];
  },
};
