import { createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { isIP } from 'node:net';
import { ControlPlaneError } from '../control-plane/index.js';
import { provideReflectMetadata } from './reflect-metadata.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const authorityDays = 3650;
const leafDays = 365;
/** A certificate with less than this is issued anew, with the key that it has. */
const renewDays = 60;
/** Clocks of nodes differ. */
const backdatedMs = 3_600_000;

/** PEM texts. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Its key may be kept elsewhere, as long as nothing is to be signed. */
export interface Authority {
  readonly certificate: string;
  readonly key: string | undefined;
}

/** Everything that a set-up needs to prove who is who. */
export interface SetupCertificates {
  readonly authority: Authority;
  readonly server: KeyPair;
  readonly client: KeyPair;
  /** What was made: keys that were there are kept, certificates are renewed where that is due. */
  readonly made: readonly string[];
}

export interface CertificateRequest {
  /** DNS names and IP addresses of the server. */
  readonly names: readonly string[];
  readonly clientName: string;
  readonly now: Date;
  /** What is there from an earlier run. */
  readonly kept?:
    | {
        readonly authority?: Authority | undefined;
        readonly server?: KeyPair | undefined;
        readonly client?: KeyPair | undefined;
      }
    | undefined;
}

/**
 * A certificate authority of its own, a server's certificate for all names, and a client's: ECDSA P-256, SHA-256. Keys are
 * kept where they are given; certificates too, unless their time is nearly over, their names are others, or the authority is.
 * @throws ControlPlaneError `SETUP_INCOMPLETE`: something must be signed, and the authority's key is not there
 */
export async function makeCertificates({
  names,
  clientName,
  now,
  kept,
}: CertificateRequest): Promise<SetupCertificates> {
  provideReflectMetadata();
  // By a file of ours: a bundler keeps the names of what is imported there, and not of what is loaded directly.
  const { x509 } = await import('./certificate-library.js');
  x509.cryptoProvider.set(webcrypto);
  const made: string[] = [];
  const lifetime = (days: number): { readonly notBefore: Date; readonly notAfter: Date } => ({
    notBefore: new Date(now.getTime() - backdatedMs),
    notAfter: new Date(now.getTime() + days * dayMs),
  });

  async function makeAuthority(): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      // Two authorities of one name would be taken for one another.
      name: [{ CN: ['image-admission CA'] }, { O: [randomBytes(4).toString('hex')] }],
      ...lifetime(authorityDays),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    made.push('certificate authority');
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificate: `${certificate.toString('pem')}\n`,
      key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    };
  }

  async function issue(authority: Authority, leaf: Leaf, before: KeyPair | undefined): Promise<KeyPair> {
    if (before && isGood(before, authority, leaf, now)) return before;
    if (authority.key === undefined) {
      const what = `the certificate of the ${leaf.isClient ? 'API server' : 'webhook'} must be issued anew, and ca.key is not there`;
      throw new ControlPlaneError('SETUP_INCOMPLETE', what, {
        hint: 'put ca.key back into the folder for this run, or make all keys anew with --force',
      });
    }
    const keys = before
      ? await keysOf(before.key)
      : await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const issuer = new x509.X509Certificate(authority.certificate);
    const issuerKeys = await keysOf(authority.key);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [leaf.commonName] }],
      issuer: issuer.subject,
      ...lifetime(leafDays),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: issuerKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          leaf.isClient ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
        ]),
        ...(leaf.names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(leaf.names.map(generalName))]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuerKeys.publicKey),
      ],
    });
    made.push(`certificate of the ${leaf.isClient ? 'API server' : 'webhook'}`);
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificate: `${certificate.toString('pem')}\n`,
      key: before?.key ?? `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    };
  }

  const authority = kept?.authority ?? (await makeAuthority());
  const serverLeaf = { commonName: 'image-admission', names, isClient: false };
  const clientLeaf = { commonName: clientName, names: [], isClient: true };
  const server = await issue(authority, serverLeaf, kept?.server);
  const client = await issue(authority, clientLeaf, kept?.client);
  return { authority, server, client, made };
}

interface Leaf {
  readonly commonName: string;
  readonly names: readonly string[];
  readonly isClient: boolean;
}

/** Is it still the one that would be issued? */
function isGood({ certificate, key }: KeyPair, authority: Authority, leaf: Leaf, now: Date): boolean {
  try {
    const own = new NodeCertificate(certificate);
    const issuer = new NodeCertificate(authority.certificate);
    const daysLeft = (new Date(own.validTo).getTime() - now.getTime()) / dayMs;
    return (
      own.checkIssued(issuer) &&
      own.verify(issuer.publicKey) &&
      own.checkPrivateKey(createPrivateKey(key)) &&
      daysLeft > renewDays &&
      own.subject === `CN=${leaf.commonName}` &&
      leaf.names.every((name) => (isIP(name) === 0 ? own.checkHost(name) : own.checkIP(name)) !== undefined)
    );
  } catch {
    return false; // whatever it is, it is not what is needed
  }
}

/** Both halves of a key in PEM. */
async function keysOf(pem: string): Promise<{ readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }> {
  const key = createPrivateKey(pem);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const jwk = key.export({ format: 'jwk' });
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, curve, true, ['sign']);
  const { d: _, ...open } = jwk;
  const publicKey = await webcrypto.subtle.importKey('jwk', { ...open, key_ops: ['verify'] }, curve, true, ['verify']);
  return { privateKey, publicKey };
}

type CryptoKey = Awaited<ReturnType<typeof webcrypto.subtle.importKey>>;

function generalName(name: string): { readonly type: 'dns' | 'ip'; readonly value: string } {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

/** Positive, whatever its first bit. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}
