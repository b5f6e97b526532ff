import { BlockList, isIP } from 'node:net';
import { reachOfHost } from './addresses.js';
import { HttpError } from './errors.js';
import type { ProxyOptions } from './http-client.js';

/** A proxy to go through. */
export interface Proxy {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** `host:port`, for messages. */
  readonly name: string;
  /** The `Proxy-Authorization` header, for the proxy alone. */
  readonly authorization: string | undefined;
}

/**
 * The proxy for a URL; nothing when it is reached without one. Hosts of this machine never go through a proxy.
 * @throws HttpError `PROXY_FAILED` when what was given for its scheme is no proxy's URL
 */
export function proxyFor(url: URL, options: ProxyOptions | undefined): Proxy | undefined {
  const given = (url.protocol === 'https:' ? options?.https : options?.http)?.trim() ?? '';
  if (given === '' || reachOfHost(url.hostname) === 'loopback' || isExcepted(url, options?.none ?? '')) {
    return undefined;
  }
  return parseProxy(given);
}

function parseProxy(given: string): Proxy {
  const text = given.includes('://') ? given : `http://${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text may hold a password: it is not repeated.
  if (url === undefined || url.hostname === '') {
    throw new HttpError('PROXY_FAILED', 'what was given as the proxy is no URL', { hint: 'write http://host:port' });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HttpError('PROXY_FAILED', `proxies that speak ${url.protocol.slice(0, -1)} are not supported`, {
      hint: 'name an http:// or https:// proxy',
    });
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    name: `${url.hostname}:${port}`,
    authorization: login === ':' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign stands for itself.
    return part;
  }
}

/**
 * Whether `NO_PROXY` names the host, as Go's programs read it: `example.com` is the name and those below it,
 * `.example.com` only those below; addresses and networks match addresses; a port, where there is one, must be the same.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function isExcepted(url: URL, none: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return none
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && (entry === '*' || matches(entry, host, port)));
}

function matches(entry: string, host: string, port: string): boolean {
  const { name, port: wanted } = splitPort(entry);
  if (isIP(host) !== 0) return inNetwork(entry, host) || (sameAddress(name, host) && (wanted ?? port) === port);
  if (wanted !== undefined && wanted !== port) return false;
  const plain = name.replace(/^\*(?=\.)/, '').replace(/\.$/, '');
  if (plain.startsWith('.')) return host.endsWith(plain);
  return plain !== '' && (host === plain || host.endsWith(`.${plain}`));
}

function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  if (isIP(entry) !== 0) return { name: entry, port: undefined };
  const split = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry);
  return { name: (split?.[1] ?? entry).replace(/^\[|\]$/g, ''), port: split?.[2] };
}

function sameAddress(name: string, host: string): boolean {
  return isIP(name) !== 0 && inNetwork(`${name}/${isIP(name) === 4 ? 32 : 128}`, host);
}

function inNetwork(entry: string, host: string): boolean {
  const slash = entry.indexOf('/');
  const base = entry.slice(0, Math.max(slash, 0));
  const prefix = entry.slice(slash + 1);
  const family = isIP(base);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
