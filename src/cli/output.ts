import type { Stats } from 'node:fs';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../core/index.js';
import { CliError } from './cli-error.js';
import type { Terminal } from './terminal.js';

/**
 * Fails before the work is done rather than after: a target that is a folder, or that lies in none.
 * @throws CliError `OUTPUT_IS_FOLDER`, `OUTPUT_NOT_WRITABLE`.
 */
export async function checkOutput(target: string): Promise<void> {
  const there = await statOf(target);
  if (there?.isDirectory()) {
    throw new CliError('OUTPUT_IS_FOLDER', `--output ${target} is a folder`, { hint: 'name a file in it' });
  }
  if (there) return;
  const folder = dirname(target);
  const around = await statOf(folder);
  if (around?.isDirectory()) return;
  throw new CliError('OUTPUT_NOT_WRITABLE', `cannot write ${target}: there is no folder ${folder}`, {
    hint: 'make the folder first',
  });
}

/**
 * Writes a result to standard output, or to a file that appears whole or not at all: what lay there before stays until
 * the new bytes are on disk. Devices and pipes are written to directly.
 * @throws CliError `OUTPUT_NOT_WRITABLE`.
 */
export async function writeOutput(
  pieces: Iterable<string>,
  target: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (target === undefined || target === '-') {
    for (const block of blocks(pieces)) {
      if (terminal.closed) return;
      await terminal.write(block);
    }
    return;
  }
  try {
    const there = await statOf(target);
    if (there && !there.isFile()) await writeDirectly(pieces, target);
    else await replaceFile(pieces, there ? await realpath(target) : target, there?.mode);
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot write ${target}: ${messageOf(cause)}`, { cause });
  }
}

async function replaceFile(pieces: Iterable<string>, path: string, mode: number | undefined): Promise<void> {
  // Loading it costs every command some milliseconds, and few write files.
  const { randomBytes } = await import('node:crypto');
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o666);
    try {
      if (mode !== undefined) await file.chmod(mode & 0o7777);
      await writeAll(pieces, file);
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

async function writeDirectly(pieces: Iterable<string>, path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await writeAll(pieces, file);
  } finally {
    await file.close();
  }
}

async function writeAll(pieces: Iterable<string>, file: FileHandle): Promise<void> {
  for (const block of blocks(pieces)) await file.write(block);
}

/** Reports come in many small pieces; writing each alone would be most of the work. */
function* blocks(pieces: Iterable<string>): Iterable<string> {
  let gathered: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    gathered.push(piece);
    length += piece.length;
    if (length < 256 * 1024) continue;
    yield gathered.join('');
    gathered = [];
    length = 0;
  }
  if (length > 0) yield gathered.join('');
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    // Missing, or not to be looked at: writing will tell which.
    return undefined;
  }
}
