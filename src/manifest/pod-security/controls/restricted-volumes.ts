import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Field } from '../field.js';

const allowed: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** The other kinds that the API knows, or knew. */
const known: ReadonlySet<string> = new Set([
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'hostPath',
  'iscsi',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
]);

/** Only kinds of volume that belong to the pod, or that an administrator made. */
export const restrictedVolumes = {
  id: 'restrictedVolumes',
  name: 'restrictedVolumes',
  title: 'Volume Types',
  level: 'restricted',
  serverReason: 'restricted volume types',
  replaces: 'hostPathVolumes',
  revisions: [{ since: 0, check: (pod) => pod.spec.at('volumes').items().flatMap(ofVolume) }],
} as const satisfies PodSecurityControl;

/** A volume of no kind at all is an empty directory. */
function ofVolume(volume: Field): readonly ControlFinding[] {
  return volume.members().flatMap(({ key, field }) => {
    if (key === 'name' || !field.isSet) return [];
    if (allowed.has(key)) {
      field.isMapping(); // or it is reported
      return [];
    }
    if (!known.has(key)) {
      field.unreadable('is no kind of volume that is known here');
      return [];
    }
    return findingAt(field, {
      from: 'pod',
      message: `a volume of the kind ${key}, which pods may not name themselves`,
      fix: 'use a claim (persistentVolumeClaim), or another kind that the level allows',
    });
  });
}
