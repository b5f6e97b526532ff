import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { provideReflectMetadata } from './reflect-metadata.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const dayMs = 86_400_000;

/** A certificate authority that lives as long as a test. */
export interface Authority {
  /** Its own certificate. */
  readonly pem: string;
  issue(options: IssueOptions): Promise<IssuedCertificate>;
}

export interface IssueOptions {
  /** DNS names and IP addresses that the certificate is good for; none is usual for a client's. */
  readonly names: readonly string[];
  /** For clients to show instead of for servers. */
  readonly client?: boolean;
  /** Default: the first name. */
  readonly commonName?: string;
  /** Its time ended yesterday. */
  readonly expired?: boolean;
  /** Its time begins tomorrow. */
  readonly early?: boolean;
}

/** PEM texts. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A new authority with a key of its own (ECDSA P-256), trusted by nobody until told. */
export async function makeAuthority(commonName = 'A test authority'): Promise<Authority> {
  provideReflectMetadata();
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // Two of the same name are two authorities.
  const name = `CN=${commonName}, O=${randomBytes(4).toString('hex')}`;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    ...lifetime(false, false),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  async function issue({
    names,
    client,
    commonName: wanted,
    expired,
    early,
  }: IssueOptions): Promise<IssuedCertificate> {
    const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const issued = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [wanted ?? names[0] ?? 'somebody'] }],
      issuer: certificate.subject,
      ...lifetime(expired === true, early === true),
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          client === true ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
        ]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names.map(generalName))]),
        await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
    return { cert: `${issued.toString('pem')}\n`, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` };
  }

  return { pem: `${certificate.toString('pem')}\n`, issue };
}

function generalName(name: string): { readonly type: 'dns' | 'ip'; readonly value: string } {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

/** Positive, whatever its first bit. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

function lifetime(expired: boolean, early: boolean): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: new Date(now + (early ? dayMs : -30 * dayMs)),
    notAfter: new Date(now + (expired ? -dayMs : 30 * dayMs)),
  };
}
