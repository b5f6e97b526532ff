import { isIP } from 'node:net';
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

/** A certificate, and what is said of it. */
export interface Certificate {
  readonly x509: X509Certificate;
  readonly subject: string;
  readonly commonName: string | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
  readonly isSelfIssued: boolean;
  /** DNS names and addresses of subjectAltName. */
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  /** Object identifiers of the extended key usages; empty: any. */
  readonly usages: readonly string[];
  readonly signature: string;
}

export const serverAuth = '1.3.6.1.5.5.7.3.1';
export const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

/** May it be used for this? Without extended key usages for anything. */
export function isFor({ usages }: Certificate, usage: string): boolean {
  return usages.length === 0 || usages.includes(usage) || usages.includes(anyUsage);
}

/** Object identifiers of signatures that are not believed any more, as DER. */
const weakSignatures: Readonly<Record<string, string>> = {
  '2a864886f70d010105': 'SHA-1 with RSA',
  '2a864886f70d010104': 'MD5 with RSA',
  '2a8648ce3d0401': 'SHA-1 with ECDSA',
};

/** Why the signature is not believed, if it is not. */
export function weakSignatureOf({ signature }: Certificate): string | undefined {
  return weakSignatures[signature];
}

const mostCertificates = 200;

/** All certificates of a PEM text; undefined if it holds none, or one that cannot be read. */
export function readCertificates(pem: string): readonly Certificate[] | undefined {
  const certificates: Certificate[] = [];
  const begin = '-----BEGIN CERTIFICATE-----';
  const end = '-----END CERTIFICATE-----';
  let from = pem.indexOf(begin);
  while (from >= 0 && certificates.length < mostCertificates) {
    const to = pem.indexOf(end, from);
    if (to < 0) return undefined;
    const certificate = parse(pem.slice(from, to + end.length));
    if (certificate === undefined) return undefined;
    certificates.push(certificate);
    from = pem.indexOf(begin, to);
  }
  return certificates.length === 0 ? undefined : certificates;
}

/** One certificate in DER or PEM. */
export function readCertificate(bytes: Uint8Array): Certificate | undefined {
  return parse(bytes);
}

function parse(source: string | Uint8Array): Certificate | undefined {
  try {
    const x509 = new X509Certificate(source);
    const names = namesOf(x509.subjectAltName ?? '');
    return {
      x509,
      subject: x509.subject?.replaceAll('\n', ', ') ?? '',
      commonName: /^CN=(.*)$/m.exec(x509.subject ?? '')?.[1],
      notBefore: new Date(x509.validFrom),
      notAfter: new Date(x509.validTo),
      isAuthority: x509.ca,
      isSelfIssued: x509.subject === x509.issuer,
      ...names,
      usages: x509.keyUsage ?? [],
      signature: signatureOf(x509.raw),
    };
  } catch {
    // Whatever is wrong with it, it is no certificate that anybody can use.
    return undefined;
  }
}

function namesOf(text: string): Pick<Certificate, 'dnsNames' | 'addresses'> {
  const parts = text.split(', ');
  const of = (prefix: string): readonly string[] =>
    parts.filter((part) => part.startsWith(prefix)).map((part) => part.slice(prefix.length));
  return { dnsNames: of('DNS:'), addresses: of('IP Address:') };
}

/** Certificate ::= SEQUENCE { tbs SEQUENCE, algorithm SEQUENCE { OBJECT IDENTIFIER, ... }, ... } (RFC 5280, 4.1). */
function signatureOf(der: Uint8Array): string {
  const outer = element(der, 0);
  const tbs = outer && element(der, outer.start);
  const algorithm = tbs && element(der, tbs.end);
  const id = algorithm && element(der, algorithm.start);
  if (id === undefined) return '';
  return [...der.subarray(id.start, id.end)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function element(der: Uint8Array, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = der[at + 1];
  if (first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < lengthBytes && i < 4; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  const start = at + 2 + lengthBytes;
  return start + length > der.length ? undefined : { start, end: start + length };
}

/** A private key in PEM; undefined if it is none, or one under a passphrase. */
export function readPrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Is the dialled name one of the certificate's, as Go judges it: subjectAltName only, `*` for one whole first label? */
export function certifies({ x509 }: Certificate, host: string, isAddress: boolean): boolean {
  return isAddress
    ? isIP(host) !== 0 && x509.checkIP(host) !== undefined
    : x509.checkHost(host, { subject: 'never', partialWildcards: false }) !== undefined;
}

/**
 * Does a chain lead from the first certificate to one of the roots, through the others and the roots themselves? What is
 * outside its time, or no authority, vouches for nothing.
 */
export function leadsTo(chain: readonly Certificate[], anchors: readonly Certificate[], now: Date): boolean {
  const isInTime = ({ notBefore, notAfter }: Certificate): boolean => notBefore <= now && notAfter >= now;
  const [leaf, ...sent] = chain;
  if (leaf === undefined) return false;
  const isLeaf = (one: Certificate): boolean => one.x509.fingerprint256 === leaf.x509.fingerprint256;
  const roots = anchors.filter((one) => isInTime(one) || isLeaf(one));
  const others = sent.filter(isInTime);
  const isRoot = (one: Certificate): boolean =>
    roots.some(({ x509 }) => x509.fingerprint256 === one.x509.fingerprint256);
  let here: readonly Certificate[] = [leaf];
  const seen = new Set<string>();
  for (let depth = 0; depth < 10 && here.length > 0; depth++) {
    if (here.some(isRoot)) return true;
    for (const one of here) seen.add(one.x509.fingerprint256);
    const issuers = [...roots, ...others].filter((issuer) => !seen.has(issuer.x509.fingerprint256));
    here = issuers.filter((issuer) => here.some((one) => issued(issuer, one)));
  }
  return false;
}

function issued(issuer: Certificate, subject: Certificate): boolean {
  if (!issuer.isAuthority) return false;
  try {
    return subject.x509.issuer === issuer.x509.subject && subject.x509.verify(issuer.x509.publicKey);
  } catch {
    // A key of a kind that cannot have made the signature.
    return false;
  }
}

/** Bits of an RSA key; undefined for others. */
export function rsaBits({ x509 }: Certificate): number | undefined {
  return x509.publicKey.asymmetricKeyType === 'rsa' ? x509.publicKey.asymmetricKeyDetails?.modulusLength : undefined;
}
