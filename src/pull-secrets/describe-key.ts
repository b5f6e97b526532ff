import { showSentence } from './byte-text.js';
import { hubKey, parseRegistryKey } from './registry-key.js';

/** For which images the kubelet uses what stands under a key, in words. */
export function describeKey(key: string): string {
  return showSentence(describe(key));
}

function describe(key: string): string {
  const parsed = parseRegistryKey(key);
  if ('invalid' in parsed) return `no image: ${parsed.invalid}`;
  const { labels, port, path, normalized } = parsed;
  if (normalized === hubKey)
    return 'every image of Docker Hub, and of registries without a dot in their name, if no other key matches';
  if (normalized === '') return 'no image';
  const host = labels.join('.');
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const address = `${bracketed}${port === '' ? '' : `:${port}`}`;
  const where = host.includes('*') ? `registries like ${address}` : address;
  const named = address === 'docker.io' ? 'Docker Hub' : where;
  if (path === '' || path === '/') return `every image of ${named}`;
  const shown = path.slice(1);
  return shown.endsWith('/')
    ? `images of ${named} below ${shown}`
    : `images of ${named} whose path begins with ${shown}`;
}
