import { parseRegistryUrl, splitPort, withoutScheme } from './registry-url.js';
import { toByteText } from './byte-text.js';

/** A key of a pull secret as the kubelet keeps it. Texts of bytes: one character for each. */
export interface RegistryKey {
  /** Host and path, by which keys are sorted and told apart. */
  readonly normalized: string;
  readonly labels: readonly string[];
  /** Digits, or nothing. */
  readonly port: string;
  /** With its first slash, or nothing. */
  readonly path: string;
}

/** Docker Hub's key: what the kubelet uses for its images when no key matches. */
export const hubKey = 'index.docker.io';

/**
 * What the kubelet makes of a key, or why it drops it. What is dropped while matching rather than while reading is
 * told in the same way: such a key matches nothing either.
 */
export function parseRegistryKey(key: string): RegistryKey | { readonly invalid: string } {
  const url = parseRegistryUrl(withoutScheme(key));
  if ('invalid' in url) return url;
  const path = /^\/v[12]\//.test(url.path) ? url.path.slice(3) : url.path;
  const normalized = path === '' || path === '/' ? url.host : url.host + path;
  // The kubelet reads its own result again for every image, percent signs too.
  const again = parseRegistryUrl(normalized);
  if ('invalid' in again) return again;
  const { host, port } = splitPort(again.host);
  return { normalized, labels: host.split('.'), port, path: again.path };
}

/** An image's registry and repository in the same form. */
export function parseImageName(image: { readonly registry: string; readonly repository: string }): RegistryKey {
  const { host, port } = splitPort(image.registry);
  const path = `/${image.repository}`;
  return { normalized: toByteText(image.registry + path), labels: host.split('.'), port, path };
}

/** Does the kubelet fall back to Docker Hub's key for images of this registry? */
export function fallsBackToHub(registry: string): boolean {
  return registry === 'docker.io' || registry === hubKey || (registry !== '' && !/[.:]/.test(registry));
}
