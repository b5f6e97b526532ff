import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isErrno, type Context } from '../core/index.js';
import { asObject, type JsonObject } from '../formats/index.js';
import { maxAuthFileBytes, parseQuietly } from './auth-file.js';
import { withFileLock } from './file-lock.js';
import { readBounded } from './read-bounded.js';

/**
 * Changes a file that holds one JSON object. Whatever `edit` leaves alone stays as it was, the indentation too. The file
 * is replaced in one step, is readable by its owner only, and is made with its folder where there is none; a link to it
 * stays a link. Others of our processes wait meanwhile.
 * @returns whether there was anything to change: `edit` gives back nothing when there is not
 * @throws Error with a message fit for people
 */
export async function editJsonFile(
  context: Context,
  path: string,
  edit: (object: JsonObject) => JsonObject | undefined,
): Promise<boolean> {
  const target = await targetOf(path);
  await makeFolder(dirname(target));
  return withFileLock(context, target, async () => {
    const text = (await readBounded(target, maxAuthFileBytes))?.text ?? '';
    const edited = edit(parseObject(text));
    if (edited === undefined) return false;
    await replaceFile(target, JSON.stringify(edited, null, indentOf(text)) + (text.endsWith('\n') ? '\n' : ''));
    return true;
  });
}

/** Node's own recursive form never returns below folders like /proc, where making one fails with "no such file". */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) await makeFolder(parent);
  await mkdir(folder, { mode: 0o700 }).catch((thrown: unknown) => {
    if (!isErrno(thrown, 'EEXIST')) throw thrown;
  });
}

/** Where a link leads, even to a file that is not there yet. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if (!isErrno(thrown, 'ENOENT')) throw thrown;
  }
  try {
    return resolve(dirname(path), await readlink(path));
  } catch {
    // No link, or none that can be read: the path itself will tell.
    return resolve(path);
  }
}

function parseObject(text: string): JsonObject {
  if (text.trim() === '') return {};
  const parsed = parseQuietly(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  const object = asObject(parsed.value);
  if (!object) throw new Error('it is JSON, but no object');
  return object;
}

/** What the first line inside the object begins with; docker's tab where that tells nothing. */
function indentOf(text: string): string {
  return /^\{\r?\n([ \t]{1,8})"/.exec(text.trimStart())?.[1] ?? '\t';
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}
