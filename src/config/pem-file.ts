import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { ConfigError } from './config-error.js';
import { readUserFile } from './user-file.js';

/**
 * The PEM text of a file that holds at least one certificate; each is looked at.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`.
 */
export async function readCertificates(path: string, origin: string): Promise<string> {
  const text = await readText(path, `file of certificates ${path}`, origin);
  const blocks = certificatesOf(text);
  if (blocks.length === 0) {
    throw new ConfigError('FILE_INVALID', `${path} (${origin}) holds no certificate`, {
      hint: 'name a PEM file: "-----BEGIN CERTIFICATE-----" and base64 below it',
    });
  }
  for (const [at, block] of blocks.entries()) parseCertificate(block, `certificate ${at + 1} of ${path} (${origin})`);
  return text;
}

/**
 * The PEM texts of a client's certificate (with those between it and the authority) and of its key.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`; also when the key is another certificate's.
 */
export async function readClientCertificate(
  files: { readonly certificate: string; readonly key: string },
  origin: string,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const certificate = await readCertificates(files.certificate, origin);
  const key = await readText(files.key, `key ${files.key}`, origin);
  const [first = ''] = certificatesOf(certificate);
  if (!parseCertificate(first, files.certificate).checkPrivateKey(parseKey(key, `${files.key} (${origin})`))) {
    throw new ConfigError('FILE_INVALID', `${files.key} is not the key of the certificate ${files.certificate}`, {
      hint: 'name the two files that were made together',
    });
  }
  return { certificate, key };
}

async function readText(path: string, what: string, origin: string): Promise<string> {
  const text = await readUserFile(path, 'file');
  if (text !== undefined) return text;
  throw new ConfigError('FILE_NOT_FOUND', `there is no ${what} (${origin})`, { hint: 'name a file that exists' });
}

const begin = '-----BEGIN CERTIFICATE-----';
const end = '-----END CERTIFICATE-----';

function certificatesOf(text: string): readonly string[] {
  const blocks: string[] = [];
  for (let start = text.indexOf(begin); start >= 0; start = text.indexOf(begin, start + begin.length)) {
    const stop = text.indexOf(end, start);
    blocks.push(text.slice(start, stop < 0 ? undefined : stop + end.length));
  }
  return blocks;
}

function parseCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigError('FILE_INVALID', `${what} cannot be read`, { hint: 'look at it with openssl x509', cause });
  }
}

function parseKey(pem: string, what: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const encrypted = pem.includes('ENCRYPTED');
    // No cause: it may quote from the key.
    throw new ConfigError('FILE_INVALID', `${what} ${encrypted ? 'is encrypted' : 'holds no private key'}`, {
      hint: encrypted ? 'decrypt it: openssl pkey -in KEY -out PLAIN-KEY' : 'name a PEM file with a private key',
    });
  }
}
