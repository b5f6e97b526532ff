import { toByteText } from './byte-text.js';

/** Host (with port) and path of a key, decoded; texts of bytes. */
export interface RegistryUrl {
  readonly host: string;
  readonly path: string;
}

/** Why a key is no URL; one clause. */
export interface InvalidUrl {
  readonly invalid: string;
}

/**
 * `https://` and what follows it, read as Go's `net/url` reads it (version 1.26): the user, the query and the fragment
 * are dropped, percent signs decoded. Takes a text of bytes.
 */
export function parseRegistryUrl(rest: string): RegistryUrl | InvalidUrl {
  if (hasControlCharacter(beforeFragment(rest))) return { invalid: 'it has a control character' };
  const fragmentAt = rest.indexOf('#');
  const fragment = fragmentAt < 0 ? '' : rest.slice(fragmentAt + 1);
  const badEscape = brokenEscape(fragment);
  if (badEscape !== undefined) return { invalid: badEscape };
  const beforeQuery = cut(beforeFragment(rest), '?');
  const slash = beforeQuery.indexOf('/');
  const authority = slash < 0 ? beforeQuery : beforeQuery.slice(0, slash);
  const rawPath = slash < 0 ? '' : beforeQuery.slice(slash);
  const host = parseAuthority(authority);
  if (typeof host !== 'string') return host;
  const broken = brokenEscape(rawPath);
  return broken === undefined ? { host, path: unescapeAll(rawPath) } : { invalid: broken };
}

/** Host and port of an authority as Go's `net.SplitHostPort`, or all of it and no port where that refuses it. */
export function splitPort(authority: string): { readonly host: string; readonly port: string } {
  const whole = { host: authority, port: '' };
  const colon = authority.lastIndexOf(':');
  if (colon < 0) return whole;
  const port = authority.slice(colon + 1);
  if (authority.startsWith('[')) {
    const close = authority.indexOf(']');
    if (close + 1 !== colon || /[[\]]/.test(authority.slice(1, close) + port)) return whole;
    return { host: authority.slice(1, close), port };
  }
  const host = authority.slice(0, colon);
  return host.includes(':') || /[[\]]/.test(authority) ? whole : { host, port };
}

function parseAuthority(authority: string): string | InvalidUrl {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1));
  if (typeof host !== 'string' || at < 0) return host;
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user))
    return { invalid: 'the part before "@" has a character that it may not have' };
  const broken = brokenEscape(user);
  return broken === undefined ? host : { invalid: broken };
}

function parseHost(host: string): string | InvalidUrl {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return { invalid: 'a "[" may only begin the host, around an IPv6 address' };
  if (bracket === 0) return parseBracketed(host);
  const colon = host.indexOf(':');
  if (colon >= 0 && !isOptionalPort(host.slice(colon))) return { invalid: 'its port is not made of digits' };
  return unescapeHost(host);
}

function parseBracketed(host: string): string | InvalidUrl {
  const close = host.lastIndexOf(']');
  if (close < 0) return { invalid: 'its "[" is not closed' };
  const port = host.slice(close + 1);
  if (!isOptionalPort(port)) return { invalid: 'its port is not made of digits' };
  const name = host.slice(1, close);
  const zone = name.indexOf('%25');
  const address = unescapeHost(zone < 0 ? name : name.slice(0, zone));
  if (typeof address !== 'string') return address;
  const zoneText = zone < 0 ? '' : unescapeZone(name.slice(zone));
  if (typeof zoneText !== 'string') return zoneText;
  if (!isIpv6(address + zoneText)) return { invalid: 'only an IPv6 address may stand in brackets' };
  return `[${address}${zoneText}]${port}`;
}

function isOptionalPort(text: string): boolean {
  return text === '' || /^:[0-9]*$/.test(text);
}

const hostCharacter = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u00ff]$/;

/** In a host only bytes that are not ASCII, and the percent sign itself, may be written with a percent sign. */
function unescapeHost(text: string): string | InvalidUrl {
  const broken = brokenEscape(text);
  if (broken !== undefined) return { invalid: broken };
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '%') {
      const escape = text.slice(index, index + 3);
      if (/^%[0-7]/.test(escape) && escape !== '%25') return { invalid: `"${escape}" may not stand in a host` };
      index += 2;
    } else if (!hostCharacter.test(character)) return { invalid: `"${character}" may not stand in a host` };
  }
  return unescapeAll(text);
}

function unescapeZone(text: string): string | InvalidUrl {
  const broken = brokenEscape(text);
  if (broken !== undefined) return { invalid: broken };
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '%') {
      const escape = text.slice(index, index + 3);
      const byte = unescapeAll(escape);
      if (escape !== '%25' && byte !== ' ' && (byte >= '\u0080' || !hostCharacter.test(byte))) {
        return { invalid: `"${escape}" may not stand in a zone` };
      }
      index += 2;
    } else if (!hostCharacter.test(character)) return { invalid: `"${character}" may not stand in a zone` };
  }
  return unescapeAll(text);
}

function brokenEscape(text: string): string | undefined {
  const at = text.search(/%(?![0-9A-Fa-f]{2})/);
  return at < 0 ? undefined : 'a "%" is not followed by two hexadecimal digits';
}

function unescapeAll(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** An IPv6 address as `netip.ParseAddr` takes it: perhaps with IPv4 at its end, or with a zone. */
function isIpv6(text: string): boolean {
  const percent = text.indexOf('%');
  if (percent >= 0 && percent === text.length - 1) return false;
  const address = percent < 0 ? text : text.slice(0, percent);
  const halves = address.split('::');
  if (halves.length > 2 || !address.includes(':')) return false;
  const left = countFields(halves[0] ?? '', halves.length === 1);
  const right = halves.length === 2 ? countFields(halves[1] ?? '', true) : 0;
  if (left === undefined || right === undefined) return false;
  return halves.length === 2 ? left + right < 8 : left === 8;
}

/** 16-bit fields of a part of an address; undefined when it is none. */
function countFields(part: string, mayEndInIpv4: boolean): number | undefined {
  if (part === '') return 0;
  const fields = part.split(':');
  const last = fields.at(-1) ?? '';
  const ipv4 = mayEndInIpv4 && last.includes('.');
  if (ipv4 && !/^(?:(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])(?:\.(?!$)|$)){4}$/.test(last)) return undefined;
  const hex = ipv4 ? fields.slice(0, -1) : fields;
  if (!hex.every((field) => /^[0-9a-fA-F]{1,4}$/.test(field))) return undefined;
  return hex.length + (ipv4 ? 2 : 0);
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function beforeFragment(text: string): string {
  return cut(text, '#');
}

function cut(text: string, separator: string): string {
  const at = text.indexOf(separator);
  return at < 0 ? text : text.slice(0, at);
}

/** A key as a text of bytes, without `https://` or `http://` in front of it. */
export function withoutScheme(key: string): string {
  return toByteText(key.replace(/^https?:\/\//, ''));
}
