import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/index.js';
import { errorNumber } from './errors.js';
import { unwritable } from './install.js';

const partialName = /^download-[0-9a-f]{64,128}$/;

/** A download that lies in the folder of databases until it is whole, and outlives the process that began it. */
export class PartialFile {
  readonly path: string;
  readonly #folder: string;
  readonly #handle: FileHandle;
  #sizeBytes: number;

  private constructor(folder: string, path: string, file: { readonly handle: FileHandle; readonly sizeBytes: number }) {
    this.#folder = folder;
    this.path = path;
    this.#handle = file.handle;
    this.#sizeBytes = file.sizeBytes;
  }

  /** Opens what an earlier process left under this name (64 to 128 hex digits), or begins anew. */
  static async open(folder: string, name: string): Promise<PartialFile> {
    const path = join(folder, `download-${name}`);
    try {
      const handle = await openOrReplace(path);
      return new PartialFile(folder, path, { handle, sizeBytes: (await handle.stat()).size });
    } catch (cause) {
      throw unwritable(folder, cause);
    }
  }

  /** Bytes that are here. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** A disk that is full gets back what the download took. */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done);
        done += bytesWritten;
        this.#sizeBytes += bytesWritten;
      }
    } catch (cause) {
      await this.restart();
      throw unwritable(this.#folder, cause);
    }
  }

  /** Forgets all bytes. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#sizeBytes = 0;
  }

  /** Hash of what lies on the disk now, in hex. */
  async hash(ctx: Context, algorithm: string): Promise<string> {
    const hash = createHash(algorithm);
    for await (const chunk of createReadStream(this.path, { highWaterMark: 1024 * 1024 })) {
      ctx.signal.throwIfAborted();
      hash.update(chunk as Uint8Array);
    }
    return hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** What another user of a shared folder began cannot be gone on with, and must not stand in the way. */
async function openOrReplace(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a+', 0o600);
  } catch (cause) {
    if (errorNumber(cause) !== 'EACCES' && errorNumber(cause) !== 'EPERM') throw cause;
    rmSync(path, { force: true });
    return await open(path, 'a+', 0o600);
  }
}

/** Removes downloads that nobody went on with for so long; by default all. */
export function removePartials(folder: string, olderThanMs = 0): void {
  for (const name of namesIn(folder)) {
    if (!partialName.test(name)) continue;
    const path = join(folder, name);
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (olderThanMs === 0 || Date.now() - changedMs > olderThanMs) rmSync(path, { force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (errorNumber(cause) === 'ENOENT') return [];
    throw cause;
  }
}
