import { FormatError, type RandomAccess } from '../core/index.js';
import { BoltDatabase } from '../formats/index.js';
import { AdvisoryError } from './errors.js';
import { schemaVersion } from './metadata.js';

const maxTopLevelBuckets = 100_000;

/** Meta pages, and every top-level bucket opened. @throws FormatError */
export function checkDatabase(access: RandomAccess): void {
  const { root } = new BoltDatabase(access);
  let buckets = 0;
  for (const { key, value } of root.entries()) {
    if (++buckets > maxTopLevelBuckets) throw new FormatError('LIMIT_EXCEEDED', 'too many top-level buckets');
    if (value === undefined) root.bucket(key)?.entries().next();
  }
  if (buckets === 0) throw new FormatError('INVALID', 'it is empty');
}

/** @throws AdvisoryError `DATABASE_SCHEMA` if the database that bears the name is of another schema version. */
export function checkSchema(name: string, version: number): void {
  if (version === schemaVersion) return;
  throw new AdvisoryError(
    'DATABASE_SCHEMA',
    `the database ${name} has schema version ${version}; this program reads version ${schemaVersion}`,
    { hint: version > schemaVersion ? 'use a newer tidewaiter' : 'get a current database' },
  );
}
