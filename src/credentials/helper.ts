import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { isErrno, type Context } from '../core/index.js';
import { asObject, asString } from '../formats/index.js';
import { parseQuietly } from './auth-file.js';
import type { Credential } from './credential.js';
import { CredentialError } from './errors.js';
import type { Environment } from './places.js';

/** A program that keeps credentials: `docker-credential-NAME`. */
export interface Helper {
  /** Without its prefix: `osxkeychain`, `ecr-login`. */
  readonly name: string;
  readonly environment: Environment;
}

const hasGroups = process.platform !== 'win32';
const timeoutMs = 60_000;
const maxOutputBytes = 1024 * 1024;
const notFound = /credentials not found in native keychain/i;

/**
 * What the helper has for a server; nothing when it has none.
 * https://github.com/docker/docker-credential-helpers#development
 * @throws CredentialError `HELPER_MISSING`, `HELPER_FAILED`
 */
export async function askHelper(context: Context, helper: Helper, server: string): Promise<Credential | undefined> {
  const answer = await runHelper(context, { helper, verb: 'get', input: server });
  if (answer.exitCode !== 0) {
    if (notFound.test(answer.output)) return undefined;
    throw failed(
      helper,
      `ended with ${answer.exitCode === undefined ? 'a signal' : `code ${answer.exitCode}`}`,
      server,
    );
  }
  return readAnswer(helper, answer.output, server);
}

/** Gives the helper a credential to keep. @throws CredentialError as `askHelper` */
export async function storeWithHelper(
  context: Context,
  helper: Helper,
  credential: { readonly server: string; readonly username: string; readonly secret: string },
): Promise<void> {
  const input = JSON.stringify({
    ServerURL: credential.server,
    Username: credential.username,
    Secret: credential.secret,
  });
  const { exitCode } = await runHelper(context, { helper, verb: 'store', input });
  if (exitCode !== 0) throw failed(helper, `did not keep the credential (code ${exitCode ?? 'none'})`);
}

/** Has the helper forget a server; false when it knew none. @throws CredentialError as `askHelper` */
export async function eraseFromHelper(context: Context, helper: Helper, server: string): Promise<boolean> {
  if ((await askHelper(context, helper, server)) === undefined) return false;
  const { exitCode, output } = await runHelper(context, { helper, verb: 'erase', input: server });
  if (exitCode === 0) return true;
  if (notFound.test(output)) return false;
  throw failed(helper, `did not erase the credential (code ${exitCode ?? 'none'})`);
}

/** The program's name as a user types it. */
export function programOf(name: string): string {
  return `docker-credential-${name}`;
}

function readAnswer(helper: Helper, output: string, server: string): Credential | undefined {
  // Not even as a cause: what it printed may be the secret.
  const parsed = parseQuietly(output);
  const answer = 'fault' in parsed ? undefined : asObject(parsed.value);
  const username = asString(answer?.Username);
  const secret = asString(answer?.Secret);
  if (answer === undefined || username === undefined || secret === undefined) {
    throw failed(helper, 'answered with something else than JSON with "Username" and "Secret"', server);
  }
  if (username === '' && secret === '') return undefined;
  return username === '<token>' ? { identityToken: secret } : { username, password: secret };
}

interface HelperRun {
  readonly helper: Helper;
  readonly verb: 'get' | 'store' | 'erase';
  readonly input: string;
}

interface HelperAnswer {
  /** Missing when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Without a shell; only its standard output is read. */
async function runHelper(context: Context, run: HelperRun): Promise<HelperAnswer> {
  context.signal.throwIfAborted();
  const { helper } = run;
  const program = await findProgram(helper);
  context.log('debug', `asking ${programOf(helper.name)} to ${run.verb}`);
  return new Promise<HelperAnswer>((resolve, reject) => {
    const child = spawn(program, [run.verb], {
      env: { ...helper.environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      // In a group of its own, so that what it started ends with it.
      detached: hasGroups,
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let total = 0;
    let broken: string | undefined;
    const stop = (why: string): void => {
      broken ??= why;
      killGroup(child);
      // A process that left the group may hold the pipe open for ever.
      child.stdout.destroy();
    };
    const poll = setInterval(() => context.signal.aborted && stop('was interrupted'), 50);
    const timer = setTimeout(() => stop(`did not answer within ${timeoutMs / 1000} seconds`), timeoutMs);
    const finish = (settle: () => void): void => {
      clearInterval(poll);
      clearTimeout(timer);
      settle();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxOutputBytes) stop(`printed more than ${maxOutputBytes} bytes`);
      else chunks.push(chunk);
    });
    // One that does not read its input is judged by its answer.
    child.stdin.on('error', () => undefined);
    child.on('error', () => finish(() => reject(failed(helper, 'could not be started'))));
    child.on('close', (code) =>
      finish(() => {
        if (context.signal.aborted) reject(context.signal.reason);
        else if (broken !== undefined) reject(failed(helper, broken));
        else resolve({ exitCode: code ?? undefined, output: Buffer.concat(chunks).toString('utf8') });
      }),
    );
    child.stdin.end(run.input);
  });
}

/** A helper, and whatever it started in its turn. */
function killGroup(child: ChildProcess): void {
  if (!hasGroups || child.pid === undefined) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (thrown) {
    // All of them have ended by themselves.
    if (!isErrno(thrown, 'ESRCH')) throw thrown;
  }
}

/** Only in the absolute folders of PATH, and only under a plain name: the name comes from a file. */
async function findProgram(helper: Helper): Promise<string> {
  const { name, environment } = helper;
  if (!/^[a-zA-Z0-9._-]{1,100}$/.test(name) || /^\.+$/.test(name)) {
    throw new CredentialError(
      'HELPER_FAILED',
      'the name of a credential helper has letters, digits, ".", "_" and "-" only',
      {
        hint: 'correct credHelpers or credsStore in the file',
      },
    );
  }
  const folders = (environment.PATH ?? environment.Path ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const folder of folders) {
    const path = join(folder, programOf(name) + suffix);
    if (await isProgram(path)) return path;
  }
  throw new CredentialError('HELPER_MISSING', `the credential helper ${programOf(name)} is not installed`, {
    hint: 'install it into a folder of PATH, or take it out of credHelpers or credsStore and log in again',
  });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not for us: the next folder may have it.
    return false;
  }
}

function failed(helper: Helper, what: string, server?: string): CredentialError {
  const program = programOf(helper.name);
  return new CredentialError('HELPER_FAILED', `the credential helper ${program} ${what}`, {
    hint:
      server === undefined ? `run ${program} by hand to see why` : `see what it says: echo ${server} | ${program} get`,
  });
}
