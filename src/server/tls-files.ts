import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../core/index.js';
import { ServerError } from './errors.js';

/** Files of a server's certificate; PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Authorities of clients' certificates; absent: nobody is asked for one. */
  readonly clientAuthorities?: string | undefined;
}

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
  readonly expiresAt: Date;
  /** What would make API servers refuse it: one clause each. */
  readonly warnings: readonly string[];
}

const maxBytes = 1024 * 1024;

/** @throws ServerError `INVALID_CERTIFICATE` that names the file; no sentence holds any of a key. */
export async function readTlsFiles(files: TlsFiles): Promise<TlsMaterial> {
  const [cert, key, ca] = await Promise.all([
    readPem(files.certificate),
    readPem(files.key),
    files.clientAuthorities === undefined ? undefined : readPem(files.clientAuthorities),
  ]);
  const leaf = readCertificate(cert, files.certificate);
  if (ca !== undefined && files.clientAuthorities !== undefined) checkAuthorities(ca, files.clientAuthorities);
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new ServerError('INVALID_CERTIFICATE', `${files.key} is not the key of ${files.certificate}`, {
      hint: 'name the certificate and the key that were made together',
    });
  }
  return { cert, key, ca, expiresAt: new Date(leaf.validTo), warnings: warningsAbout(leaf) };
}

async function readPem(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= maxBytes && bytes.includes('-----BEGIN ')) return bytes.toString('utf8');
  } catch (cause) {
    throw new ServerError('INVALID_CERTIFICATE', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  throw new ServerError('INVALID_CERTIFICATE', `${path} holds no PEM`);
}

function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ServerError('INVALID_CERTIFICATE', `${path} holds no certificate`, { cause });
  }
}

function checkAuthorities(pem: string, path: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new ServerError('INVALID_CERTIFICATE', `${path} holds no certificate`);
  for (const block of blocks) readCertificate(block, path);
}

function warningsAbout(leaf: X509Certificate): readonly string[] {
  const warnings: string[] = [];
  if (!leaf.subjectAltName) {
    warnings.push('the certificate has no subjectAltName: an API server refuses a name that stands in CN alone');
  }
  if (new Date(leaf.validTo).getTime() < Date.now()) warnings.push(`the certificate expired at ${leaf.validTo}`);
  else if (new Date(leaf.validFrom).getTime() > Date.now()) {
    warnings.push(`the certificate is not valid before ${leaf.validFrom}`);
  }
  return warnings;
}
