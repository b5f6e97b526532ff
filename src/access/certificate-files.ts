import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostOptions } from '../http/index.js';

type Environment = Readonly<Record<string, string | undefined>>;

const maxFileBytes = 8 * 2 ** 20;
const maxFiles = 500;

/** Where systems keep all the authorities that they trust, in one file. */
const systemBundles: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The authorities that the machine trusts, as Go's programs find them: `SSL_CERT_FILE` in place of the system's bundle,
 * and `SSL_CERT_DIR` in place of its folders. Nothing when the system has none of its own: then Node.js's hold.
 * https://pkg.go.dev/crypto/x509#SystemCertPool
 */
export async function readSystemRoots(environment: Environment): Promise<readonly string[] | undefined> {
  const { SSL_CERT_FILE: file = '', SSL_CERT_DIR: folders = '' } = environment;
  const system = file === '' || folders === '' ? await readFirst(systemBundles) : undefined;
  if (file === '' && folders === '') return system === undefined ? undefined : [system];
  const fromFile = file === '' ? undefined : await readTextIfThere(file);
  const fromFolders = await Promise.all(folders.split(':').filter(Boolean).map(readFolder));
  return [...[fromFile, system].filter((text) => text !== undefined), ...fromFolders.flat()];
}

/**
 * What docker's and containers' folders hold for a host (`host:port`; with the usual port also `host` alone): `*.crt` are
 * authorities, `*.cert` and `*.key` of one name are a client's. Of the clients the first is taken, in the user's folders
 * before the machine's.
 * https://docs.docker.com/engine/security/certificates/
 * @throws HttpError `TLS_FAILED` when a certificate lacks its key, or a file cannot be read
 */
export async function findHostCertificates(host: string, environment: Environment): Promise<HostOptions | undefined> {
  // A host that a server names must not lead out of the folder.
  if (host.startsWith('.') || /[/\\\0]/.test(host)) return undefined;
  const names = host.endsWith(':443') ? [host, host.slice(0, -':443'.length)] : [host];
  const folders = certificateFolders(environment).flatMap((folder) => names.map((name) => join(folder, name)));
  const found = (await Promise.all(folders.map(readHostFolder))).filter((options) => options !== undefined);
  if (found.length === 0) return undefined;
  const client = found.find((options) => options.certificate !== undefined);
  return {
    ca: found.flatMap((options) => options.ca ?? []),
    certificate: client?.certificate,
    key: client?.key,
  };
}

function certificateFolders(environment: Environment): readonly string[] {
  const { HOME: home = '', XDG_CONFIG_HOME: config = '' } = environment;
  const configFolder = config !== '' ? config : home === '' ? '' : join(home, '.config');
  return [
    ...(configFolder === '' ? [] : [join(configFolder, 'containers/certs.d'), join(configFolder, 'docker/certs.d')]),
    ...(home === '' ? [] : [join(home, '.docker/certs.d')]),
    '/etc/containers/certs.d',
    '/etc/docker/certs.d',
  ];
}

async function readHostFolder(folder: string): Promise<HostOptions | undefined> {
  const names = await namesIn(folder);
  const ca: string[] = [];
  for (const name of names.filter((one) => one.endsWith('.crt'))) ca.push(await readOrFail(join(folder, name)));
  const certificate = names.find((name) => name.endsWith('.cert'));
  const orphan = names.find((name) => name.endsWith('.key') && !names.includes(name.replace(/\.key$/, '.cert')));
  if (orphan !== undefined) throw await unusable(`${join(folder, orphan)} has no certificate (.cert) beside it`);
  if (certificate === undefined) return ca.length === 0 ? undefined : { ca };
  const key = certificate.replace(/\.cert$/, '.key');
  if (!names.includes(key)) throw await unusable(`${join(folder, certificate)} has no key (.key) beside it`);
  return {
    ca,
    certificate: await readOrFail(join(folder, certificate)),
    key: await readOrFail(join(folder, key)),
  };
}

/** What lies in a folder, sorted; of one that is not there, or not for us to see, nothing. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort().slice(0, maxFiles);
  } catch {
    return [];
  }
}

async function readFolder(folder: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const name of await namesIn(folder)) {
    const text = await readTextIfThere(join(folder, name));
    if (text?.includes('-----BEGIN ') === true) texts.push(text);
  }
  return texts;
}

async function readFirst(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const text = await readTextIfThere(file);
    if (text !== undefined) return text;
  }
  return undefined;
}

async function readOrFail(file: string): Promise<string> {
  const text = await readTextIfThere(file);
  if (text === undefined) throw await unusable(`${file} cannot be read`);
  return text;
}

/** The text of a file; nothing when none is named, or it is not there, not for us to read, no file, or too large. */
export async function readTextIfThere(file: string | undefined): Promise<string | undefined> {
  if (file === undefined || file === '') return undefined;
  try {
    const handle = await open(file);
    const pieces: Buffer[] = [];
    // What is no plain file has no size that tells how much it gives.
    for await (const piece of handle.createReadStream({ end: maxFileBytes })) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    return bytes.length > maxFileBytes ? undefined : bytes.toString('utf8');
  } catch {
    return undefined;
  }
}

async function unusable(message: string): Promise<Error> {
  const { HttpError } = await import('../http/index.js');
  return new HttpError('TLS_FAILED', message, {
    hint: 'authorities end in .crt, client certificates in .cert and .key',
  });
}
