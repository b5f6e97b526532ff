import { defaultRegistry } from '../reference/index.js';
import { RegistryError } from './errors.js';
import type { RegistryOptions, Repository } from './registry-client.js';

/** A place that answers for a registry: the registry itself, where it really is, or a mirror. */
export interface Endpoint {
  /** The registry that it answers for, as users name it. */
  readonly registry: string;
  /** `host` or `host:port`, lower case. */
  readonly host: string;
  /** Put in front of repositories there: empty, or `prefix/`. */
  readonly prefix: string;
  /** Given outright; absent: HTTPS, or what `plainHttp` allows. */
  readonly scheme: 'http' | 'https' | undefined;
  /** Whether it may be spoken to in plain HTTP, credentials and all. */
  readonly plainHttp: boolean;
  readonly isMirror: boolean;
}

const dockerHubHost = 'registry-1.docker.io';
const legacyDockerHub = 'index.docker.io';

/** The registry itself, or where its alias says that it is. */
export function mainEndpoint(registry: string, options: RegistryOptions): Endpoint {
  const key = registry.toLowerCase();
  const alias = lookUp(options.aliases, key);
  const text = alias ?? (key === defaultRegistry || key === legacyDockerHub ? dockerHubHost : key);
  const what = alias === undefined ? `"${registry}"` : `the alias of ${registry}`;
  return { ...parseEndpoint(text, what, options), registry, isMirror: false };
}

/** Whom to ask for a pull, in order; the last is the registry itself. */
export function pullEndpoints(registry: string, options: RegistryOptions): readonly Endpoint[] {
  const mirrors = (lookUp(options.mirrors, registry.toLowerCase()) ?? []).map((text) => ({
    ...parseEndpoint(text, `a mirror of ${registry}`, options),
    registry,
    isMirror: true,
  }));
  return [...mirrors, mainEndpoint(registry, options)];
}

/** A repository as it is called there. */
export function repositoryAt(endpoint: Endpoint, repository: string): string {
  return `${endpoint.prefix}${repository}`;
}

/** Whose credentials open it: a mirror has its own, an alias those of the registry it stands for. */
export function credentialName(endpoint: Endpoint, repository: string): Repository {
  return endpoint.isMirror
    ? { registry: endpoint.host, repository: repositoryAt(endpoint, repository) }
    : { registry: endpoint.registry, repository };
}

/** For messages: the registry, and which of its mirrors, or where it is if that is elsewhere. */
export function describeEndpoint({ registry, host, isMirror }: Endpoint): string {
  if (isMirror) return `${host}, a mirror of ${registry},`;
  return host === registry.toLowerCase() || host === dockerHubHost ? registry : `${registry} (${host})`;
}

/** Is it this machine itself that is spoken to? */
export function isLoopback(host: string): boolean {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

function parseEndpoint(
  text: string,
  what: string,
  options: RegistryOptions,
): Pick<Endpoint, 'host' | 'prefix' | 'scheme' | 'plainHttp'> {
  const scheme = /^(https?):\/\//i.exec(text)?.[1]?.toLowerCase() as 'http' | 'https' | undefined;
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const slash = rest.indexOf('/');
  const host = (slash < 0 ? rest : rest.slice(0, slash)).toLowerCase();
  const prefix = slash < 0 ? '' : rest.slice(slash + 1).replace(/\/{1,16}$/, '');
  if (!isHost(host) || !/^[a-z0-9._/-]*$/.test(prefix) || prefix.split('/').includes('..')) {
    throw new RegistryError('UNSUPPORTED', `${what} is no address of a registry`, {
      hint: 'write host[:port], perhaps with http:// before and /prefix behind it',
    });
  }
  const { plainHttp } = options;
  const names = [host, host.replace(/:\d{1,5}$/, '')];
  const allowed = plainHttp === 'all' || names.some((name) => plainHttp?.has(name)) || isLoopback(host);
  return { host, prefix: prefix === '' ? '' : `${prefix}/`, scheme, plainHttp: allowed };
}

function isHost(host: string): boolean {
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.test(host)) return false;
  return URL.canParse(`https://${host}/`);
}

/** Docker Hub goes by two names in configurations, and hosts are written in any case. */
function lookUp<Value>(map: ReadonlyMap<string, Value> | undefined, key: string): Value | undefined {
  const names = key === defaultRegistry ? [key, legacyDockerHub] : [key];
  for (const [name, value] of map ?? []) if (names.includes(name.toLowerCase())) return value;
  return undefined;
}
