import { PackageURL } from 'packageurl-js';
import { messageOf } from '../core/index.js';
import { ScreeningError } from './errors.js';

/** Does the package of this PURL fit? A text that is no PURL fits nothing. */
export type PurlPattern = (purl: string) => boolean;

/**
 * A PURL as a pattern, compared part by part after decoding: type, namespace and name must be equal; version, subpath
 * and qualifiers only where the pattern gives them.
 * @throws ScreeningError `INVALID_EXCEPTION` for a text that is no PURL.
 */
export function parsePurlPattern(text: string): PurlPattern {
  const pattern = parseStrictly(text);
  const qualifiers = Object.entries(pattern.qualifiers ?? {});
  return (purl) => {
    const offered = parseLoosely(purl);
    if (!offered) return false;
    if (offered.type !== pattern.type || offered.name !== pattern.name) return false;
    if ((offered.namespace ?? '') !== (pattern.namespace ?? '')) return false;
    if (pattern.version && offered.version !== pattern.version) return false;
    if (pattern.subpath && offered.subpath !== pattern.subpath) return false;
    return qualifiers.every(([key, value]) => offered.qualifiers?.[key] === value);
  };
}

function parseStrictly(text: string): PackageURL {
  try {
    return PackageURL.fromString(text);
  } catch (cause) {
    throw new ScreeningError('INVALID_EXCEPTION', `"${text}" is no package URL: ${messageOf(cause)}`, {
      hint: 'write pkg:TYPE/NAMESPACE/NAME, such as pkg:deb/debian/openssl',
      cause,
    });
  }
}

function parseLoosely(text: string): PackageURL | undefined {
  try {
    return PackageURL.fromString(text);
  } catch {
    return undefined; // its maker is a cataloger; the finding then simply stays
  }
}
