/** The type and the key of a Secret that holds docker's config.json. */
export const dockerConfigJson = { type: 'kubernetes.io/dockerconfigjson', key: '.dockerconfigjson' } as const;
/** The type and the key of a Secret of the older form. */
export const dockerCfg = { type: 'kubernetes.io/dockercfg', key: '.dockercfg' } as const;

/** One value of a Secret: its bytes, or why there are none. */
export type SecretValue =
  | { readonly from: 'data' | 'stringData'; readonly bytes: Uint8Array }
  | { readonly from: 'data'; readonly fault: string };

/** A Secret as it was written: of any type, and perhaps not fit for pulling images. */
export interface PullSecret {
  /** `metadata.name`; empty where there is none. */
  readonly name: string;
  readonly namespace?: string | undefined;
  /** `type`; `Opaque` where there is none, as the API server has it. */
  readonly type: string;
  readonly typeWritten: boolean;
  readonly data: ReadonlyMap<string, SecretValue>;
  /** A Secret of Kubernetes, or docker's own file, which is read as if a Secret held it. */
  readonly form: 'secret' | 'docker config';
  /** Where it came from, for people: `secret team/regcred in secret.yaml`. */
  readonly origin: string;
}
