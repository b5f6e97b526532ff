import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../core/index.js';
import { CliError } from './cli-error.js';

/** A file of a set-up: what it holds, and who may read it. */
export interface SetupFile {
  /** Relative to the folder that is written. */
  readonly name: string;
  readonly text: string;
  /** Of its owner alone. */
  readonly isSecret?: boolean | undefined;
}

/** What became of a file. */
export type Written = 'written' | 'changed' | 'unchanged';

/**
 * Writes a file below a folder whole or not at all, and leaves one alone that holds the same already. Nothing is written
 * through a link.
 * @throws CliError `OUTPUT_NOT_WRITABLE`
 */
export async function writeSetupFile(folder: string, file: SetupFile): Promise<Written> {
  const path = join(folder, file.name);
  const mode = file.isSecret === true ? 0o600 : 0o644;
  try {
    const there = await plainFile(path);
    if (there && (await readFile(path, 'utf8')) === file.text) {
      if (file.isSecret === true) await chmod(path, mode);
      return 'unchanged';
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await replaceText(path, file.text, mode);
    return there ? 'changed' : 'written';
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Puts a text in the place of a file at once: whoever reads it sees the old or the new one. */
export async function replaceText(path: string, text: string, mode: number): Promise<void> {
  // A dot first: the kubelet passes over such names in its folder of manifests.
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function plainFile(path: string): Promise<boolean> {
  let stats;
  try {
    stats = await lstat(path);
  } catch {
    return false; // not there: writing tells of anything else
  }
  if (stats.isFile()) return true;
  throw new CliError('OUTPUT_NOT_WRITABLE', `${path} is there and is no plain file`, { hint: 'name another folder' });
}
