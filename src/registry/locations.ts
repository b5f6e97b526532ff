import { describeEndpoint, type Endpoint } from './endpoint.js';
import { RegistryError } from './errors.js';

/**
 * Where an answer says to go on: an upload, a next page. A registry behind a proxy that ends TLS names itself with
 * `http://`; that is taken for what it means.
 * @throws RegistryError `INVALID_ANSWER` when it says nothing that could be followed
 */
export function resolveLocation(endpoint: Endpoint, from: URL, location: string | undefined): URL {
  const url = location && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new RegistryError('INVALID_ANSWER', `${describeEndpoint(endpoint)} does not say where to go on`);
  }
  if (from.protocol === 'https:' && url.protocol === 'http:' && url.hostname === from.hostname) {
    if (url.port === '' || url.port === from.port) return new URL(`${url.pathname}${url.search}`, from);
  }
  return url;
}

/** The URL with one more parameter; those that are there stay as they are, byte for byte. */
export function withParameter(url: URL, name: string, value: string): URL {
  const extended = new URL(url);
  extended.search = `${url.search === '' ? '?' : `${url.search}&`}${name}=${encodeURIComponent(value)}`;
  extended.hash = '';
  return extended;
}
