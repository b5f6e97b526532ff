import * as tls from 'node:tls';
import { HttpError } from './errors.js';
import type { HostOptions, HttpOptions } from './http-client.js';
import type { TlsSettings } from './connect.js';

/** What holds for all hosts. */
export interface TlsOptions extends Pick<HttpOptions, 'ca' | 'insecure'> {
  /** PEM texts of the authorities that are trusted in place of those that Node.js trusts. */
  readonly roots?: readonly string[] | undefined;
}

/**
 * What TLS is to be with one host: the options for all hosts and those for this one together. `name` is for messages.
 * @throws HttpError `TLS_FAILED` when a certificate or a key that was given cannot be used
 */
export function makeTlsSettings(options: TlsOptions, host: HostOptions | undefined, name: string): TlsSettings {
  const extra = [...(options.ca ?? []), ...(host?.ca ?? [])];
  const roots = options.roots ?? (extra.length === 0 ? undefined : systemRoots());
  try {
    const context = tls.createSecureContext({
      ca: roots === undefined ? undefined : [...roots, ...extra],
      cert: host?.certificate,
      key: host?.key,
      minVersion: 'TLSv1.2',
    });
    return {
      context,
      insecure: (options.insecure ?? false) || (host?.insecure ?? false),
      serverName: host?.serverName,
    };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
    throw new HttpError('TLS_FAILED', `the certificates or the key given for ${name} cannot be used`, {
      hint: 'they must be PEM texts, the key without a passphrase and of the certificate',
      cause: code === undefined ? undefined : new Error(code),
    });
  }
}

/** Those that Node.js itself trusts; with further ones given, they must be given too. */
function systemRoots(): readonly string[] {
  // Newer versions know also what the user added to theirs.
  const all = 'getCACertificates' in tls && typeof tls.getCACertificates === 'function' ? tls.getCACertificates : null;
  const found: unknown = all?.('default');
  return Array.isArray(found) ? found.filter((pem) => typeof pem === 'string') : tls.rootCertificates;
}
