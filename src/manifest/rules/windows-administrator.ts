import { asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const windowsAdministrator: ContainerRule = {
  id: 'TW-K038',
  name: 'windows-administrator',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'A container runs as its administrator',
  why: 'The administrator of a Windows container may change everything in it, and some ways out begin there.',
  fix: 'set windowsOptions.runAsUserName to ContainerUser',
  check: (container) => {
    const own = asObject(container.security.windowsOptions)?.runAsUserName;
    const user = own ?? asObject(container.pod.security.windowsOptions)?.runAsUserName;
    if (typeof user !== 'string' || !/^(?:.{0,64}\\)?(?:ContainerAdministrator|Administrator|SYSTEM)$/i.test(user))
      return [];
    const from = typeof own === 'string' ? 'container' : 'pod';
    const path = ['securityContext', 'windowsOptions', 'runAsUserName'];
    return [{ path, message: `runs as ${quoted(user)}`, effective: { value: user, from } }];
  },
};
