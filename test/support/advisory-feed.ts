import { openDatabase, type OpenedDatabase } from '../../src/advisories/index.js';
import { advisoryDatabase } from './advisory-database.js';
import { temporaryFolder } from './paths.js';

/** A database built from texts of feeds, open until the test ends. */
export async function databaseOf(
  t: { after(run: () => void): void },
  files: Readonly<Record<string, string>>,
): Promise<OpenedDatabase> {
  const database = openDatabase(await advisoryDatabase(temporaryFolder(t), files), { kind: 'file' });
  t.after(() => database.close());
  return database;
}

/** The advisories of a package as plain objects by vulnerability id, without their place and without what is absent. */
export function advisoriesOf(database: OpenedDatabase, bucket: string, packageName: string): Record<string, unknown> {
  const { advisories } = database.advisories(bucket, packageName);
  return Object.fromEntries(
    advisories.map((advisory) => [
      advisory.vulnerabilityId,
      Object.fromEntries(
        Object.entries(advisory).filter(([member, value]) => value !== undefined && !placeMembers.has(member)),
      ),
    ]),
  );
}

const placeMembers: ReadonlySet<string> = new Set(['vulnerabilityId', 'bucket', 'dataSource']);
