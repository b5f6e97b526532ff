import type { CredentialSource } from '../credentials/index.js';
import type { HostOptions, HttpClient, ProxyOptions } from '../http/index.js';
import type { RegistryClient } from '../registry/index.js';
import type { HostAccess, RegistryAccess } from './registry-access.js';

declare const TIDEWAITER_VERSION: string | undefined;

const version = typeof TIDEWAITER_VERSION === 'string' ? TIDEWAITER_VERSION : '0.0.0';

const impatience = { retries: 0, connectTimeoutMs: 5000, idleTimeoutMs: 15_000 } as const;

/** The ways out of this process. Each is loaded and made when it is first asked for, once. */
export interface Access {
  /** @throws HttpError `TLS_FAILED` when certificates that the environment names cannot be used */
  http(): Promise<HttpClient>;
  credentials(): Promise<CredentialSource>;
  /** Over that HTTP client, with those credentials. */
  registry(): Promise<RegistryClient>;
  /** A registry client over the same HTTP client, with these entries of pull secrets before the other credentials. */
  registryFor(podLogins: NonNullable<RegistryAccess['podLogins']>): Promise<RegistryClient>;
  /** Ends what was made; safe to call twice. */
  close(): Promise<void>;
}

/** Opens nothing yet, and loads nothing. */
export function openAccess(access: RegistryAccess): Access {
  let http: Promise<HttpClient> | undefined;
  let credentials: Promise<CredentialSource> | undefined;
  let registry: Promise<RegistryClient> | undefined;
  const opened: Access = {
    http: async () => await (http ??= openHttp(access)),
    credentials: async () => await (credentials ??= openCredentials(access)),
    registry: async () => await (registry ??= openRegistry(access, opened)),
    registryFor: async (podLogins) => {
      const theirs = { ...access, podLogins };
      return await openRegistry(theirs, { ...opened, credentials: async () => await openCredentials(theirs) });
    },
    async close() {
      const made = [registry, http].filter((one) => one !== undefined);
      registry = undefined;
      http = undefined;
      // What could not be made has nothing to end.
      for (const one of await Promise.allSettled(made)) if (one.status === 'fulfilled') await one.value.close();
    },
  };
  return opened;
}

async function openHttp(access: RegistryAccess): Promise<HttpClient> {
  const { environment, ca = [], insecure, offline } = access;
  const { createHttpClient } = await import('../http/index.js');
  const patience = access.impatient === true ? impatience : {};
  const base = { userAgent: `tidewaiter/${version}`, insecure, offline, hosts: hostOptions(access.hosts), ...patience };
  if (environment === undefined || offline === true) return createHttpClient({ ...base, ca });
  const { findHostCertificates, readSystemRoots, readTextIfThere } = await import('./certificate-files.js');
  // Node.js would add these to its own, which ours replace.
  const added = await readTextIfThere(environment['NODE_EXTRA_CA_CERTS']);
  return createHttpClient({
    ...base,
    ca: added === undefined ? ca : [...ca, added],
    roots: async () => await readSystemRoots(environment),
    findHost: async (host) => await findHostCertificates(host, environment),
    proxy: proxyOptions(environment),
  });
}

async function openCredentials(access: RegistryAccess): Promise<CredentialSource> {
  const { podLogins, logins, registryToken, secrets, environment } = access;
  const { createCredentials } = await import('../credentials/index.js');
  return createCredentials({ podLogins, logins, registryToken, secrets, environment });
}

async function openRegistry(access: RegistryAccess, opened: Access): Promise<RegistryClient> {
  const { createRegistryClient } = await import('../registry/index.js');
  return createRegistryClient({
    http: await opened.http(),
    credentials: await opened.credentials(),
    plainHttp: access.insecure === true ? 'all' : insecureHosts(access.hosts),
    mirrors: new Map(Object.entries(access.mirrors ?? {})),
    aliases: new Map(Object.entries(access.aliases ?? {})),
  });
}

function hostOptions(hosts: RegistryAccess['hosts'] = {}): ReadonlyMap<string, HostOptions> {
  const options = ({ ca, certificate, key, insecure }: HostAccess): HostOptions => ({
    ca: ca === undefined ? undefined : [ca],
    certificate,
    key,
    insecure,
  });
  return new Map(Object.entries(hosts).map(([host, access]) => [realHost(host.toLowerCase()), options(access)]));
}

/** Docker Hub's name is not that of its registry's host. */
function realHost(host: string): string {
  return host === 'docker.io' || host === 'index.docker.io' ? 'registry-1.docker.io' : host;
}

function insecureHosts(hosts: RegistryAccess['hosts'] = {}): ReadonlySet<string> {
  return new Set(
    Object.entries(hosts)
      .filter(([, access]) => access.insecure === true)
      .map(([host]) => host.toLowerCase()),
  );
}

/**
 * The proxies that the variables name, in capital letters or small ones. A program that a web server runs is given the
 * request's headers as variables: there `HTTP_PROXY` is whatever a client wrote into its `Proxy` header.
 */
export function proxyOptions(environment: Readonly<Record<string, string | undefined>>): ProxyOptions {
  const variable = (...names: readonly string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const servesRequest = variable('REQUEST_METHOD') !== undefined;
  return {
    http: servesRequest ? variable('http_proxy') : variable('HTTP_PROXY', 'http_proxy'),
    https: variable('HTTPS_PROXY', 'https_proxy'),
    none: variable('NO_PROXY', 'no_proxy'),
  };
}
