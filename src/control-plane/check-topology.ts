import { isIP } from 'node:net';
import type { ApiServer } from './api-server.js';
import { type FaultList, quote } from './fault.js';
import { lastFlag } from './flags.js';
import { textOf, type Host } from './host.js';
import type { ImagePolicy } from './image-policy.js';
import { isLoopback, type WebhookConnection } from './webhook-connection.js';

export interface Topology {
  readonly connection: WebhookConnection;
  readonly policy: ImagePolicy | undefined;
  readonly server: ApiServer | undefined;
  readonly host: Host;
}

/** Set-ups that cannot work whatever the webhook does, and those that never come up again. */
export async function checkTopology(topology: Topology, faults: FaultList): Promise<void> {
  const { connection, policy, server } = topology;
  const { url, place } = connection;
  const name = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const failsClosed = policy?.defaultAllow !== true;
  if (isIP(name) === 0 && name !== 'localhost') {
    const isKnown = server?.hostAliases.includes(name) === true || (await hostsFileNames(topology.host)).has(name);
    const isService = /\.svc(?:\.|$)/.test(name) || !name.includes('.');
    if (isService && !isKnown && server?.usesClusterDns !== true) {
      const isCertain = /\.svc(?:\.|$)/.test(name);
      faults.add('service-name', place, {
        what: isCertain
          ? `${name} is the name of a Service`
          : `${name} looks like the name of a Service, and /etc/hosts does not have it`,
        severity: isCertain ? undefined : 'warning',
      });
    }
    if (isService && server?.usesClusterDns === true) {
      faults.add('static-pod-dns', server.place, { what: `${name} is looked up in the DNS of the cluster` });
      if (failsClosed) inCluster(topology, name, faults);
    }
  }
  const services = server && lastFlag(server.flags, 'service-cluster-ip-range')?.value;
  if (services !== undefined && services.split(',').some((range) => isInRange(name, range.trim())) && failsClosed) {
    inCluster(topology, name, faults);
  }
  checkPorts(topology, name, faults);
  checkProxy(topology, name, faults);
}

function inCluster({ connection }: Topology, name: string, faults: FaultList): void {
  faults.add('webhook-in-cluster', connection.place, {
    what: `${name} is a Service of this cluster, and defaultAllow is false`,
  });
}

function checkPorts({ connection, server }: Topology, name: string, faults: FaultList): void {
  const { url, place } = connection;
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const isOwnHost = isLoopback(name) || name === (server && lastFlag(server.flags, 'advertise-address')?.value);
  if (server !== undefined && isOwnHost && port === Number(lastFlag(server.flags, 'secure-port')?.value ?? 6443)) {
    faults.add('webhook-is-api-server', place, { what: `server is ${quote(url.href)}` });
  }
  const [low = 30_000, high = 32_767] =
    (server && lastFlag(server.flags, 'service-node-port-range')?.value)?.split('-').map(Number) ?? [];
  if (server?.kind === 'static pod' && isIP(name) !== 0 && port >= low && port <= high) {
    faults.add('webhook-on-node-port', place, { what: `port ${port} is in the range of NodePorts` });
  }
}

function checkProxy({ connection, server }: Topology, name: string, faults: FaultList): void {
  const proxy =
    connection.proxy ?? variable(server, connection.url.protocol === 'http:' ? 'http_proxy' : 'https_proxy');
  if (proxy === undefined || (connection.proxy === undefined && (isLoopback(name) || excludes(server, name)))) return;
  const place = connection.proxy === undefined ? (server?.place ?? connection.place) : connection.place;
  faults.add('proxy-in-the-way', place, { what: `${name} is reached through a proxy` });
}

function variable(server: ApiServer | undefined, name: string): string | undefined {
  return server?.environment.get(name.toUpperCase()) || server?.environment.get(name) || undefined;
}

function excludes(server: ApiServer | undefined, name: string): boolean {
  const entries = (variable(server, 'no_proxy') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some(
    (entry) =>
      entry === '*' ||
      entry === name ||
      isInRange(name, entry) ||
      (entry !== '' && isIP(name) === 0 && name.endsWith(entry.startsWith('.') ? entry : `.${entry}`)),
  );
}

async function hostsFileNames(host: Host): Promise<ReadonlySet<string>> {
  const entry = await host.look('/etc/hosts');
  if (entry.kind !== 'file') return new Set();
  return new Set(
    textOf(entry.bytes)
      .split('\n')
      .flatMap((line) => (line.split('#', 1)[0] ?? '').trim().split(/\s+/).slice(1))
      .map((name) => name.toLowerCase()),
  );
}

/** Is the IPv4 address in the network? Others are compared as text up to the prefix, which finds most. */
export function isInRange(address: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  if (bits === '' || isIP(address) === 0 || isIP(network) !== isIP(address)) return false;
  const [a, b] = [bytesOf(address), bytesOf(network)];
  let left = Number(bits);
  for (let at = 0; at < a.length && left > 0; at++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((a[at] ?? 0) & mask) !== ((b[at] ?? 0) & mask)) return false;
  }
  return Number.isInteger(left);
}

function bytesOf(address: string): readonly number[] {
  if (isIP(address) === 4) return address.split('.').map(Number);
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const front = groups(head);
  const back = groups(tail);
  const all = [...front, ...Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => 0), ...back];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}
