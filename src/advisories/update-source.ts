import { formatReference, parseReference, type Reference } from '../reference/index.js';
import { AdvisoryError } from './errors.js';
import { databaseFileName, schemaVersion } from './metadata.js';

/** The platform's own, where its types are there: whoever uses only our types need not have them. */
type URL = typeof globalThis extends { URL: { prototype: infer Instance } } ? Instance : { readonly href: string };

/** Where databases are fetched from when nobody names a place, in this order. */
export const defaultDatabaseSources: readonly string[] = [
  `mirror.gcr.io/aquasec/trivy-db:${schemaVersion}`,
  `ghcr.io/aquasecurity/trivy-db:${schemaVersion}`,
];

/** A place that databases are fetched from. Its name is fit for logs: no credentials, no query. */
export type DatabaseSource =
  | { readonly kind: 'registry'; readonly name: string; readonly reference: Reference }
  /** One file: the archive that registries hold, or something else that `importDatabase` takes. */
  | { readonly kind: 'file'; readonly name: string; readonly url: URL }
  /** A folder of a web server with `db.tar.gz`, or with `trivy.db` and `metadata.json`. Its URL ends in a slash. */
  | { readonly kind: 'folder'; readonly name: string; readonly url: URL };

/**
 * Reads what a user writes for a source: `host/repository[:tag][@digest]`, without either the schema version is the tag;
 * or the address of a file or, with a slash at its end, of a folder of a web server.
 * @throws AdvisoryError `INVALID_ADDRESS`; InvalidReferenceError for a repository
 */
export function parseDatabaseSource(text: string): DatabaseSource {
  if (/^https?:\/\//i.test(text)) return webSource(text);
  if (/^(?:file:|\.{0,2}\/)/i.test(text)) {
    throw new AdvisoryError(
      'INVALID_ADDRESS',
      `${JSON.stringify(text.slice(0, 100))} is a file, and no place to fetch from`,
      {
        hint: 'install a file with "tidewaiter db import FILE"',
      },
    );
  }
  const reference = parseDatabaseRepository(text);
  return { kind: 'registry', name: formatReference(reference), reference };
}

/** The same for repositories alone. @throws InvalidReferenceError */
export function parseDatabaseRepository(text: string): Reference {
  const reference = parseReference(text);
  const hasTag = reference.tag !== 'latest' || text.endsWith(':latest');
  return hasTag || reference.digest !== undefined ? reference : { ...reference, tag: String(schemaVersion) };
}

/** Address for people: without user, password, query and fragment. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function webSource(text: string): DatabaseSource {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) {
    throw new AdvisoryError('INVALID_ADDRESS', 'a place to fetch the database from is no address', {
      hint: 'write it like https://host/path/db.tar.gz',
    });
  }
  const name = shownUrl(url);
  if (url.username !== '' || url.password !== '') {
    throw new AdvisoryError('INVALID_ADDRESS', `user and password cannot stand in the address of ${name}`, {
      hint: 'use a registry, whose credentials come from "tidewaiter login", or a server that asks for none',
    });
  }
  url.hash = '';
  const databaseFile = `/${databaseFileName}`;
  if (url.pathname.endsWith(databaseFile)) {
    url.pathname = url.pathname.slice(0, 1 - databaseFile.length);
    return { kind: 'folder', name: shownUrl(url), url };
  }
  return { kind: url.pathname.endsWith('/') ? 'folder' : 'file', name, url };
}
