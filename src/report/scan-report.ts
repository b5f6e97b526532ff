import type { OperatingSystem } from '../ecosystems/index.js';
import type { Finding, FindingStatus, Severity, SuppressedFinding, Unknown } from '../findings/index.js';
import type { Verdict } from '../screening/index.js';

export type { Verdict };

/** Our own document: what was looked at, with what, what was found, what could not be assessed, and the verdict. */
export interface ScanReport {
  /** Raised when a member changes its meaning or goes away; new members do not raise it. */
  readonly schemaVersion: 1;
  readonly reportId: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly tool: { readonly name: 'tidewaiter'; readonly version: string };
  readonly artifact: Artifact;
  readonly database?: DatabaseInfo | undefined;
  /** One a platform. */
  readonly images: readonly ImageReport[];
  /** The worst of the images'. */
  readonly verdict: Verdict;
  /** Sentences for the user that change no verdict: the starter database, end of life, a manifest that was skipped. */
  readonly notices: readonly string[];
  /** What was left out because it was not asked for; absent: nothing. */
  readonly narrowing?: Narrowing | undefined;
}

/** Why a report may tell of less than there is. Only what was narrowed is there. */
export interface Narrowing {
  /** Findings of these severities only. */
  readonly severities?: readonly Severity[] | undefined;
  /** No findings of these statuses. */
  readonly withoutStatuses?: readonly FindingStatus[] | undefined;
  /** Packages of these types only: `os`, `library`. */
  readonly packageTypes?: readonly string[] | undefined;
  /** Packages of these relationships only. */
  readonly packageRelationships?: readonly string[] | undefined;
  /** Globs of folders and files that were passed over. */
  readonly skipped?: readonly string[] | undefined;
}

export interface Artifact {
  /** The name as given: the reference, or the path. */
  readonly name: string;
  readonly type: 'container_image';
}

export interface DatabaseInfo {
  readonly kind: 'starter' | 'installed' | 'file';
  /** Where it lies: a path, or `inside the package`. */
  readonly location: string;
  readonly schemaVersion: number;
  /** `sha256:...` of the file, where it is known without reading it all. */
  readonly digest?: string | undefined;
  /** RFC 3339; when its data was gathered. */
  readonly updatedAt?: string | undefined;
  readonly nextUpdate?: string | undefined;
}

export interface ImageReport {
  /** `os/arch[/variant]`. */
  readonly platform: string;
  readonly imageId: string;
  readonly manifestDigest?: string | undefined;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Uncompressed bytes of all layers. */
  readonly sizeBytes: number;
  /** The image config as it stands in the image (an OCI image config document). */
  readonly config: unknown;
  readonly layers: readonly LayerReport[];
  readonly operatingSystem?: OperatingSystemReport | undefined;
  readonly results: readonly ResultReport[];
  readonly unknowns: readonly Unknown[];
  readonly coverage: readonly CoverageReport[];
  readonly verdict: Verdict;
}

export interface LayerReport {
  /** Digest of the stored, compressed bytes; absent where the layer is stored uncompressed. */
  readonly digest?: string | undefined;
  readonly diffId: string;
  /** Uncompressed bytes. */
  readonly sizeBytes: number;
  readonly createdBy?: string | undefined;
}

export interface OperatingSystemReport extends OperatingSystem {
  /** RFC 3339; when support ends or ended; absent: never, or not known. */
  readonly endOfLifeDate?: string | undefined;
  /** Support has ended. */
  readonly endOfLife: boolean;
}

export interface ResultReport {
  readonly target: string;
  readonly class: 'os-pkgs' | 'lang-pkgs';
  /** OS family or application type. */
  readonly type: string;
  readonly packages: readonly PackageReport[];
  /** Sorted as `writers` print them; exceptions are in `suppressed`. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/** A package with its place. The findings' `packageId`, `packageName`, `packagePath` and version lead here. */
export interface PackageReport {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly release?: string | undefined;
  readonly epoch?: number | undefined;
  readonly arch?: string | undefined;
  readonly source?:
    | {
        readonly name: string;
        readonly version: string;
        readonly release?: string | undefined;
        readonly epoch?: number | undefined;
      }
    | undefined;
  readonly licenses?: readonly string[] | undefined;
  readonly maintainer?: string | undefined;
  readonly modularityLabel?: string | undefined;
  readonly origin?: 'official' | 'third-party' | undefined;
  readonly dev?: boolean | undefined;
  readonly relationship?: 'unknown' | 'root' | 'workspace' | 'direct' | 'indirect' | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  readonly filePath?: string | undefined;
  readonly digest?: string | undefined;
  readonly installedFiles?: readonly string[] | undefined;
  readonly purl?: string | undefined;
  readonly uid: string;
  /** Index into the image's `layers`. */
  readonly layerIndex: number;
  readonly analyzedBy: string;
}

/** How much of one scope the database had data for. */
export interface CoverageReport {
  /** `alpine 3.11`, `npm`, `pip`. */
  readonly scope: string;
  /** Match keys (source packages for distributions) in the image. */
  readonly packages: number;
  /** Of these, how many the database was made to judge. */
  readonly reviewed: number;
}
