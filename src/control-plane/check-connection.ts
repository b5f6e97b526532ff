import type { CheckAt } from './check-certificates.js';
import { checkServerCertificate } from './check-certificates.js';
import type { FaultId } from './kinds/index.js';
import { probe, type Probe } from './probe.js';
import type { WebhookConnection } from './webhook-connection.js';

const faultOf: Readonly<Partial<Record<Probe['kind'], FaultId>>> = {
  closed: 'port-closed',
  unresolved: 'host-unresolved',
  silent: 'connection-timeout',
  'no tls': 'not-tls',
  'old tls': 'tls-too-old',
  'broken off': 'connection-closed',
};

/**
 * Connects to the webhook and judges its certificate as the API server does.
 * @returns whether the API server would get as far as asking
 */
export async function checkConnection(connection: WebhookConnection, check: CheckAt): Promise<boolean> {
  const { faults } = check;
  const { url, place } = connection;
  const result = await probe(connection);
  if (result.kind === 'listens') return true;
  if (result.kind === 'open') {
    const before = faults.sorted().filter(({ severity }) => severity === 'error').length;
    if (!connection.insecure) {
      checkServerCertificate(
        {
          chain: result.chain,
          place,
          host: connection.serverName,
          isAddress: connection.isAddress,
          authorities: connection.authorities,
        },
        check,
      );
    }
    return faults.sorted().filter(({ severity }) => severity === 'error').length === before;
  }
  const at = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
  if (result.kind === 'certificate refused') {
    const shows = connection.certificate === undefined ? 'no certificate was shown' : 'the certificate was refused';
    faults.add('client-certificate-refused', place, { what: `${at} ended TLS (${result.said}): ${shows}` });
  } else if (result.kind === 'failed') {
    faults.add('live-no-answer', place, { what: `no connection to ${at} comes about: ${result.reason}` });
  } else {
    const id = faultOf[result.kind];
    if (id !== undefined) faults.add(id, place, { what: `${at}: ${words[result.kind] ?? result.kind}` });
  }
  return false;
}

const words: Readonly<Partial<Record<Probe['kind'], string>>> = {
  closed: 'connection refused',
  unresolved: 'no such host',
  silent: 'no answer',
  'no tls': 'what listens there speaks no TLS',
  'old tls': 'only TLS older than 1.2 is offered',
  'broken off': 'the connection was closed in the middle of TLS',
};
