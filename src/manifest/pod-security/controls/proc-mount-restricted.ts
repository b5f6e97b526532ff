import type { PodSecurityControl } from '../control.js';
import { unmaskedProc } from './proc-mount.js';

/** Since the baseline control lets pods with a user namespace of their own pass. */
export const procMountRestricted = {
  id: 'procMount_restricted',
  name: 'procMount',
  title: '/proc Mount Type',
  level: 'restricted',
  serverReason: 'procMount',
  replaces: 'procMount',
  revisions: [{ since: 35, check: unmaskedProc }],
} as const satisfies PodSecurityControl;
