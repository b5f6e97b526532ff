import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';

const since0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const since27 = [...since0, 'net.ipv4.ip_local_reserved_ports'];
const since29 = [
  ...since27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const since32 = [...since29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** Only kernel settings that end at the pod. */
export const sysctls = {
  id: 'sysctls',
  name: 'sysctls',
  title: 'Sysctls',
  level: 'baseline',
  serverReason: 'forbidden sysctls',
  revisions: [
    { since: 0, check: (pod) => unsafeSysctls(pod, since0) },
    { since: 27, check: (pod) => unsafeSysctls(pod, since27) },
    { since: 29, check: (pod) => unsafeSysctls(pod, since29) },
    { since: 32, check: (pod) => unsafeSysctls(pod, since32) },
  ],
} as const satisfies PodSecurityControl;

/** Names are compared as they stand: the same name written with slashes is not on the list. */
function unsafeSysctls(pod: Pod, allowed: readonly string[]): readonly ControlFinding[] {
  return pod.securityContext
    .at('sysctls')
    .items()
    .map((sysctl) => sysctl.at('name'))
    .filter((name) => !allowed.includes(name.string() ?? ''))
    .flatMap((name) =>
      findingAt(name, {
        from: 'pod',
        message: 'a kernel setting that is not known to end at the pod',
        fix: 'take the setting out',
      }),
    );
}
