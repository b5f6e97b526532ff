import type { FaultKind } from './fault-kind.js';

/** Certificates and keys. */
export const certificateKinds = {
  'ca-not-pem': {
    severity: 'error',
    why: 'no certificate in PEM is in it, and the API server does not start',
    fix: 'name a file with -----BEGIN CERTIFICATE-----',
  },
  'ca-not-an-authority': {
    severity: 'error',
    why: 'what is no certificate authority vouches for nothing but itself',
    fix: 'name the certificate of the authority that issued that of the webhook',
  },
  'ca-expired': {
    severity: 'error',
    why: 'an authority whose time is over vouches for nothing: every review fails',
    fix: 'make a new authority, or renew it, and its certificates',
  },
  'ca-not-yet-valid': {
    severity: 'error',
    why: 'before its time an authority vouches for nothing: every review fails',
    fix: 'set the clock, or make it anew',
  },
  'client-certificate-not-pem': {
    severity: 'error',
    why: 'the client certificate cannot be read: the API server does not start, or every review fails',
    fix: 'name a PEM file with the certificate',
  },
  'client-key-not-pem': {
    severity: 'error',
    why: 'the client key cannot be read: the API server does not start, or every review fails',
    fix: 'name a PEM file with the key, without a passphrase',
  },
  'client-key-of-another': {
    severity: 'error',
    why: 'the API server starts and every review fails before it is sent: tls: private key does not match public key',
    fix: 'name the key that was made with this certificate',
  },
  'client-certificate-expired': {
    severity: 'error',
    why: 'the webhook refuses a certificate whose time is over, and every pod with it',
    fix: 'issue a new one',
  },
  'client-certificate-not-yet-valid': {
    severity: 'error',
    why: 'the webhook refuses a certificate before its time, and every pod with it',
    fix: 'set the clock, or issue a new one',
  },
  'client-certificate-usage': {
    severity: 'warning',
    why: 'a webhook that checks certificates of clients refuses one that is for servers only, and every pod with it',
    fix: 'issue one with extended key usage clientAuth',
  },
  'server-common-name-only': {
    severity: 'error',
    why: 'a common name alone is not looked at any more: every review fails',
    fix: 'issue a certificate with the name in subjectAltName',
  },
  'server-name-mismatch': {
    severity: 'error',
    why: 'the certificate is not for the name that the API server dials: every review fails',
    fix: 'issue one with this name in subjectAltName, dial one of its names, or set tls-server-name',
  },
  'server-address-mismatch': {
    severity: 'error',
    why: 'an address must stand in subjectAltName as an IP entry, not as a DNS name: every review fails',
    fix: 'issue one with IP:ADDRESS in subjectAltName, or set tls-server-name to one of its names',
  },
  'server-unknown-authority': {
    severity: 'error',
    why: 'the CA that the API server is given did not issue the certificate of the webhook: every review fails',
    fix: 'name the CA that issued it, with intermediates sent by the webhook',
  },
  'server-expired': {
    severity: 'error',
    why: 'the time of the certificate is over: every review fails',
    fix: 'issue a new one',
  },
  'server-not-yet-valid': {
    severity: 'error',
    why: 'the time of the certificate has not begun: every review fails',
    fix: 'set the clock, or issue a new one',
  },
  'server-usage': {
    severity: 'error',
    why: 'the certificate is not for servers: every review fails',
    fix: 'issue one with extended key usage serverAuth',
  },
  'server-key-of-another': {
    severity: 'error',
    why: 'the webhook cannot serve a certificate with the key of another',
    fix: 'use the key that was made with this certificate',
  },
  'signature-weak': {
    severity: 'error',
    why: 'signatures with SHA-1 or MD5 are not believed: every review fails',
    fix: 'issue it with SHA-256',
  },
  'key-weak': {
    severity: 'warning',
    why: 'RSA keys under 2048 bits can be broken',
    fix: 'use ECDSA P-256, or RSA with 2048 bits or more',
  },
  'expires-soon': {
    severity: 'warning',
    why: 'when its time is over every pod is refused',
    fix: 'renew it now',
  },
  'cluster-authority': {
    severity: 'warning',
    why: 'a certificate of the CA of the cluster is an identity in the cluster',
    fix: 'make an authority of its own for the webhook',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
