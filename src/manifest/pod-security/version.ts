/** A minor version of Kubernetes whose edition of the standard is meant, or the newest edition. */
export type PodSecurityVersion = 'latest' | { readonly major: number; readonly minor: number };

/** `latest`, `v1.30` or `1.30`, as namespace labels have it; `undefined` for anything else. */
export function parsePodSecurityVersion(text: string): PodSecurityVersion | undefined {
  if (text === 'latest') return text;
  const minor = /^v?1\.(0|[1-9][0-9]{0,3})$/.exec(text)?.[1];
  return minor === undefined ? undefined : { major: 1, minor: Number(minor) };
}

/** The minor version of Kubernetes 1; past every edition for `latest` and for a later major version. */
export function minorOf(version: PodSecurityVersion): number {
  if (version === 'latest' || version.major > 1) return Number.MAX_SAFE_INTEGER;
  return version.major < 1 ? 0 : version.minor;
}
