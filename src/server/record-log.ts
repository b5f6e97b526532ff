import { open, type FileHandle } from 'node:fs/promises';
import { messageOf } from '../core/index.js';

export interface RecordLogOptions {
  /** A file that is appended to. */
  readonly path: string;
  /** Where records go that have waited for too long, and words about it. */
  readonly complain: (message: string) => void;
  readonly retryMs?: number | undefined;
}

/** So that a busy server writes a hundred times a second, and not for each record. */
const gatherMs = 10;

/** Records that wait for a disk that takes none; past that the oldest are told elsewhere. */
const maxWaiting = 20_000;

/**
 * Lines of JSON in a file. Nobody waits for the disk; what it does not take is kept and tried again, and what has to go is
 * handed to `complain`, so that no record is lost without a word.
 */
export class RecordLog {
  readonly #options: RecordLogOptions;
  #file: FileHandle | undefined;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #problem: string | undefined;
  /** Until the next writing begins. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RecordLogOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
  }

  /** @throws what the operating system says of the file */
  static async open(options: RecordLogOptions): Promise<RecordLog> {
    return new RecordLog(options, await openToAppend(options.path));
  }

  /** Why records are not written at the moment. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(record: object): void {
    this.#waiting.push(`${JSON.stringify(record)}\n`);
    if (this.#waiting.length > maxWaiting)
      this.#options.complain(`record not written: ${(this.#waiting.shift() ?? '').trim()}`);
    if (this.#writing === undefined) this.#timer ??= setTimeout(() => void this.#start(), gatherMs);
  }

  /** The file was moved away: from now on another of its name. */
  async reopen(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#start();
    const before = this.#file;
    this.#file = undefined;
    await before?.close().catch(() => {});
    await this.#start();
  }

  /** Writes what waits; what the disk still does not take is told. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#start();
    clearTimeout(this.#timer);
    for (const record of this.#waiting) this.#options.complain(`record not written: ${record.trim()}`);
    this.#waiting = [];
    await this.#file?.close().catch(() => {});
  }

  #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write();
    return this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0 || !this.#file) {
        this.#file ??= await openToAppend(this.#options.path);
        await this.#writeSome(this.#file);
      }
      if (this.#problem !== undefined) this.#options.complain('the audit log is written again');
      this.#problem = undefined;
    } catch (error) {
      if (this.#problem === undefined) {
        this.#options.complain(`the audit log ${this.#options.path} cannot be written: ${messageOf(error)}`);
      }
      this.#problem = messageOf(error);
      this.#timer ??= setTimeout(() => void this.#start(), this.#options.retryMs ?? 1000);
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeSome(file: FileHandle): Promise<void> {
    const taken = this.#waiting.splice(0, 500);
    try {
      await writeWhole(file, taken.join(''));
    } catch (error) {
      this.#waiting.unshift(...taken);
      throw error;
    }
  }
}

function openToAppend(path: string): Promise<FileHandle> {
  return open(path, 'a', 0o640);
}

/** All of a text, or as if none of it: half a line would make the next one unreadable. */
async function writeWhole(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  let at = 0;
  try {
    while (at < bytes.length) at += (await file.write(bytes, at)).bytesWritten;
  } catch (error) {
    if (at > 0) await takeBack(file, at);
    throw error;
  }
}

/** What is no plain file has no end to move. */
async function takeBack(file: FileHandle, bytes: number): Promise<void> {
  try {
    const { size } = await file.stat();
    await file.truncate(Math.max(0, size - bytes));
  } catch {
    // The error of the writing says more.
  }
}
