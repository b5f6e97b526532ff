import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const unsafeSysctl: PodRule = {
  id: 'TW-K021',
  name: 'unsafe-sysctl',
  severity: 'HIGH',
  scope: 'pod',
  linuxOnly: true,
  title: 'A kernel setting is changed that is not safe',
  why: 'Settings that are not separated by container act on the whole node, or let one pod starve the others.',
  fix: 'take it out of sysctls, or make the change on the node',
  check: ({ security }) =>
    (asArray(security.sysctls) ?? []).flatMap((item, at): Hit[] => {
      const name = asObject(item)?.name;
      if (typeof name === 'string' && safe.has(name.replaceAll('/', '.'))) return [];
      const path = ['securityContext', 'sysctls', at];
      return [{ path, message: `sets the sysctl ${quoted(name)}`, effective: { value: name ?? null, from: 'pod' } }];
    }),
};

const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);
