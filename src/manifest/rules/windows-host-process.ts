import { isHostProcess, ownHostProcess } from '../analysis/host-process.js';
import type { ContainerRule } from '../analysis/rule.js';

export const windowsHostProcess: ContainerRule = {
  id: 'TW-K037',
  name: 'windows-host-process',
  severity: 'CRITICAL',
  scope: 'container',
  title: 'A container is a process of the Windows node',
  why: 'It runs with the rights of an account of the node itself, without any walls around it.',
  fix: 'leave windowsOptions.hostProcess out',
  check: (container) => {
    if (!isHostProcess(container)) return [];
    const from = typeof ownHostProcess(container) === 'boolean' ? 'container' : 'pod';
    return [
      {
        path: ['securityContext', 'windowsOptions', 'hostProcess'],
        message: `hostProcess is true${from === 'pod' ? ' for the whole pod' : ''}`,
        effective: { value: true, from },
      },
    ];
  },
};
