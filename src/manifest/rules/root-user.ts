import type { ContainerRule } from '../analysis/rule.js';

export const rootUser: ContainerRule = {
  id: 'TW-K003',
  name: 'root-user',
  severity: 'HIGH',
  scope: 'container',
  linuxOnly: true,
  title: 'A container runs as root',
  why: 'Root in the container is root on the node for every file and socket that is shared with it, and most ways out of a container need it.',
  fix: 'set runAsUser to a number above 0, and runAsNonRoot to true',
  check: (container) => {
    const user = container.inherited('runAsUser');
    if (user.value !== 0) return [];
    const refused = container.inherited('runAsNonRoot').value === true;
    const path = user.from === 'container' ? ['securityContext', 'runAsUser'] : ['securityContext'];
    const message = `runAsUser is 0${user.from === 'pod' ? ', set for the whole pod' : ''}${refused ? ', though runAsNonRoot is true: the container will not start' : ''}`;
    return [{ path, message, effective: user }];
  },
};
