import { isAddress, mayLeadTo, reachOfHost, type Reach } from './addresses.js';
import { HttpError } from './errors.js';
import type { HttpRequest, HttpResponse } from './http-client.js';

/** One exchange on the way to an answer. */
export interface Hop {
  readonly method: HttpRequest['method'];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: HttpRequest['body'];
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Headers that may prove who we are, whoever set them. */
const secretName = /auth|cookie|token|secret|credential|password|api-?key/;

const bodyHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
]);

/**
 * Where an answer sends us, with what may be shown there: once another origin was asked, nothing that proves who we are,
 * not even back at the first. Nothing when the answer is no redirect.
 * @throws HttpError `REDIRECT_REFUSED`
 */
export function nextHop(hop: Hop, answer: Pick<HttpResponse, 'status' | 'header'>): Hop | undefined {
  const location = redirectStatuses.has(answer.status) ? answer.header('location') : undefined;
  if (location === undefined) return undefined;
  const url = URL.canParse(location, hop.url.href) ? withoutUserinfo(new URL(location, hop.url)) : undefined;
  if (url === undefined) throw refused(`${hop.url.host} redirects to what is no URL`);
  checkScheme(hop.url, url);
  const sameOrigin = url.origin === hop.url.origin;
  const keepsBody = answer.status >= 307 || (answer.status !== 303 && hop.method !== 'POST') || hop.method === 'HEAD';
  const headers = Object.entries(hop.headers).filter(
    ([name]) =>
      (sameOrigin || !secretName.test(name.toLowerCase())) && (keepsBody || !bodyHeaders.has(name.toLowerCase())),
  );
  return {
    method: keepsBody ? hop.method : 'GET',
    url,
    headers: Object.fromEntries(headers),
    authorization: sameOrigin ? hop.authorization : undefined,
    body: keepsBody ? hop.body : undefined,
  };
}

/** @throws HttpError `REDIRECT_REFUSED` for what is not HTTP, and for plain HTTP after HTTPS */
export function checkScheme(from: URL, to: URL): void {
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    throw refused(`${from.host} sends us to a URL that is not of HTTP`);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refused(`${from.host} sends us from HTTPS to plain HTTP at ${to.host}`);
  }
}

/**
 * May a server, itself of this reach, send us to the host of this URL? What the name resolves to is for the connection
 * to check.
 * @throws HttpError `REDIRECT_REFUSED`
 */
export function checkTarget(first: URL, reach: Reach, to: URL): void {
  if (isSameAddress(first, to)) return;
  const target = reachOfHost(to.hostname);
  if (target !== undefined && !mayLeadTo(reach, target)) throw refusedTarget(to.host, target);
}

/** Back to the very address that the user named is no detour. */
export function isSameAddress(first: URL, to: URL): boolean {
  return isAddress(to.hostname) && to.hostname === first.hostname;
}

/** The error for a target that is nearer to us than the server that names it. */
export function refusedTarget(to: string, reach: Reach): HttpError {
  const kinds = {
    special: 'an address of this machine, its link or its cloud alone',
    loopback: 'an address of this machine',
    private: 'an address of a private network',
    public: 'another address',
  } as const satisfies Record<Reach, string>;
  const hint = reach === 'special' ? undefined : 'if that is right, name the host under registry.hosts';
  return refused(`a server sends us to ${to}, ${kinds[reach]}`, hint);
}

function refused(message: string, hint?: string): HttpError {
  return new HttpError('REDIRECT_REFUSED', message, { hint });
}

/** A URL without user name, password and fragment, none of which are sent. */
export function withoutUserinfo(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  plain.hash = '';
  return plain;
}
