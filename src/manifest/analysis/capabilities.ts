import { asArray, asObject, type JsonObject } from '../../formats/index.js';

/** One entry of a list of capabilities. */
export interface NamedCapability {
  /** In capitals, without `CAP_`. */
  readonly name: string;
  /** As written. */
  readonly text: string;
  readonly at: number;
}

/** The entries of `capabilities.add` of a security context that are texts. */
export function addedCapabilities(security: JsonObject): readonly NamedCapability[] {
  return named(security, 'add');
}

/** Whether `ALL` is dropped. Runtimes do not look at the case; `CAP_ALL` means nothing to some of them. */
export function dropsAll(security: JsonObject): boolean {
  return named(security, 'drop').some(({ text }) => text.toUpperCase() === 'ALL');
}

/** Gives the node away, or everything that the others would. */
export const takeoverCapabilities: ReadonlySet<string> = new Set(['ALL', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_RAWIO']);

/** Reaches processes, files, traffic or the kernel beyond the container. */
export const dangerousCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_CONTROL',
  'BPF',
  'CHECKPOINT_RESTORE',
  'DAC_READ_SEARCH',
  'IPC_OWNER',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'NET_ADMIN',
  'PERFMON',
  'SYSLOG',
  'SYS_BOOT',
  'SYS_PTRACE',
  'SYS_TIME',
]);

/** The others that Linux knows. */
export const lesserCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_READ',
  'AUDIT_WRITE',
  'BLOCK_SUSPEND',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'KILL',
  'LEASE',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
  'SYS_NICE',
  'SYS_PACCT',
  'SYS_RESOURCE',
  'SYS_TTY_CONFIG',
  'WAKE_ALARM',
]);

function named(security: JsonObject, list: 'add' | 'drop'): readonly NamedCapability[] {
  const entries = asArray(asObject(security.capabilities)?.[list]) ?? [];
  return entries.flatMap((text, at): NamedCapability[] => {
    if (typeof text !== 'string') return [];
    const upper = text.trim().toUpperCase();
    return [{ name: upper.startsWith('CAP_') ? upper.slice(4) : upper, text, at }];
  });
}
