import type { Place } from './fault.js';
import type { Flag } from './flags.js';
import type { MountTable } from './mounts.js';

/** How an API server is started: what its set-up files say. */
export interface ApiServer {
  readonly kind: 'static pod' | 'systemd unit' | 'k3s configuration' | 'command line';
  /** The file that says it. */
  readonly file: string;
  /** Where its command is written. */
  readonly place: Place;
  readonly flags: readonly Flag[];
  /** Relative paths are taken from here, as far as the file says it. */
  readonly workingFolder: string | undefined;
  /** The user that it runs as; nothing if root, or not known. */
  readonly userId: number | undefined;
  /** The user's name, where the file says it instead. */
  readonly userName?: string | undefined;
  readonly groupIds: readonly number[];
  /** What it sees of the host; nothing if all of it. */
  readonly mounts: MountTable | undefined;
  /** Names that its own hosts file has, beside those of the host. */
  readonly hostAliases: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly usesClusterDns: boolean;
}
