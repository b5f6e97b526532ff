import { isWithin, resolvePath } from './host.js';
import type { Place } from './fault.js';

/** A folder, or a file, of the host or of another source that is seen in the container. */
export interface Mount {
  readonly name: string;
  /** In the container. */
  readonly mountPath: string;
  readonly subPath: string;
  readonly readOnly: boolean;
  readonly place: Place;
  /** Nothing where no volume has its name. */
  readonly volume: Volume | undefined;
}

export interface Volume {
  readonly name: string;
  /** Nothing where it is no hostPath. */
  readonly hostPath: string | undefined;
  /** `Directory`, `File`, ...; empty: not checked. */
  readonly type: string;
  /** The member that says what it is: `hostPath`, `secret`. */
  readonly source: string;
  readonly place: Place;
}

/** The mounts of one container, and the volumes of its pod. */
export interface MountTable {
  readonly mounts: readonly Mount[];
  readonly volumes: readonly Volume[];
}

/** Where a path of the container lies on the host. */
export type Mapped =
  | { readonly kind: 'host'; readonly path: string; readonly mount: Mount }
  /** No mount covers it. */
  | { readonly kind: 'unmounted' }
  /** The mount's volume is none of the host, or none at all. */
  | { readonly kind: 'elsewhere'; readonly mount: Mount };

/** Follows a path of the container to the host: the mount with the longest path that covers it. */
export function mapToHost({ mounts }: MountTable, path: string): Mapped {
  const covering = mounts
    .filter(({ mountPath }) => isWithin(path, mountPath))
    .sort((a, b) => b.mountPath.length - a.mountPath.length)[0];
  if (covering === undefined) return { kind: 'unmounted' };
  const hostPath = covering.volume?.hostPath;
  if (hostPath === undefined) return { kind: 'elsewhere', mount: covering };
  const rest = path.slice(covering.mountPath === '/' ? 0 : covering.mountPath.length);
  return { kind: 'host', path: resolvePath('/', `${hostPath}/${covering.subPath}/${rest}`), mount: covering };
}

/** The path in the container of a path of the host, if a mount shows it. */
export function mapToContainer({ mounts }: MountTable, path: string): string | undefined {
  for (const { volume, mountPath, subPath } of mounts) {
    if (volume?.hostPath === undefined) continue;
    const from = resolvePath('/', `${volume.hostPath}/${subPath}`);
    if (isWithin(path, from)) return resolvePath('/', `${mountPath}/${path.slice(from === '/' ? 0 : from.length)}`);
  }
  return undefined;
}
