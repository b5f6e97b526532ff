import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { starterDatabasePath } from '../scan/index.js';
import { DatabaseInUse } from './database-in-use.js';

test('a database that cannot be read is told of, and what the one before found stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tidewaiter-in-use-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'trivy.db');
  await copyFile(join(starterDatabasePath(), 'trivy.db'), path);
  const inUse = new DatabaseInUse({ cacheDir: undefined, databasePath: path });
  const { edition } = inUse;
  assert.notEqual(edition, '');
  assert.equal(problemOf(inUse), undefined);
  const updatedAt = inUse.facts?.updatedAt;

  await writeFile(path, 'not a database');
  inUse.look();
  assert.ok(problemOf(inUse)?.includes(path), problemOf(inUse));
  assert.equal(inUse.edition, edition);
  assert.equal(inUse.facts?.updatedAt, updatedAt);

  await rm(path);
  inUse.look();
  assert.ok(problemOf(inUse)?.includes(path), problemOf(inUse));

  await copyFile(join(starterDatabasePath(), 'trivy.db'), path);
  inUse.look();
  assert.equal(inUse.problem, undefined);
  assert.notEqual(inUse.edition, '');
});

test('none at all is a problem, and no edition', () => {
  const inUse = new DatabaseInUse({ cacheDir: undefined, databasePath: join(tmpdir(), 'no', 'such.db') });
  assert.equal(inUse.edition, '');
  assert.ok(inUse.problem !== undefined);
});

/** Not narrowed by what was seen of it before. */
function problemOf(inUse: DatabaseInUse): string | undefined {
  return inUse.problem;
}
