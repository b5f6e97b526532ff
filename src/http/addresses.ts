import { BlockList, isIP } from 'node:net';

/**
 * From where an address can be reached: `special` ones only from this machine, its link or its cloud, or nowhere
 * (link-local, metadata services, unspecified, multicast, reserved).
 */
export type Reach = 'public' | 'private' | 'loopback' | 'special';

const special = networks(
  [
    ['0.0.0.0', 8],
    ['169.254.0.0', 16],
    // Metadata services that lie outside the link-local network: Alibaba's, Azure's, Oracle's.
    ['100.100.100.200', 32],
    ['168.63.129.16', 32],
    ['192.0.0.192', 32],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ],
  [
    ['::', 128],
    ['fe80::', 10],
    ['ff00::', 8],
    // Amazon's and Google's.
    ['fd00:ec2::', 32],
    ['fd20:ce::', 32],
  ],
);

const loopback = networks([['127.0.0.0', 8]], [['::1', 128]]);

const privateNetworks = networks(
  [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
    ['198.18.0.0', 15],
  ],
  [
    ['fc00::', 7],
    ['fec0::', 10],
  ],
);

/** Names that clouds give to their metadata services. */
const specialNames: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** The reach of an IP address in any spelling that sockets and URLs use, a zone (`%eth0`) and brackets allowed. */
export function reachOfAddress(address: string): Reach {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
  // What is no address leads nowhere that we know of.
  if (isIP(plain) === 0 || special.check(plain, family)) return 'special';
  if (loopback.check(plain, family)) return 'loopback';
  return privateNetworks.check(plain, family) ? 'private' : 'public';
}

/** The reach of a URL's host as far as its text tells; nothing for names that must be resolved. */
export function reachOfHost(hostname: string): Reach | undefined {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (isAddress(name)) return reachOfAddress(name);
  if (specialNames.has(name)) return 'special';
  return name === 'localhost' || name.endsWith('.localhost') ? 'loopback' : undefined;
}

/** Is this host of a URL an IP address? */
export function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

const ranks: Readonly<Record<Reach, number>> = { public: 0, private: 1, special: 1, loopback: 2 };

/**
 * May a server of one reach send us to an address of another? Never to a special one, and never to one that is nearer
 * to us than it is itself: what only we can reach is not for others to ask.
 */
export function mayLeadTo(from: Reach, to: Reach): boolean {
  return to !== 'special' && ranks[to] <= ranks[from];
}

/** Of two reaches the one from which less may be led to. */
export function farther(one: Reach | undefined, other: Reach): Reach {
  return one === undefined || ranks[other] < ranks[one] ? other : one;
}

type Network = readonly [address: string, prefix: number];

/** The networks, those of version 4 also as they are written inside addresses of version 6. */
function networks(version4: readonly Network[], version6: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of version6) list.addSubnet(address, prefix, 'ipv6');
  for (const [address, prefix] of version4) {
    list.addSubnet(address, prefix, 'ipv4');
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    const high = (a * 256 + b).toString(16);
    const low = (c * 256 + d).toString(16);
    // RFC 6052 (NAT64) and RFC 3056 (6to4). Those of RFC 4291 that are mapped (::ffff:0:0/96) the list knows itself.
    list.addSubnet(`64:ff9b::${high}:${low}`, 96 + prefix, 'ipv6');
    list.addSubnet(`2002:${high}:${low}::`, 16 + prefix, 'ipv6');
    // RFC 4291, IPv4-compatible; `::/8` of the unspecified network would hold the loopback address too.
    if (a !== 0) list.addSubnet(`::${high}:${low}`, 96 + prefix, 'ipv6');
  }
  return list;
}
