/** The way to an API server, and what proves there who we are. Texts are PEM. */
export interface ClusterAccess {
  /** Always https; paths are below it. */
  readonly server: URL;
  /** The name that its certificate must be for, where it is not the URL's. */
  readonly serverName?: string | undefined;
  /** Authorities of its certificate; absent: those that this machine trusts. */
  readonly ca?: string | undefined;
  /** Its certificate is not checked, because the kubeconfig says so. */
  readonly insecure?: boolean | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** `http://` or `https://`. */
  readonly proxy?: string | undefined;
  readonly token?: string | undefined;
  /** Absolute; read for each question, because tokens are replaced while we run. */
  readonly tokenFile?: string | undefined;
}

/** Finds it anew, as files are replaced. @throws ClusterError `CLUSTER_CONFIG_INVALID` */
export type FindClusterAccess = () => Promise<ClusterAccess>;
