import { asObject, asString, type JsonValue } from '../../formats/index.js';
import type { FieldEdit } from '../analysis/manifest-report.js';
import type { ContainerRule } from '../analysis/rule.js';

export const apparmorUnconfined: ContainerRule = {
  id: 'TW-K018',
  name: 'apparmor-unconfined',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'AppArmor is switched off',
  why: 'The profile that keeps a container from the files of /proc and /sys and from mounts does not hold.',
  fix: 'set appArmorProfile.type to RuntimeDefault, or leave it out',
  check: (container) => {
    const profile = container.inherited('appArmorProfile');
    const type = asString(asObject(profile.value)?.type);
    const annotation = `container.apparmor.security.beta.kubernetes.io/${container.name ?? ''}`;
    if (type === 'Unconfined') {
      const path = ['securityContext', 'appArmorProfile'];
      // The API server wants field and annotation to agree.
      const isAlone = container.pod.annotations[annotation] === undefined;
      const edits: readonly FieldEdit[] =
        container.hasEditableSecurity && isAlone ? [{ path, set: runtimeDefault }] : [];
      const message = `appArmorProfile is Unconfined${profile.from === 'pod' ? ' for the whole pod' : ''}`;
      return [{ path, message, effective: { value: type, from: profile.from }, edits }];
    }
    // The field, where there is one, wins over the annotation.
    if (type !== undefined || container.pod.annotations[annotation] !== 'unconfined') return [];
    const message = 'the annotation for AppArmor says unconfined';
    return [{ path: ['securityContext', 'appArmorProfile'], message, effective: { value: 'unconfined', from: 'pod' } }];
  },
};

const runtimeDefault: JsonValue = { type: 'RuntimeDefault' };
