import { isIP } from 'node:net';
import type { Certificate } from './certificate.js';
import { checkAuthorities, checkClientCertificate, type CheckAt, type PemSource } from './check-certificates.js';
import { type FaultList, quote, type Place } from './fault.js';
import { folderOf } from './host.js';
import { type Kubeconfig, type NamedEntry, textField } from './kubeconfig.js';
import type { ServerFiles } from './server-files.js';

/** How the API server reaches a webhook, and what it shows there. */
export interface WebhookConnection {
  readonly url: URL;
  /** Where the address is written. */
  readonly place: Place;
  /** The name that the certificate must be for. */
  readonly serverName: string;
  readonly isAddress: boolean;
  /** PEM of the authorities; nothing: those of the system. */
  readonly caPem: string | undefined;
  readonly authorities: readonly Certificate[] | undefined;
  readonly insecure: boolean;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  readonly proxy: string | undefined;
}

interface ReadAt extends CheckAt {
  readonly files: ServerFiles;
  /** Path of the kubeconfig in the API server's view: relative names are taken from its folder. */
  readonly path: string;
  /** Files that it names are not looked at. */
  readonly filesOnly?: boolean | undefined;
}

/** Reads and checks all that a kubeconfig says of one connection. Nothing if there is no address that can be dialled. */
export async function readConnection(kubeconfig: Kubeconfig, read: ReadAt): Promise<WebhookConnection | undefined> {
  const { cluster, user } = kubeconfig;
  if (cluster === undefined) return undefined;
  const { faults } = read;
  const url = readServer(cluster, faults);
  const trust = await readTrust(cluster, url, read);
  const identity = user === undefined ? noIdentity : await readIdentity(user, read);
  const shows = identity.certificate !== undefined || identity.authorization !== undefined;
  if (!shows && !(user !== undefined && hasCredentials(user))) {
    faults.add('client-certificate-missing', user?.place ?? kubeconfig.place, {
      what: 'the kubeconfig gives the API server neither certificate nor token to show',
    });
  }
  if (url === undefined) return undefined;
  const proxy = textField(cluster, 'proxy-url');
  if (proxy !== undefined && !/^(?:https?|socks5):\/\/[^/]/i.test(proxy)) {
    faults.add('proxy-invalid', cluster.at('proxy-url'), { what: 'proxy-url is no URL of http, https or socks5' });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const serverName = textField(cluster, 'tls-server-name') ?? host;
  return {
    url,
    place: cluster.at('server'),
    serverName,
    isAddress: isIP(serverName) !== 0,
    ...trust,
    ...identity,
    proxy,
  };
}

function readServer(cluster: NamedEntry, faults: FaultList): URL | undefined {
  const text = textField(cluster, 'server');
  const place = cluster.at('server');
  if (text === undefined) {
    faults.add('server-missing', place, { what: `the cluster ${quote(cluster.name)} has no server` });
    return undefined;
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    faults.add('server-without-scheme', place, { what: `server is ${quote(text)}`, fix: `write https://${text}` });
    return undefined;
  }
  const url = parseUrl(text);
  if (url === undefined || (scheme !== 'https' && scheme !== 'http')) {
    faults.add('server-invalid', place, { what: `server is ${quote(text)}` });
    return undefined;
  }
  if (/\s/.test(text)) {
    faults.add('server-invalid', place, {
      what: `server is ${quote(text)}, with a blank`,
      severity: 'warning',
      why: 'the blank becomes part of the path',
    });
  }
  if (scheme === 'http') {
    faults.add('server-plain-http', place, {
      what: `server is ${quote(text)}`,
      severity: isLoopback(url.hostname) ? 'warning' : undefined,
    });
  }
  if (url.pathname === '/' && url.search === '') {
    faults.add('server-without-path', place, { what: `server is ${quote(text)}, without a path` });
  }
  return url;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** `localhost` and the addresses that stay on the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]' || hostname === '::1';
}

async function readTrust(
  cluster: NamedEntry,
  url: URL | undefined,
  read: ReadAt,
): Promise<Pick<WebhookConnection, 'caPem' | 'authorities' | 'insecure'>> {
  const { faults } = read;
  const insecure = cluster.value['insecure-skip-tls-verify'] === true;
  const ca = await readPem(cluster, 'certificate-authority', { ...read, isSecret: false });
  const isNamed = ca !== undefined || namesPem(cluster, 'certificate-authority');
  if (insecure) {
    const place = cluster.at('insecure-skip-tls-verify');
    const isLocal = url !== undefined && isLoopback(url.hostname);
    if (isNamed) faults.add('insecure-beside-ca', place, { what: 'insecure-skip-tls-verify stands beside a CA' });
    else {
      faults.add('certificate-unchecked', place, {
        what: 'insecure-skip-tls-verify is true',
        severity: isLocal ? 'warning' : undefined,
      });
    }
  } else if (!isNamed && url?.protocol === 'https:') {
    faults.add('ca-not-named', cluster.at('server'), { what: `the cluster ${quote(cluster.name)} names no CA` });
  }
  const authorities = ca === undefined ? undefined : checkAuthorities(ca, read);
  return { caPem: ca?.pem, authorities, insecure };
}

const noIdentity = { certificate: undefined, key: undefined, authorization: undefined } as const;

async function readIdentity(
  user: NamedEntry,
  read: ReadAt,
): Promise<Pick<WebhookConnection, 'certificate' | 'key' | 'authorization'>> {
  const { faults } = read;
  const certificate = await readPem(user, 'client-certificate', { ...read, isSecret: false });
  const key = await readPem(user, 'client-key', { ...read, isSecret: true });
  if (namesPem(user, 'client-certificate') && !namesPem(user, 'client-key')) {
    faults.add('client-key-missing', user.at('client-certificate'), {
      what: `the user ${quote(user.name)} has a client certificate and no client key`,
    });
  }
  if (certificate !== undefined) checkClientCertificate(certificate, key, read);
  const username = textField(user, 'username');
  const token = textField(user, 'token') ?? (await readToken(user, read));
  if (username !== undefined && (token !== undefined || textField(user, 'tokenFile') !== undefined)) {
    faults.add('credentials-twice', user.at('username'), { what: 'a token and a user name stand in one user' });
  }
  if (user.value['exec'] !== undefined) {
    faults.add('exec-credentials', user.at('exec'), { what: 'credentials would come from a program' });
  }
  if (user.value['auth-provider'] !== undefined) {
    faults.add('auth-provider', user.at('auth-provider'), { what: 'auth-provider is used' });
  }
  return {
    certificate: certificate?.pem,
    key: key?.pem,
    authorization:
      token !== undefined
        ? `Bearer ${token.trim()}`
        : username === undefined
          ? undefined
          : `Basic ${base64(`${username}:${textField(user, 'password') ?? ''}`)}`,
  };
}

function hasCredentials(user: NamedEntry): boolean {
  return ['exec', 'auth-provider', 'client-certificate', 'client-certificate-data', 'tokenFile'].some(
    (field) => user.value[field] !== undefined,
  );
}

async function readToken(user: NamedEntry, { files, path, filesOnly }: ReadAt): Promise<string | undefined> {
  const name = textField(user, 'tokenFile');
  if (name === undefined || filesOnly === true) return undefined;
  const place = user.at('tokenFile');
  const wanted = { path: name, folder: folderOf(path), place, what: 'the file of the token', isSecret: true };
  return (await files.read(wanted))?.text;
}

function namesPem(entry: NamedEntry, field: string): boolean {
  return textField(entry, field) !== undefined || textField(entry, `${field}-data`) !== undefined;
}

const words: Readonly<Record<string, string>> = {
  'certificate-authority': 'the file of the CA',
  'client-certificate': 'the client certificate',
  'client-key': 'the client key',
};

/** A PEM text that stands in the file as base64, or in a file that it names; the data counts where both stand. */
async function readPem(
  entry: NamedEntry,
  field: string,
  { files, path, faults, filesOnly, isSecret }: ReadAt & { readonly isSecret: boolean },
): Promise<PemSource | undefined> {
  const data = textField(entry, `${field}-data`);
  const name = textField(entry, field);
  if (data !== undefined) {
    const place = entry.at(`${field}-data`);
    if (name !== undefined) {
      faults.add('data-beside-file', entry.at(field), { what: `${field} and ${field}-data stand side by side` });
    }
    const pem = fromBase64(data);
    if (pem !== undefined) return { pem, place };
    faults.add('data-not-base64', place, {
      what: `${field}-data is no base64${data.includes('-----BEGIN') ? ' but the PEM text itself' : ''}`,
    });
    return undefined;
  }
  if (name === undefined || filesOnly === true) return undefined;
  const place = entry.at(field);
  const file = await files.read({ path: name, folder: folderOf(path), place, what: words[field] ?? field, isSecret });
  return file === undefined ? undefined : { pem: file.text, place, file: file.file };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Base64 as Go's JSON reader takes it: the standard alphabet, padded, line breaks allowed. */
export function fromBase64(text: string): string | undefined {
  const plain = text.replaceAll(/[\r\n]/g, '');
  if (plain === '' || plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
  const bytes = Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
