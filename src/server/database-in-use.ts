import { statSync } from 'node:fs';
import { join } from 'node:path';
import { databaseFileName, findInstalledDatabase, type DatabaseFacts } from '../advisories/index.js';
import { messageOf } from '../core/index.js';
import { openScanDatabase, starterDatabasePath } from '../scan/index.js';

export interface DatabasePlace {
  readonly cacheDir: string | undefined;
  /** A database that was named; absent: the installed one, else the starter database. */
  readonly databasePath: string | undefined;
}

/** The vulnerability database that scans use now, looked at from outside. */
export class DatabaseInUse {
  readonly #place: DatabasePlace;
  #edition = '';
  #mark: string | undefined;
  #facts: DatabaseFacts | undefined;
  #problem: string | undefined;

  constructor(place: DatabasePlace) {
    this.#place = place;
    this.look();
  }

  /** Another text for another database. One that cannot be read is none: what the one before found stays. */
  get edition(): string {
    return this.#edition;
  }

  /** Of the last one that could be read. */
  get facts(): DatabaseFacts | undefined {
    return this.#facts;
  }

  /** Why the newest one cannot be used; nothing while it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Cheap while nothing has changed: to be asked often. A database that is new is opened, and closed again. */
  look(): void {
    try {
      const mark = markOf(this.#place);
      if (mark === this.#mark && this.#problem === undefined) return;
      this.#mark = mark;
      this.#facts = factsOf(this.#place);
      this.#edition = mark;
      this.#problem = undefined;
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }
}

function factsOf({ cacheDir, databasePath }: DatabasePlace): DatabaseFacts {
  const database = openScanDatabase(databasePath, cacheDir);
  try {
    return database.info();
  } finally {
    database.close();
  }
}

function markOf({ databasePath, cacheDir }: DatabasePlace): string {
  if (databasePath !== undefined) return `file ${fileMark(databasePath)}`;
  const installed = cacheDir === undefined ? undefined : findInstalledDatabase(cacheDir);
  return installed ? `installed ${installed.id}` : `starter ${fileMark(starterDatabasePath())}`;
}

function fileMark(path: string): string {
  const here = statSync(path);
  const { ino, size, mtimeMs } = here.isDirectory() ? statSync(join(path, databaseFileName)) : here;
  return `${ino} ${size} ${mtimeMs}`;
}
