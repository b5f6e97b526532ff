import type { RegistryAccess } from '../access/index.js';
import type { OperatingSystem, Relationship } from '../ecosystems/index.js';
import type { FindingStatus, Severity } from '../findings/index.js';
import type { NamedSourceId } from '../image/index.js';
import type { Exceptions } from '../screening/index.js';
import type { ScanReport } from '../report/index.js';

/** What to scan and how. Either `input` or `reference` must be there; every other member has a default. */
export interface ScanRequest {
  /** Path of an archive or of an OCI layout directory; `-` reads an archive from standard input. */
  readonly input?: string | undefined;
  /**
   * With `input`, which image of an archive that holds several: a name, an id or a digest. Alone, the name of an image
   * that is looked for in `imageSources`.
   */
  readonly reference?: string | undefined;
  /** Where a named image may be, in the order in which they are asked; default: docker, containerd, podman, remote. */
  readonly imageSources?: readonly NamedSourceId[] | undefined;
  /** Where Docker listens: `unix:///run/docker.sock`, `tcp://host:2375`. */
  readonly dockerHost?: string | undefined;
  /** The socket on which Podman listens. */
  readonly podmanHost?: string | undefined;
  /** How registries are reached; with `offline`, nobody is asked, and only files of this machine are looked at. */
  readonly registry?: RegistryAccess | undefined;
  /**
   * The process's variables, for places on this machine (`DOCKER_HOST`, `CONTAINERD_ADDRESS`, `XDG_RUNTIME_DIR`...) and,
   * if it has none of its own, for `registry`. Absent: nothing is taken from the process.
   */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** `os/arch[/variant]`, or `all`; default: this machine's, under Linux. */
  readonly platform?: string | undefined;
  /** Folder of databases and kept facts; default: `tidewaiter` in the user's cache folder. */
  readonly cacheDir?: string | undefined;
  /**
   * Keep manifests, indexes and configs of registries beside the facts, so that an image that was scanned before is
   * scanned again without its registry, if it is named by its digest. Tags are asked for all the same. `only`: no registry
   * is asked at all, and what is not all there fails.
   */
  readonly keepDocuments?: boolean | 'only' | undefined;
  /** Told at most once why nothing can be kept on disk; the scan goes on without. */
  readonly onNotKept?: ((reason: string) => void) | undefined;
  /** `memory` keeps nothing on disk. */
  readonly cacheBackend?: 'fs' | 'memory' | undefined;
  /** A database file, or a folder that holds `trivy.db`; default: the installed one, else the starter database. */
  readonly databasePath?: string | undefined;
  readonly packageTypes?: readonly ('os' | 'library')[] | undefined;
  /** Packages of these relationships only. */
  readonly packageRelationships?: readonly Relationship[] | undefined;
  /** Doublestar globs. */
  readonly skipDirs?: readonly string[] | undefined;
  readonly skipFiles?: readonly string[] | undefined;
  /** Taken for the operating system instead of what the image says. */
  readonly distro?: OperatingSystem | undefined;
  readonly detectionPriority?: 'precise' | 'comprehensive' | undefined;
  /** Whose severity to take, in order: `auto` or source ids. */
  readonly severitySources?: readonly string[] | undefined;
  /** Severities to report; default: all. */
  readonly severities?: readonly Severity[] | undefined;
  readonly ignoreUnfixed?: boolean | undefined;
  readonly ignoreStatuses?: readonly FindingStatus[] | undefined;
  readonly exceptions?: Exceptions | undefined;
  /** Fail when any finding is left. */
  readonly failOnFindings?: boolean | undefined;
  /** Fail when the operating system is past its end of life. */
  readonly failOnEndOfLife?: boolean | undefined;
  /** Do not call the verdict incomplete for what could not be assessed; it is reported all the same. */
  readonly allowIncomplete?: boolean | undefined;
  /**
   * Told of the report as soon as it is made, while the bytes that kept facts belong to are still being hashed: to write
   * it into memory meanwhile. Nothing of it may be shown; what counts is the report that the scan ends with, which is
   * the same object if the bytes proved right.
   */
  readonly onDraft?: ((report: ScanReport) => void) | undefined;
  /** Layers read at a time; 0 or absent: two more than the machine has processors. */
  readonly parallel?: number | undefined;
  /**
   * Uncompressed bytes of all layers beyond which the image is refused: before anything is downloaded, if the compressed
   * ones are more already.
   */
  readonly maxImageBytes?: number | undefined;
}

/** What the report calls the image: the path, or the name as typed. */
export function artifactName({ input, reference }: ScanRequest): string {
  return input ?? reference ?? '';
}
