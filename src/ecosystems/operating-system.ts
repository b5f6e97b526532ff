/** The distribution of an image, as its release files name it. */
export interface OperatingSystem {
  /** Family as reports spell it: `alpine`, `debian`, `ubuntu`, `wolfi`...; `none`: OS packages without an OS. */
  readonly family: string;
  /** Release as the file gives it: `3.11.6`, `10.3`, `18.04`; may be empty. */
  readonly name: string;
  /** Ubuntu Pro (ESM) is enabled. */
  readonly extended?: boolean | undefined;
}

/** The release that `etc/apk/repositories` points to. */
export interface PackageRepository {
  readonly family: string;
  readonly release: string;
}
