import type { Reference } from '../reference/index.js';
import { showSentence } from './byte-text.js';
import { matchLabel } from './label-glob.js';
import { fallsBackToHub, hubKey, parseImageName, parseRegistryKey, type RegistryKey } from './registry-key.js';

/** Registry and repository of an image, every default written out. */
export type ImageName = Pick<Reference, 'registry' | 'repository'>;

/** Whether the kubelet uses a key for an image. */
export interface KeyVerdict {
  readonly matches: boolean;
  /** Why it matches or does not; one clause without a full stop. */
  readonly why: string;
}

/** Would the kubelet use what stands under this key for the image, if it were the only key? */
export function explainKey(key: string, image: ImageName): KeyVerdict {
  const parsed = parseRegistryKey(key);
  const direct = matchKey(key, parsed, image);
  if (direct.matches || 'invalid' in parsed || !isHubFallback(parsed, image)) return direct;
  return { matches: true, why: hubFallbackReason(image) };
}

/** Is this Docker Hub's own key, and the image one for which the kubelet takes it when no key matches? */
export function isHubFallback(parsed: RegistryKey, image: ImageName): boolean {
  return parsed.normalized === hubKey && fallsBackToHub(image.registry);
}

/** Why Docker Hub's key is used for an image that it does not name; one clause. */
export function hubFallbackReason(image: ImageName): string {
  return image.registry === 'docker.io' || image.registry === hubKey
    ? `no other key matches, so the kubelet takes Docker Hub's key "${hubKey}"`
    : `no other key matches, and "${image.registry}" has neither "." nor ":", so the kubelet takes Docker Hub's key "${hubKey}" for it`;
}

/** The rules for one key, without the fall-back to Docker Hub's. */
export function matchKey(
  key: string,
  parsed: RegistryKey | { readonly invalid: string },
  image: ImageName,
): KeyVerdict {
  if ('invalid' in parsed) return no(`the kubelet drops this key: ${parsed.invalid}`);
  const name = parseImageName(image);
  const broken = brokenRule(parsed, name, image);
  if (broken === undefined) return { matches: true, why: showSentence(matchReason(parsed, image)) };
  return no(misspelling(key, parsed, image) ?? broken);
}

function no(why: string): KeyVerdict {
  return { matches: false, why: showSentence(why) };
}

function matchReason(parsed: RegistryKey, { registry, repository }: ImageName): string {
  const globs = parsed.labels.some((label) => label.includes('*'));
  const host = globs ? `its host pattern matches "${registry}" label by label` : `its host is "${registry}"`;
  if (parsed.path === '' || parsed.path === '/') return host;
  const path = parsed.path.slice(1);
  if (path === repository) return `${host}, and its path is the repository`;
  const goesOn = path.endsWith('/') || repository.charAt(path.length) === '/';
  return goesOn
    ? `${host}, and its path "${path}" begins "${repository}"`
    : `${host}, and its path "${path}" begins "${repository}" as plain text, though not at a slash`;
}

function brokenRule(key: RegistryKey, name: RegistryKey, image: ImageName): string | undefined {
  const whose = `of ${image.registry}`;
  if (key.port !== name.port) return portReason(key.port, name.port);
  if (key.labels.length !== name.labels.length) {
    const count = (labels: readonly string[]): string => `${labels.length} ${labels.length === 1 ? 'label' : 'labels'}`;
    return `its host has ${count(key.labels)} between dots, that ${whose} ${name.labels.length}; a "*" stands within one label`;
  }
  const at = key.labels.findIndex((label, index) => !matchLabel(label, name.labels[index] ?? ''));
  if (at >= 0) return labelReason(key.labels[at] ?? '', name.labels[at] ?? '', at + 1);
  if (name.path.startsWith(key.path)) return undefined;
  return pathReason(key.path.slice(1), image.repository);
}

function portReason(port: string, wanted: string): string {
  if (port === '') return `the image's registry has port ${wanted}, the key none`;
  return wanted === ''
    ? `the key has port ${port}, the image's registry none; 443 is not left out either`
    : `the key has port ${port}, the image's registry ${wanted}`;
}

function labelReason(label: string, wanted: string, place: number): string {
  if (label.toLowerCase() === wanted.toLowerCase() && label !== wanted) {
    return `label ${place} of its host, "${label}", is not "${wanted}": capital letters count`;
  }
  if (label.startsWith('[')) {
    return 'without a port the brackets of an address are read as a set of characters, so it matches no address';
  }
  return `label ${place} of its host, "${label}", does not match "${wanted}"`;
}

function pathReason(path: string, repository: string): string {
  if (path === `${repository}/`) return `its path "${path}" ends in a slash, so it only covers what lies below it`;
  if (path.startsWith(`${repository}:`) || path.startsWith(`${repository}@`)) {
    return `its path "${path}" has a tag or digest; keys name repositories only`;
  }
  if (path.includes('*')) return `its path "${path}" does not begin "${repository}"; a "*" in a path stands for itself`;
  return `its path "${path}" does not begin "${repository}"`;
}

const hubHosts = new Set(['docker.io', hubKey, 'registry-1.docker.io', 'hub.docker.com', 'registry.hub.docker.com']);

/** What the writer of a key meant that does not match, where it can be told. */
function misspelling(key: string, parsed: RegistryKey, image: ImageName): string | undefined {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(key.slice(0, 40))?.[1];
  if (scheme !== undefined && scheme !== 'https' && scheme !== 'http') {
    return `"${scheme}:" is taken for the host, only https:// and http:// in lower case are left out`;
  }
  if (image.registry !== 'docker.io') return undefined;
  const host = parsed.labels.join('.');
  if (!hubHosts.has(host.toLowerCase())) return undefined;
  if (host === hubKey && /^\/v[12]$/.test(parsed.path)) return `Docker Hub's key ends in a slash: "${key}/"`;
  if (host === hubKey && parsed.path !== '') return `with a path, Docker Hub is spelt "docker.io${parsed.path}"`;
  return host === 'docker.io' ? undefined : 'Docker Hub is spelt "https://index.docker.io/v1/" here';
}
