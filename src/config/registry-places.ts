import type { HostAccess, RegistryAccess } from '../access/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../formats/index.js';
import { closest } from './closest.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';

/** `registry.mirrors` of the configuration file. @throws ConfigError `INVALID_VALUE` */
export function readMirrors(settings: Settings): RegistryAccess['mirrors'] {
  const mirrors: Record<string, readonly string[]> = {};
  for (const { name, value, origin } of membersOf(settings, 'registry.mirrors')) {
    const registry = registryName(name, origin);
    // One mirror need not be written as a list; none is none.
    const list = value === null ? [] : (asArray(value) ?? [value]);
    mirrors[registry] = [...(mirrors[registry] ?? []), ...list.map((item) => readPlace(item, origin))];
  }
  return mirrors;
}

/** `registry.aliases` of the configuration file. @throws ConfigError `INVALID_VALUE` */
export function readAliases(settings: Settings): RegistryAccess['aliases'] {
  const aliases: Record<string, string> = {};
  for (const { name, value, origin } of membersOf(settings, 'registry.aliases')) {
    if (value !== null) aliases[registryName(name, origin)] = readPlace(value, origin);
  }
  return aliases;
}

const hostMembers = ['ca', 'cert', 'key', 'insecure'] as const;

/** `registry.hosts` of the configuration file, with its files read. @throws ConfigError `INVALID_VALUE`, `FILE_NOT_FOUND`, `FILE_INVALID` */
export async function readHosts(settings: Settings): Promise<RegistryAccess['hosts']> {
  const hosts: Record<string, HostAccess> = {};
  for (const { name, value, origin } of membersOf(settings, 'registry.hosts')) {
    if (value !== null) hosts[registryName(name, origin).toLowerCase()] = await readHost(value, origin);
  }
  return hosts;
}

async function readHost(value: JsonValue, origin: string): Promise<HostAccess> {
  const members = asObject(value);
  if (!members) {
    throw new ConfigError('INVALID_VALUE', `${origin} must be a map`, { hint: `it takes ${hostMembers.join(', ')}` });
  }
  checkMembers(members, origin);
  const ca = pathOf(members, 'ca', origin);
  const certificate = pathOf(members, 'cert', origin);
  const key = pathOf(members, 'key', origin);
  if ((certificate === undefined) !== (key === undefined)) {
    const [has, lacks] = key === undefined ? ['cert', 'key'] : ['key', 'cert'];
    throw new ConfigError('INVALID_VALUE', `${origin} has ${has} and no ${lacks}`, { hint: 'name both files' });
  }
  const insecure = members['insecure'] ?? undefined;
  if (insecure !== undefined && typeof insecure !== 'boolean') {
    throw new ConfigError('INVALID_VALUE', `${origin}: insecure is neither true nor false`);
  }
  return { ...(await readFiles({ ca, certificate, key }, origin)), insecure };
}

async function readFiles(
  { ca, certificate, key }: Pick<HostAccess, 'ca' | 'certificate' | 'key'>,
  origin: string,
): Promise<HostAccess> {
  const { readCertificates, readClientCertificate } = await import('./pem-file.js');
  const client =
    certificate === undefined || key === undefined ? {} : await readClientCertificate({ certificate, key }, origin);
  return { ca: ca === undefined ? undefined : await readCertificates(ca, origin), ...client };
}

function checkMembers(members: JsonObject, origin: string): void {
  for (const name of Object.keys(members)) {
    if (hostMembers.some((known) => known === name)) continue;
    const meant = closest(name, hostMembers);
    throw new ConfigError('INVALID_VALUE', `${origin} has the unknown key ${name.slice(0, 60)}`, {
      hint: meant === undefined ? `it takes ${hostMembers.join(', ')}` : `did you mean ${meant}?`,
    });
  }
}

function pathOf(members: JsonObject, name: string, origin: string): string | undefined {
  const value = members[name] ?? undefined;
  if (value === undefined) return undefined;
  const path = asString(value);
  if (path !== undefined && path !== '') return path;
  throw new ConfigError('INVALID_VALUE', `${origin}: ${name} must be the path of a file`);
}

interface Member {
  readonly name: string;
  readonly value: JsonValue;
  readonly origin: string;
}

function membersOf(settings: Settings, key: string): readonly Member[] {
  const setting = settings.fromFile(key);
  if (setting === undefined) return [];
  const members = asObject(setting.value);
  if (!members) {
    throw new ConfigError('INVALID_VALUE', `${setting.origin} must be a map`, {
      hint: 'write "registry: value" below it',
    });
  }
  return Object.entries(members).map(([name, value]) => ({ name, value, origin: `${key}.${name} in ${setting.path}` }));
}

/** `host`, `host:port`, `[::1]:5000`. */
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

function registryName(name: string, origin: string): string {
  if (name.length <= 255 && hostPattern.test(name)) return name === 'index.docker.io' ? 'docker.io' : name;
  throw new ConfigError('INVALID_VALUE', `${origin.slice(0, 300)} is not below the name of a registry`, {
    hint: 'write host or host:port, such as docker.io or localhost:5000',
  });
}

/** `host[:port][/path]`, perhaps with a scheme. Nothing of it is quoted, for it may hold a password. */
function readPlace(value: JsonValue, origin: string): string {
  const text = asString(value) ?? '';
  const scheme = /^https?:\/\//.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length).replace(/\/$/, '');
  const slash = rest.indexOf('/');
  const host = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash + 1);
  if (text.length <= 512 && hostPattern.test(host) && (slash < 0 || /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(path))) {
    return scheme + rest;
  }
  throw new ConfigError('INVALID_VALUE', `${origin} holds something that is no place of a registry`, {
    hint: 'write host[:port][/path], such as mirror.example.com/hub or http://localhost:5000; no user, no password',
  });
}
