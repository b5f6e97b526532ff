import type { Reference } from '../reference/index.js';
import type { AuthFile } from './auth-file.js';

type ImageName = Pick<Reference, 'registry' | 'repository'>;

/** Whose rules a file follows. */
export type FileRules = 'docker' | 'containers';

/** Whether an entry of `auths`, told by its place in the file, is for an image. */
export interface AuthVerdict {
  readonly index: number;
  readonly matches: boolean;
  readonly why: string;
}

/** Docker Hub's key in docker's file. */
export const dockerHubKey = 'https://index.docker.io/v1/';

/** The name by which docker's file and its helpers know a registry. */
export function dockerKeyOf(registry: string): string {
  return registry === 'docker.io' ? dockerHubKey : registry;
}

/** Every entry of `auths` with the reason, those that match first. */
export function matchAuths(rules: FileRules, file: AuthFile, image: ImageName): readonly AuthVerdict[] {
  const keys = file.auths.map((entry) => entry.key);
  const verdicts = rules === 'docker' ? matchDocker(keys, image) : matchContainers(keys, image);
  return [...verdicts.filter(({ matches }) => matches), ...verdicts.filter(({ matches }) => !matches)];
}

/** Scheme and path left out, as docker does with keys of older days. */
function hostOf(key: string): string {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  return slash < 0 ? bare : bare.slice(0, slash);
}

function matchDocker(keys: readonly string[], { registry, repository }: ImageName): readonly AuthVerdict[] {
  const wanted = dockerKeyOf(registry);
  // docker itself knows no such keys; other programs that read its file put them first.
  const whole = `${registry}/${repository}`;
  const exact = keys.includes(wanted);
  const verdicts = keys.map((key, index): AuthVerdict => {
    if (key === whole) return { index, matches: true, why: 'it is the repository of the image' };
    if (key === wanted) {
      return { index, matches: true, why: wanted === dockerHubKey ? "it is Docker Hub's key" : 'it is the registry' };
    }
    if (exact) return { index, matches: false, why: `"${wanted}" stands in the same file and is taken alone` };
    if (hostOf(key) === wanted) return { index, matches: true, why: 'its host is the registry' };
    if (registry === 'docker.io' && /^(?:index\.|registry-1\.)?docker\.io$/.test(hostOf(key))) {
      return { index, matches: false, why: `docker knows Docker Hub only as "${dockerHubKey}"` };
    }
    return { index, matches: false, why: `it is another registry than "${wanted}"` };
  });
  return verdicts.toSorted((a, b) => Number(keys[b.index] === whole) - Number(keys[a.index] === whole));
}

function matchContainers(keys: readonly string[], { registry, repository }: ImageName): readonly AuthVerdict[] {
  const specific = namespacesOf(`${registry}/${repository}`).find((name) => keys.includes(name));
  if (specific !== undefined) {
    return keys.map((key, index) => {
      if (key === specific) {
        return {
          index,
          matches: true,
          why: key === registry ? 'it is the registry' : 'it begins the name of the image, up to a slash',
        };
      }
      const covers = `${registry}/${repository}/`.startsWith(`${key}/`);
      return {
        index,
        matches: false,
        why: covers ? `"${specific}" says more of the image and is taken alone` : otherName(key, registry),
      };
    });
  }
  const wanted = hubAlias(registry);
  return keys.map((key, index) => {
    const bare = key.replace(/^https?:\/\//, '');
    const host = bare === key ? key : hostOf(key);
    return hubAlias(host) === wanted
      ? { index, matches: true, why: 'without scheme and path it is the registry' }
      : { index, matches: false, why: otherName(key, registry) };
  });
}

function otherName(key: string, registry: string): string {
  return hostOf(key) === registry
    ? 'it names other repositories of the registry'
    : `it is another registry than "${registry}"`;
}

/** `a/b/c`, `a/b`, `a`: the most exact first. */
function namespacesOf(name: string): readonly string[] {
  const parts = name.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

function hubAlias(registry: string): string {
  return registry === 'docker.io' || registry === 'registry-1.docker.io' ? 'index.docker.io' : registry;
}
