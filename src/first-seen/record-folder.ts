import { createHash, randomBytes } from 'node:crypto';
import { existsSync, type Stats } from 'node:fs';
import { constants, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno, FormatError } from '../core/index.js';
import { lockGoneMs, withFileLock } from './file-lock.js';
import { encodeSeenRecord, maxRecordBytes, parseSeenRecord, type SeenRecord } from './seen-record.js';

/** What lies in the folder for a repository. */
export type FoundRecord =
  | { readonly state: 'absent' }
  | { readonly state: 'read'; readonly record: SeenRecord; readonly mark: string }
  /** It is there and no record. */
  | { readonly state: 'damaged'; readonly reason: string; readonly mark: string };

export interface RecordFolderOptions {
  readonly dir: string;
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Files that nobody wrote for longer may go when there are too many. */
  readonly forgetMs: number;
  /** After which a lock that nobody touches is taken away. */
  readonly lockGoneMs?: number | undefined;
}

const recordName = /^[0-9a-f]{64}\.json$/;
const temporary = /^\.tmp-[0-9a-f]{24}$/;
const hourMs = 3_600_000;
/** How long a listing of the folder is believed. */
const listingMs = 60_000;

interface Listing {
  files: number;
  bytes: number;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

/**
 * A folder of records, one file a repository, each replaced in one step. A folder that others own or may write to is not
 * used: what stands there decides what may run.
 */
export class RecordFolder {
  readonly #options: RecordFolderOptions;
  #listing: Listing | undefined;

  constructor(options: RecordFolderOptions) {
    this.#options = options;
  }

  /** Another text for another file. @throws what the operating system says */
  async mark(repository: string): Promise<string> {
    return (await statOf(this.#path(repository))) ?? '';
  }

  /** @throws what the operating system says, and that the folder is not to be trusted */
  async read(repository: string): Promise<FoundRecord> {
    if (!(await this.#isThere())) return { state: 'absent' };
    const found = await readBounded(this.#path(repository));
    if (!found) return { state: 'absent' };
    try {
      if (found.bytes === undefined) throw new FormatError('INVALID', `it has more than ${maxRecordBytes} bytes`);
      return { state: 'read', record: parseSeenRecord(found.bytes, repository), mark: found.mark };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return { state: 'damaged', reason: error.message, mark: found.mark };
    }
  }

  /**
   * Puts what `edit` makes of what is there into its place, while no other process does. A damaged file is kept aside, and
   * `onDamage` told where.
   * @returns what lies there now
   * @throws what the operating system says; Error when there is no room
   */
  async update(
    repository: string,
    edit: (found: FoundRecord) => SeenRecord,
    onDamage: (aside: string, reason: string) => void,
  ): Promise<{ readonly record: SeenRecord; readonly mark: string }> {
    await makeFolder(this.#options.dir);
    await this.#isThere();
    const path = this.#path(repository);
    return await withFileLock(path, this.#options.lockGoneMs ?? lockGoneMs, async () => {
      const found = await this.read(repository);
      const record = edit(found);
      const text = encodeSeenRecord(record);
      await this.#makeRoom(found.state === 'absent', text.length);
      if (found.state === 'damaged') {
        await rename(path, `${path}.damaged`);
        onDamage(`${path}.damaged`, found.reason);
      }
      await this.#replace(path, text);
      return { record, mark: await this.mark(repository) };
    });
  }

  #path(repository: string): string {
    return join(this.#options.dir, `${createHash('sha256').update(repository).digest('hex')}.json`);
  }

  async #isThere(): Promise<boolean> {
    const { dir } = this.#options;
    try {
      const found = await stat(dir);
      if (found.isDirectory() && isTrusted(found)) return true;
      throw new Error(`${dir} is no folder that only this user may write to`);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async #replace(path: string, text: string): Promise<void> {
    const beside = join(this.#options.dir, `.tmp-${randomBytes(12).toString('hex')}`);
    try {
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  }

  /** Nothing that is still in use goes: whoever fills the folder must not renew what others were given. */
  async #makeRoom(isNew: boolean, bytes: number): Promise<void> {
    const { maxFiles, maxBytes } = this.#options;
    const before = this.#listing;
    const isOld = before === undefined || performance.now() - before.at > listingMs;
    const listing = isOld ? await this.#list() : before;
    this.#listing = listing;
    if (isNew) {
      listing.files++;
      listing.bytes += bytes;
    }
    if (listing.files <= maxFiles && listing.bytes <= maxBytes) return;
    if (isNew) {
      listing.files--;
      listing.bytes -= bytes;
    } else if (listing.bytes <= 2 * maxBytes) return;
    throw new Error(`there are too many records in ${this.#options.dir}`);
  }

  async #list(): Promise<Listing> {
    const { dir, maxFiles, maxBytes, forgetMs } = this.#options;
    const now = Date.now();
    const files: { readonly path: string; readonly size: number; readonly ageMs: number }[] = [];
    for (const name of await readdir(dir)) {
      const path = join(dir, name);
      const found = recordName.test(name) || temporary.test(name) ? await lstatIfThere(path) : undefined;
      if (!found) continue;
      const ageMs = now - found.mtimeMs;
      if (!temporary.test(name)) files.push({ path, size: found.size, ageMs });
      else if (ageMs > hourMs) await rm(path, { force: true });
    }
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const listing: Listing = { files: files.length, bytes, at: performance.now() };
    for (const { path, size, ageMs } of files.sort((a, b) => b.ageMs - a.ageMs)) {
      if ((listing.files < maxFiles && listing.bytes < maxBytes) || ageMs < forgetMs) break;
      await rm(path, { force: true });
      listing.files--;
      listing.bytes -= size;
    }
    return listing;
  }
}

function isTrusted(found: Stats): boolean {
  const me = process.getuid?.();
  return me === undefined || ((found.uid === me || found.uid === 0) && (found.mode & 0o002) === 0);
}

function markOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}

async function statOf(path: string): Promise<string | undefined> {
  const found = await lstatIfThere(path);
  return found && markOf(found);
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Without bytes, where there are too many of them, or where it is no plain file. */
async function readBounded(
  path: string,
): Promise<{ readonly bytes: Uint8Array | undefined; readonly mark: string } | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const found = await file.stat();
    const mark = markOf(found);
    if (!found.isFile() || found.size > maxRecordBytes) return { bytes: undefined, mark };
    return { bytes: await file.readFile(), mark };
  } finally {
    await file.close();
  }
}

/** Node's own recursive form never returns below folders like /proc, where making one fails with "no such file". */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) await makeFolder(parent);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error;
  });
}
