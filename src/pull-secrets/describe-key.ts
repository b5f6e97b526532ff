import { hubKey, parseRegistryKey } from './registry-key.js';

/** Of which images the kubelet uses what stands under this key, as one clause for people. */
export function describeKey(key: string): string {
  const parsed = parseRegistryKey(key);
  if ('invalid' in parsed) return `no image: the kubelet drops this key (${parsed.invalid})`;
  if (parsed.normalized === hubKey) {
    return 'images of Docker Hub, when no other key matches; also of registries without "." and ":" in their name, such as localhost';
  }
  const host = parsed.labels.join('.');
  // A lone address in brackets is read as a set of characters.
  if (host.startsWith('[') && parsed.port === '') return 'no image: an IPv6 address needs its port here';
  // Names of its images are read as docker.io.
  if (host === hubKey && parsed.port === '') return 'no image: with a path, Docker Hub is spelt docker.io';
  const address = host.includes(':') ? `[${host}]` : host;
  const full = parsed.port === '' ? address : `${address}:${parsed.port}`;
  const registries = host.includes('*') ? `registries that match ${full}, label by label` : full;
  const path = parsed.path.slice(1);
  return path === '' ? `all images of ${registries}` : `images of ${registries} whose repository begins "${path}"`;
}
