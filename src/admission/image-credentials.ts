/** What the pull secrets of a pod have for one image. */
export interface ImageCredentials {
  /** The same for the same credentials, other for others, and nothing can be told from it. */
  readonly key: string;
  /** In the order in which the kubelet tries them. */
  readonly logins: readonly {
    readonly key: string;
    readonly username: string;
    readonly password: string;
    readonly origin: string;
  }[];
  /** What is to be said of pull secrets where the image cannot be had: one clause each, with nothing of what is in them. */
  readonly problems: readonly string[];
}

/** Nobody in particular asks. */
export const noCredentials: ImageCredentials = { key: '', logins: [], problems: [] };
