import { join } from 'node:path';
import { limits, messageOf } from '../../core/index.js';
import { asObject, asString, type JsonObject, parseJson } from '../../formats/index.js';
import { printable } from '../choose.js';
import { ImageError } from '../errors.js';
import { hashOf } from '../documents.js';
import { type DaemonEndpoint, type DaemonTls, parseEndpoint } from './docker-endpoint.js';
import { isThere, readSetting } from './setting-file.js';
import type { NamedImage } from './named-source.js';

const title = 'Docker';
const saving = 'docker save';

/**
 * Where Docker listens: `dockerHost`, `DOCKER_HOST`, the context that `DOCKER_CONTEXT` or Docker's configuration names,
 * or the first of the usual sockets that is there. Only files are looked at.
 * @throws ImageError `SOURCE_UNAVAILABLE`
 */
export async function findDockerEndpoint({
  dockerHost,
  environment,
}: Pick<NamedImage, 'dockerHost' | 'environment'>): Promise<DaemonEndpoint> {
  const configDir = configDirOf(environment);
  const host = dockerHost || environment['DOCKER_HOST'];
  if (host) {
    const plain = parseEndpoint({ host, title, saving });
    if (plain.kind === 'socket') return plain;
    return parseEndpoint({ host, title, saving, tls: await tlsOfEnvironment(environment, configDir) });
  }
  const name = environment['DOCKER_CONTEXT'] || (await currentContext(configDir));
  if (name && name !== 'default') return await contextEndpoint(name, configDir);
  return await usualSocket(environment);
}

function configDirOf(environment: NamedImage['environment']): string | undefined {
  const home = environment['HOME'] || environment['USERPROFILE'];
  return environment['DOCKER_CONFIG'] || (home ? join(home, '.docker') : undefined);
}

/**
 * The variables of docker's command line. `DOCKER_CERT_PATH` alone asks for TLS too, as Docker's libraries take it; only
 * `DOCKER_TLS` without `DOCKER_TLS_VERIFY` lets the server go unchecked.
 */
async function tlsOfEnvironment(
  environment: NamedImage['environment'],
  configDir: string | undefined,
): Promise<DaemonTls | undefined> {
  const { DOCKER_TLS: tls, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: certificates } = environment;
  if (!tls && !verify && !certificates) return undefined;
  const folder = certificates || configDir;
  return { ...(folder ? await readTlsFolder(folder) : {}), insecure: Boolean(tls) && !verify };
}

async function readTlsFolder(folder: string): Promise<DaemonTls> {
  const read = async (name: string) => {
    const bytes = await readSetting(join(folder, name), title);
    return bytes && new TextDecoder().decode(bytes);
  };
  const certificate = await read('cert.pem');
  const key = await read('key.pem');
  if ((certificate === undefined) !== (key === undefined)) {
    const absent = certificate === undefined ? 'cert.pem' : 'key.pem';
    throw new ImageError('SOURCE_UNAVAILABLE', `Docker's client certificate needs ${join(folder, absent)}`, {
      hint: 'put cert.pem and key.pem into the folder, or neither',
    });
  }
  return { ca: await read('ca.pem'), certificate, key };
}

async function currentContext(configDir: string | undefined): Promise<string | undefined> {
  const config = configDir && (await readObject(join(configDir, 'config.json')));
  return config ? asString(config['currentContext']) : undefined;
}

/** Contexts lie in folders named after the hash of their names. https://docs.docker.com/engine/manage-resources/contexts/ */
async function contextEndpoint(name: string, configDir: string | undefined): Promise<DaemonEndpoint> {
  const id = hashOf(new TextEncoder().encode(name)).slice('sha256:'.length);
  const contexts = configDir && join(configDir, 'contexts');
  const meta = contexts && (await readObject(join(contexts, 'meta', id, 'meta.json')));
  const endpoint = meta ? asObject(asObject(meta['Endpoints'])?.['docker']) : undefined;
  if (!contexts || !meta) {
    throw new ImageError('SOURCE_UNAVAILABLE', `there is no Docker context called ${printable(name)}`, {
      hint: 'docker context ls lists them; DOCKER_CONTEXT or the current context of docker says which is used',
    });
  }
  const host = asString(endpoint?.['Host']);
  if (!host) return { kind: 'socket', path: defaultSocket };
  const files = await readTlsFolder(join(contexts, 'tls', id, 'docker'));
  const insecure = endpoint?.['SkipTLSVerify'] === true;
  const isPlain = !insecure && Object.values(files).every((text) => text === undefined);
  return parseEndpoint({ host, title, saving, tls: isPlain ? undefined : { ...files, insecure } });
}

async function readObject(path: string): Promise<JsonObject | undefined> {
  const bytes = await readSetting(path, title);
  if (!bytes) return undefined;
  try {
    return asObject(parseJson(bytes, { maxBytes: limits.userFileBytes })) ?? {};
  } catch (thrown) {
    throw new ImageError('SOURCE_UNAVAILABLE', `${path} cannot be understood: ${printable(messageOf(thrown))}`, {
      cause: thrown,
    });
  }
}

const defaultSocket = '/var/run/docker.sock';

async function usualSocket(environment: NamedImage['environment']): Promise<DaemonEndpoint> {
  if (process.platform === 'win32') return parseEndpoint({ host: 'npipe:////./pipe/docker_engine', title, saving });
  const { HOME: home, XDG_RUNTIME_DIR: runtime } = environment;
  const others = [
    home && join(home, '.docker/run/docker.sock'),
    home && join(home, '.docker/desktop/docker.sock'),
    runtime && join(runtime, 'docker.sock'),
  ];
  for (const path of [defaultSocket, ...others]) {
    if (path && (await isThere(path))) return { kind: 'socket', path };
  }
  return { kind: 'socket', path: defaultSocket };
}
