import { asObject, asString, type JsonValue } from '../../formats/index.js';
import type { ContainerRule } from '../analysis/rule.js';

export const seccompUnconfined: ContainerRule = {
  id: 'TW-K016',
  name: 'seccomp-unconfined',
  severity: 'HIGH',
  scope: 'container',
  linuxOnly: true,
  title: 'System calls are not filtered',
  why: 'Every system call of the kernel can be reached, also the ones through which containers are left.',
  fix: 'set seccompProfile.type to RuntimeDefault',
  check: (container) => {
    const profile = container.inherited('seccompProfile');
    if (asString(asObject(profile.value)?.type) !== 'Unconfined') return [];
    const path = ['securityContext', 'seccompProfile', 'type'];
    const isOwn = profile.from === 'container';
    return [
      {
        path,
        message: `seccompProfile is Unconfined${isOwn ? '' : ' for the whole pod'}`,
        effective: { value: 'Unconfined', from: profile.from },
        edits: container.hasEditableSecurity
          ? [{ path: isOwn ? path : path.slice(0, -1), set: isOwn ? 'RuntimeDefault' : runtimeDefault }]
          : [],
      },
    ];
  },
};

const runtimeDefault: JsonValue = { type: 'RuntimeDefault' };
