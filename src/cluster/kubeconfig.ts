import { dirname, resolve } from 'node:path';
import { isTidewaiterError } from '../core/index.js';
import { asArray, asObject, asString, parseYaml, type JsonObject, type JsonValue } from '../formats/index.js';
import type { ClusterAccess, FindClusterAccess } from './cluster-access.js';
import { ClusterError } from './errors.js';
import { checkToken, readSmallFile, readToken } from './read-file.js';

/**
 * The way that the current context of a kubeconfig leads to. Client certificates, tokens and files of them are understood;
 * what would need a program, a password or another identity is refused, because to go on without is to be somebody else.
 * The doctor's reader of such files tells every mistake and reads on; this one needs all of it to be right.
 * @throws ClusterError `CLUSTER_CONFIG_INVALID` at once where the file cannot be used
 */
export async function kubeconfigAccess(path: string): Promise<FindClusterAccess> {
  const find = (): Promise<ClusterAccess> => readAccess(resolve(path));
  const { tokenFile } = await find();
  if (tokenFile !== undefined) await readToken(tokenFile);
  return find;
}

async function readAccess(path: string): Promise<ClusterAccess> {
  const root = parsed(await readSmallFile(path, 'kubeconfig'), path);
  const current = textIn(root, 'current-context', path);
  if (current === undefined) fail(path, 'current-context is missing', 'add it: kubectl config use-context NAME');
  const context = named(root, { list: 'contexts', member: 'context', name: current }, path);
  const clusterName = textIn(context, 'cluster', path) ?? '';
  const cluster = named(root, { list: 'clusters', member: 'cluster', name: clusterName }, path);
  const userName = textIn(context, 'user', path);
  const user = userName === undefined ? {} : named(root, { list: 'users', member: 'user', name: userName }, path);
  return { ...(await trustIn(cluster, path)), ...(await identityIn(user, path)) };
}

function parsed(text: string, path: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseYaml(text);
  } catch (thrown) {
    if (!isTidewaiterError(thrown)) throw thrown;
    // Not its own words: parsers quote the text, which has keys in it.
    return fail(path, 'it is no YAML', 'kubectl config view --kubeconfig FILE reads it');
  }
  return asObject(value) ?? fail(path, 'it holds no mapping', 'kubectl config view --raw prints one');
}

interface Wanted {
  readonly list: string;
  readonly member: string;
  readonly name: string;
}

function named(root: JsonObject, { list, member, name }: Wanted, path: string): JsonObject {
  const found = (asArray(root[list]) ?? []).map(asObject).filter((item) => item?.name === name);
  const told = JSON.stringify(name.slice(0, 100));
  if (found.length === 0) fail(path, `there is no ${member} ${told} in it`, `add it to ${list}`);
  if (found.length > 1) fail(path, `the ${member} ${told} stands in it twice`, 'remove one of them');
  return asObject(found[0]?.[member]) ?? {};
}

async function trustIn(cluster: JsonObject, path: string): Promise<Omit<ClusterAccess, 'token' | 'tokenFile'>> {
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  const ca = await pemIn(cluster, 'certificate-authority', path);
  const proxy = textIn(cluster, 'proxy-url', path);
  if (proxy !== undefined && !/^https?:\/\/[^/]/.test(proxy)) {
    fail(path, 'proxy-url is no URL of http or https', 'other proxies are not supported');
  }
  return {
    server: serverIn(cluster, path),
    serverName: textIn(cluster, 'tls-server-name', path),
    ca: insecure ? undefined : ca,
    insecure,
    proxy,
  };
}

function serverIn(cluster: JsonObject, path: string): URL {
  const text = textIn(cluster, 'server', path) ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    fail(path, 'the server of its cluster is no https:// address', 'secrets are asked for over TLS only');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    fail(path, 'the address of its cluster has more in it than host, port and path', 'leave that out');
  }
  return url;
}

async function identityIn(
  user: JsonObject,
  path: string,
): Promise<Pick<ClusterAccess, 'certificate' | 'key' | 'token' | 'tokenFile'>> {
  for (const [field, why] of Object.entries(unsupported)) {
    const value = user[field];
    if (value !== undefined && value !== null && value !== '') fail(path, `its user has ${field}: ${why}`, useToken);
  }
  const certificate = await pemIn(user, 'client-certificate', path);
  const key = await pemIn(user, 'client-key', path);
  if ((certificate === undefined) !== (key === undefined)) {
    const missing = key === undefined ? 'client-key' : 'client-certificate';
    fail(path, `its user has only half of a client certificate: ${missing} is missing`, `add ${missing}`);
  }
  const token = textIn(user, 'token', path);
  const tokenFile = textIn(user, 'tokenFile', path);
  return {
    certificate,
    key,
    // A file is what is renewed, and goes first.
    ...(tokenFile === undefined
      ? { token: token === undefined ? undefined : checkToken(token.trim(), path) }
      : { tokenFile: resolve(dirname(path), tokenFile) }),
  };
}

const useToken = 'use a client certificate, token or tokenFile';
const unsupported = {
  exec: 'programs that give credentials are not run',
  'auth-provider': 'it is not supported',
  username: 'API servers take no passwords',
  as: 'acting as somebody else is not supported',
} as const;

/** What stands in the file itself goes before what it names. */
async function pemIn(entry: JsonObject, field: string, path: string): Promise<string | undefined> {
  const data = textIn(entry, `${field}-data`, path);
  const name = textIn(entry, field, path);
  if (data === undefined && name === undefined) return undefined;
  const pem =
    data === undefined
      ? await readSmallFile(resolve(dirname(path), name ?? ''), field)
      : Buffer.from(data, 'base64').toString('latin1');
  if (!pem.includes('-----BEGIN '))
    fail(path, `what it has as ${field} is no PEM text`, 'look at the file it came from');
  return pem;
}

function textIn(entry: JsonObject, field: string, path: string): string | undefined {
  const value = entry[field];
  if (value === undefined || value === null || value === '') return undefined;
  return asString(value) ?? fail(path, `${field} in it is no text`, 'put it in quotes');
}

function fail(path: string, what: string, hint: string): never {
  throw new ClusterError('CLUSTER_CONFIG_INVALID', `the kubeconfig ${path} cannot be used: ${what}`, { hint });
}
