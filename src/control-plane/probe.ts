import { connect as connectTcp } from 'node:net';
import { connect as connectTls, createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls';
import { readCertificate, type Certificate } from './certificate.js';
import type { WebhookConnection } from './webhook-connection.js';

/** What came of a connection. */
export type Probe =
  | { readonly kind: 'open'; readonly chain: readonly Certificate[] }
  /** Somebody listens; TLS was not tried, because the address has none. */
  | { readonly kind: 'listens' }
  | { readonly kind: 'closed' | 'unresolved' | 'silent' | 'no tls' | 'old tls' | 'broken off' }
  /** TLS ended because of our certificate, or because there was none. */
  | { readonly kind: 'certificate refused'; readonly said: string }
  | { readonly kind: 'failed'; readonly reason: string };

const connectTimeoutMs = 5_000;
/** With TLS 1.3 a server judges our certificate after the handshake is over for us. */
const refusalWithinMs = 300;

/** Connects as the API server would, and says what it met there; the certificate is not judged here. */
export function probe(
  connection: Pick<WebhookConnection, 'url' | 'serverName' | 'isAddress' | 'certificate' | 'key'>,
): Promise<Probe> {
  const { url } = connection;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const port = Number(url.port || (isTls ? 443 : 80));
  return new Promise((resolve) => {
    const socket = isTls
      ? connectTls({
          host,
          port,
          servername: connection.isAddress ? '' : connection.serverName,
          rejectUnauthorized: false,
          minVersion: 'TLSv1.2',
          ALPNProtocols: ['http/1.1'],
          secureContext: contextOf(connection),
        })
      : connectTcp({ host, port });
    const end = (result: Probe): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve(result);
    };
    let timer = setTimeout(() => end({ kind: 'silent' }), connectTimeoutMs);
    socket.on('error', (error) => end(failureOf(error)));
    socket.on('close', () => end({ kind: 'broken off' }));
    socket.on(isTls ? 'secureConnect' : 'connect', () => {
      if (!('getPeerCertificate' in socket)) return end({ kind: 'listens' });
      const result: Probe = { kind: 'open', chain: chainOf(socket.getPeerCertificate(true)) };
      clearTimeout(timer);
      timer = setTimeout(() => end(result), refusalWithinMs);
      return undefined;
    });
  });
}

/** A certificate and key that do not fit are another fault; the connection is then tried without. */
function contextOf({ certificate, key }: Pick<WebhookConnection, 'certificate' | 'key'>): SecureContext {
  try {
    return createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
  } catch {
    return createSecureContext({ minVersion: 'TLSv1.2' });
  }
}

function chainOf(leaf: PeerCertificate): readonly Certificate[] {
  const chain: Certificate[] = [];
  let here: PeerCertificate | undefined = leaf;
  while (here?.raw !== undefined && chain.length < 10) {
    const certificate = readCertificate(here.raw);
    if (certificate === undefined) break;
    chain.push(certificate);
    const issuer: PeerCertificate | undefined =
      'issuerCertificate' in here ? (here.issuerCertificate as PeerCertificate) : undefined;
    here = issuer === here || issuer?.fingerprint256 === here.fingerprint256 ? undefined : issuer;
  }
  return chain;
}

function failureOf(error: Error): Probe {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return { kind: 'closed' };
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return { kind: 'unresolved' };
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return { kind: 'silent' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'broken off' };
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code)) return { kind: 'old tls' };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|UNEXPECTED_MESSAGE|RECORD/.test(code)) {
    return { kind: 'no tls' };
  }
  if (/CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED/.test(code)) {
    return {
      kind: 'certificate refused',
      said: code
        .replace(/^ERR_SSL_(?:TLSV\d+_|SSLV3_)?ALERT_|^ERR_SSL_/, '')
        .toLowerCase()
        .replaceAll('_', ' '),
    };
  }
  return { kind: 'failed', reason: code === '' ? error.message : code };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
