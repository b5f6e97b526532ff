import type { OperatingSystem, Relationship } from '../ecosystems/index.js';
import type { FindingStatus, Severity } from '../findings/index.js';
import type { Exceptions } from '../policy/index.js';
import type { ScanReport } from '../report/index.js';

/** What to scan and how. Every member but `input` has a default. */
export interface ScanRequest {
  /** Path of an archive or of an OCI layout directory; `-` reads an archive from standard input. */
  readonly input: string;
  /** Which image of an archive that holds several: a name, an id or a digest. */
  readonly reference?: string | undefined;
  /** `os/arch[/variant]`; default: this machine's, under Linux. */
  readonly platform?: string | undefined;
  /** Folder of databases and kept facts; default: `tidewaiter` in the user's cache folder. */
  readonly cacheDir?: string | undefined;
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
  /** Uncompressed bytes of all layers beyond which the image is refused. */
  readonly maxImageBytes?: number | undefined;
}
