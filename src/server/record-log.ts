import { write } from 'node:fs';
import { open } from 'node:fs/promises';
import { messageOf } from '../core/index.js';

export interface RecordLogOptions {
  /** A file that is appended to; `-` is standard output. */
  readonly path: string;
  /** Where records go that have waited for too long, and words about it. */
  readonly complain: (message: string) => void;
  readonly retryMs?: number | undefined;
}

/** So that a busy server writes a hundred times a second, and not for each record. */
const gatherMs = 10;
/** How long the end waits for a reader that does not read. */
const closeMs = 5000;

/** Records that wait for a disk that takes none; past that the oldest are told elsewhere. */
const maxWaiting = 20_000;

/**
 * Lines of JSON in a file. Nobody waits for the disk; what it does not take is kept and tried again, and what has to go is
 * handed to `complain`, so that no record is lost without a word.
 */
export class RecordLog {
  readonly #options: RecordLogOptions;
  #file: LogFile | undefined;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #problem: string | undefined;
  /** Until the next writing begins. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RecordLogOptions, file: LogFile) {
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
    await this.#flush();
    const before = this.#file;
    this.#file = undefined;
    await before?.close().catch(() => {});
    await this.#start();
  }

  /** Writes what waits, for a while; what is not taken then is told. */
  async close(): Promise<void> {
    let patience: NodeJS.Timeout | undefined;
    const impatient = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, closeMs);
    });
    await Promise.race([this.#flush(), impatient]);
    clearTimeout(patience);
    clearTimeout(this.#timer);
    for (const record of this.#waiting) this.#options.complain(`record not written: ${record.trim()}`);
    this.#waiting = [];
    await this.#file?.close().catch(() => {});
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#start();
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

  async #writeSome(file: LogFile): Promise<void> {
    const taken = this.#waiting.splice(0, 500);
    try {
      await writeWhole(file, taken.join(''));
    } catch (error) {
      this.#waiting.unshift(...taken);
      throw error;
    }
  }
}

/** As much of a file as is needed. */
interface LogFile {
  write(bytes: Uint8Array, from: number): Promise<{ readonly bytesWritten: number }>;
  stat(): Promise<{ readonly size: number }>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

async function openToAppend(path: string): Promise<LogFile> {
  return path === '-' ? standardOutput : await open(path, 'a', 0o640);
}

/** Not by the process's own stream: that one waits, with all else, for a reader that does not read. */
const standardOutput: LogFile = {
  async write(bytes, from) {
    for (;;) {
      const written = await new Promise<number | undefined>((resolve, reject) => {
        write(1, bytes, from, (error, count) => {
          if (!error) resolve(count);
          else if (error.code === 'EAGAIN') resolve(undefined);
          else reject(error);
        });
      });
      if (written !== undefined) return { bytesWritten: written };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  // What is printed cannot be taken back.
  stat: () => Promise.reject(new Error('standard output is no file')),
  truncate: () => Promise.reject(new Error('standard output is no file')),
  close: () => Promise.resolve(),
};

/** All of a text, or as if none of it: half a line would make the next one unreadable. */
async function writeWhole(file: LogFile, text: string): Promise<void> {
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
async function takeBack(file: LogFile, bytes: number): Promise<void> {
  try {
    const { size } = await file.stat();
    await file.truncate(Math.max(0, size - bytes));
  } catch {
    // The error of the writing says more.
  }
}
