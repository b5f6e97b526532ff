import { asObject, type JsonValue } from '../../formats/index.js';
import { dropsAll } from '../analysis/capabilities.js';
import type { ContainerRule } from '../analysis/rule.js';

export const capabilitiesNotDropped: ContainerRule = {
  id: 'TW-K015',
  name: 'capabilities-not-dropped',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'The default capabilities are not dropped',
  why: 'A container begins with a dozen capabilities, such as making raw packets and changing owners, that hardly a program needs.',
  fix: 'set capabilities.drop to ["ALL"] and add back what is needed',
  check: (container) => {
    if (dropsAll(container.security)) return [];
    const path = ['securityContext', 'capabilities', 'drop'];
    const { capabilities } = container.security;
    const canEdit = capabilities === undefined || capabilities === null || asObject(capabilities) !== undefined;
    const drop = asObject(capabilities)?.drop ?? null;
    return [
      {
        path,
        message: drop === null ? 'drops no capabilities' : 'does not drop all capabilities',
        effective: { value: drop, from: drop === null ? 'default' : 'container' },
        edits: canEdit && container.hasEditableSecurity ? [{ path, set: all }] : [],
      },
    ];
  },
};

const all: readonly JsonValue[] = ['ALL'];
