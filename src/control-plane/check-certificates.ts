import {
  certifies,
  clientAuth,
  isFor,
  leadsTo,
  readCertificates,
  readPrivateKey,
  rsaBits,
  serverAuth,
  weakSignatureOf,
  type Certificate,
} from './certificate.js';
import { type FaultList, quote, type Place } from './fault.js';
import type { FaultId } from './kinds/index.js';

/** A PEM text and where it is from. */
export interface PemSource {
  readonly pem: string;
  /** Where it is written, or named. */
  readonly place: Place;
  /** Where it lies, if only its name is written there. */
  readonly file?: string | undefined;
}

export interface CheckAt {
  readonly now: Date;
  readonly faults: FaultList;
}

/** Checks a bundle of certificate authorities, and gives back what is in it. */
export function checkAuthorities(
  source: PemSource,
  { now, faults }: CheckAt,
  notPem: FaultId = 'ca-not-pem',
): readonly Certificate[] {
  const { pem, place } = source;
  const found = readCertificates(pem);
  if (found === undefined) {
    faults.add(notPem, place, { what: `there is no certificate in PEM in ${placeOf(source)}` });
    return [];
  }
  const usable = found.filter((one) => one.notAfter >= now && one.notBefore <= now);
  for (const one of found) {
    // Beside one that holds, an old one is what rotation looks like.
    if (usable.length > 0) soon(one, place, { now, faults });
    else checkTime(one, place, { now, faults, expired: 'ca-expired', early: 'ca-not-yet-valid' });
    if (!one.isAuthority && !one.isSelfIssued) {
      faults.add('ca-not-an-authority', place, {
        what: `${quote(one.subject)} is no certificate authority`,
        severity: found.some(({ isAuthority }) => isAuthority) ? 'warning' : undefined,
      });
    }
    checkStrength(one, place, faults, true);
  }
  return found;
}

/** Checks the certificate that the API server shows to the webhook, and its key. */
export function checkClientCertificate(
  certificate: PemSource,
  key: PemSource | undefined,
  { now, faults }: CheckAt,
): Certificate | undefined {
  const leaf = readCertificates(certificate.pem)?.[0];
  if (leaf === undefined) {
    faults.add('client-certificate-not-pem', certificate.place, {
      what: `there is no certificate in PEM in ${placeOf(certificate)}`,
    });
  } else {
    const ids = { expired: 'client-certificate-expired', early: 'client-certificate-not-yet-valid' } as const;
    checkTime(leaf, certificate.place, { now, faults, ...ids });
    if (!isFor(leaf, clientAuth)) {
      faults.add('client-certificate-usage', certificate.place, {
        what: `${quote(leaf.subject)} may not be used by clients`,
      });
    }
    checkStrength(leaf, certificate.place, faults, false);
  }
  if (key !== undefined) checkKey(leaf, key, { id: 'client-key-of-another', notPem: 'client-key-not-pem', faults });
  return leaf;
}

interface KeyFaults {
  readonly id: FaultId;
  readonly notPem: FaultId;
  readonly faults: FaultList;
}

function checkKey(leaf: Certificate | undefined, source: PemSource, { id, notPem, faults }: KeyFaults): void {
  const { pem, place } = source;
  const key = readPrivateKey(pem);
  if (key === undefined) {
    const isLocked = /ENCRYPTED/.test(pem);
    faults.add(notPem, place, {
      what: isLocked
        ? `the key in ${placeOf(source)} has a passphrase`
        : `there is no private key in PEM in ${placeOf(source)}`,
    });
  } else if (leaf !== undefined && !leaf.x509.checkPrivateKey(key)) {
    faults.add(id, place, {
      what: `the key in ${placeOf(source)} does not belong to the certificate ${quote(leaf.subject)}`,
    });
  }
}

export interface ServerCertificate {
  /** The leaf first, then what the server sends with it. */
  readonly chain: readonly Certificate[];
  readonly place: Place;
  /** The name that is checked: that of the URL, or tls-server-name. */
  readonly host: string;
  readonly isAddress: boolean;
  /** Nothing where the CA is not known, or not to be checked. */
  readonly authorities: readonly Certificate[] | undefined;
}

/** Judges the certificate of a webhook as the API server does when it connects. */
export function checkServerCertificate(server: ServerCertificate, { now, faults }: CheckAt): void {
  const { chain, place, host, authorities } = server;
  const [leaf] = chain;
  if (leaf === undefined) return;
  const before = faults.sorted().length;
  checkTime(leaf, place, { now, faults, expired: 'server-expired', early: 'server-not-yet-valid' });
  if (!isFor(leaf, serverAuth)) {
    faults.add('server-usage', place, { what: `${quote(leaf.subject)} may not be used by servers` });
  }
  checkNames(leaf, server, faults);
  checkStrength(leaf, place, faults, leaf.isSelfIssued);
  if (authorities === undefined || authorities.length === 0 || leadsTo(chain, authorities, now)) return;
  if (faults.sorted().length > before && weakSignatureOf(leaf) !== undefined) return;
  const given = authorities.map(({ subject }) => subject).slice(0, 3);
  faults.add('server-unknown-authority', place, {
    what: `the certificate for ${host} was issued by ${quote(leaf.x509.issuer?.replaceAll('\n', ', ') ?? '')}, which the CA that is given (${quote(given.join('; '))}) is not or did not sign`,
  });
}

function checkNames(leaf: Certificate, { host, isAddress, place }: ServerCertificate, faults: FaultList): void {
  if (certifies(leaf, host, isAddress)) return;
  const names = [...leaf.dnsNames, ...leaf.addresses];
  if (names.length === 0 && leaf.commonName !== undefined) {
    faults.add('server-common-name-only', place, {
      what: `the certificate has the common name ${quote(leaf.commonName)} and no subjectAltName`,
      fix: `issue one with subjectAltName ${isAddress ? 'IP' : 'DNS'}:${host}`,
    });
  } else if (isAddress && leaf.addresses.length === 0) {
    faults.add('server-address-mismatch', place, {
      what: `the certificate is for ${names.slice(0, 10).join(', ') || 'no name'} and for no address; ${host} is dialled`,
    });
  } else {
    faults.add('server-name-mismatch', place, {
      what: `the certificate is for ${names.slice(0, 10).join(', ') || 'no name'}; ${host} is dialled`,
    });
  }
}

/** Checks a server's certificate file against its key file. */
export function checkServerKey(leaf: Certificate, key: PemSource, faults: FaultList): void {
  checkKey(leaf, key, { id: 'server-key-of-another', notPem: 'server-key-of-another', faults });
}

interface TimeCheck extends CheckAt {
  readonly expired: FaultId;
  readonly early: FaultId;
}

function checkTime(certificate: Certificate, place: Place, check: TimeCheck): void {
  const { now, faults, expired, early } = check;
  const { notBefore, notAfter, subject } = certificate;
  if (notAfter < now) faults.add(expired, place, { what: `${quote(subject)} expired on ${day(notAfter)}` });
  else if (notBefore > now)
    faults.add(early, place, { what: `${quote(subject)} is valid from ${notBefore.toISOString()} on` });
  else soon(certificate, place, check);
}

const soonMs = 30 * 86_400_000;

function soon({ notBefore, notAfter, subject }: Certificate, place: Place, { now, faults }: CheckAt): void {
  const left = notAfter.getTime() - now.getTime();
  // Certificates that live for days only are renewed by something that knows when.
  const warnMs = Math.min(soonMs, (notAfter.getTime() - notBefore.getTime()) / 3);
  if (left < 0 || left > warnMs) return;
  faults.add('expires-soon', place, { what: `${quote(subject)} expires on ${day(notAfter)}` });
}

function checkStrength(certificate: Certificate, place: Place, faults: FaultList, isRoot: boolean): void {
  const weak = weakSignatureOf(certificate);
  if (weak !== undefined && !isRoot) {
    faults.add('signature-weak', place, { what: `${quote(certificate.subject)} is signed by ${weak}` });
  }
  const bits = rsaBits(certificate);
  if (bits !== undefined && bits < 2048) {
    faults.add('key-weak', place, { what: `${quote(certificate.subject)} has an RSA key of ${bits} bits` });
  }
}

function placeOf({ file }: PemSource): string {
  return file ?? 'it';
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
