/** How registries and other servers are reached, as plain settings. All members are optional. */
export interface RegistryAccess {
  /**
   * Entries of the pull secrets of a pod: matched to images as the kubelet does it, and tried before all else, as the
   * kubelet tries them before what its node has. `origin` names the secret for people.
   */
  readonly podLogins?:
    | readonly {
        readonly key: string;
        readonly username: string;
        readonly password: string;
        readonly origin: string;
      }[]
    | undefined;
  /** Given outright: offered to whatever registry is asked, before all else, in order. */
  readonly logins?: readonly { readonly username: string; readonly password: string }[] | undefined;
  /** Sent as the bearer token to whatever registry is asked. */
  readonly registryToken?: string | undefined;
  /** Kubernetes Secrets (YAML or JSON, perhaps several documents), matched to images as the kubelet does it. */
  readonly secrets?: readonly { readonly name: string; readonly text: string }[] | undefined;
  /**
   * The process's variables: where docker's and containers' files lie (`DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`, `HOME`,
   * `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`), `DOCKER_AUTH_CONFIG`, `PATH` for helper programs, proxies (`HTTPS_PROXY`,
   * `HTTP_PROXY`, `NO_PROXY`), `SSL_CERT_FILE` and `SSL_CERT_DIR`. Absent: nothing is taken from the machine.
   */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** PEM texts of further certificate authorities. */
  readonly ca?: readonly string[] | undefined;
  /** Allow plain HTTP, and certificates that nobody vouches for. */
  readonly insecure?: boolean | undefined;
  /** What holds for single hosts, by `host` or `host:port`; PEM texts. */
  readonly hosts?: Readonly<Record<string, HostAccess>> | undefined;
  /** By registry: others to ask first, `host[:port][/prefix]`, perhaps with `http://`. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** By registry: where it really is. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** Nobody waits for it: a connection that is not there in five seconds or silent for fifteen is given up. */
  readonly impatient?: boolean | undefined;
  /** Open no connection at all. */
  readonly offline?: boolean | undefined;
}

export interface HostAccess {
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly insecure?: boolean | undefined;
}
