import { asObject, type JsonValue } from '../../formats/index.js';
import type { FieldEdit } from '../analysis/manifest-report.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Effective } from '../analysis/rule.js';

export const seccompNotSet: ContainerRule = {
  id: 'TW-K017',
  name: 'seccomp-not-set',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'No filter for system calls is set',
  why: 'Unless the node has a default of its own, every system call of the kernel can be reached.',
  fix: 'set seccompProfile.type to RuntimeDefault',
  check: (container) => {
    const profile = container.inherited('seccompProfile');
    const type = asObject(profile.value)?.type;
    if (type === 'RuntimeDefault' || type === 'Localhost' || type === 'Unconfined') return [];
    const path = ['securityContext', 'seccompProfile'];
    const message =
      profile.value === null ? 'seccompProfile is not set' : `seccompProfile has the type ${quoted(type)}`;
    const effective: Effective = { value: type ?? null, from: profile.from };
    const edits: readonly FieldEdit[] = container.hasEditableSecurity ? [{ path, set: runtimeDefault }] : [];
    return [{ path, message, effective, edits }];
  },
};

const runtimeDefault: JsonValue = { type: 'RuntimeDefault' };
