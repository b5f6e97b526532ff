import { copyFile, mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { asArray, asObject, asString } from '../formats/index.js';
import {
  changesApiServer,
  filesFolder,
  isWithin,
  k3sConfigurationFile,
  k3sOwnFile,
  setupName,
  type SetupPart,
  type SetupPlan,
} from '../control-plane/index.js';
import { isErrno, messageOf } from '../core/index.js';
import { replaceText } from './admission-files.js';
import { CliError } from './cli-error.js';

const manifestPath = '/etc/kubernetes/manifests/kube-apiserver.yaml';

/** Of this machine: the folder may be carried from node to node. */
function recordFolder(): string {
  return `backup/${
    hostname()
      .replaceAll(/[^A-Za-z0-9.-]/g, '-')
      .replace(/^\.+/, '') || 'node'
  }`;
}

function recordName(): string {
  return `${recordFolder()}/applied.json`;
}

export interface ApplyOptions {
  readonly plan: SetupPlan;
  readonly parts: readonly SetupPart[];
  /** The folder that was written. */
  readonly folder: string;
  /** Stands for `/` of the node. */
  readonly root: string;
  /** Where the manifest of the API server lies; default: the usual place below `root`. */
  readonly manifest: string | undefined;
  /** Give the API server its flags although nobody answers. */
  readonly unproven: boolean;
  readonly authority: string;
}

export type Applied =
  | { readonly state: 'applied'; readonly paths: readonly string[] }
  /** Everything is in place but the flags of the API server. */
  | { readonly state: 'waiting'; readonly paths: readonly string[]; readonly why: string };

/** One change of the node. */
interface Change {
  readonly path: string;
  /** What was there before, kept in the folder; absent: nothing was. */
  readonly backup: string | undefined;
  /** The outermost folder that was made for it. */
  readonly folder?: string | undefined;
}

/** Where the present manifest of the API server lies. */
export function manifestOn(root: string, manifest: string | undefined): string {
  return manifest ?? join(root, manifestPath);
}

/**
 * Puts the files in place, then the webhook, and gives the API server its flags once the webhook answers: before that
 * every pod would be refused. Each change is written down before it is made, so that it can be taken back.
 * @throws CliError `OUTPUT_NOT_WRITABLE`
 */
export async function applySetup(options: ApplyOptions): Promise<Applied> {
  const { plan, parts, root, folder } = options;
  const record = new ChangeRecord(folder, await readRecord(folder));
  const paths: string[] = [];
  const put = async (path: string, text: string, mode: number): Promise<void> => {
    if (await record.put(path, text, mode)) paths.push(path);
  };
  try {
    for (const { name, text, isSecret } of parts) {
      if (!name.startsWith(`${filesFolder}/`)) continue;
      await put(
        join(root, plan.configDir, name.slice(filesFolder.length + 1)),
        text,
        isSecret === true ? 0o600 : 0o644,
      );
    }
    const unit = parts.find(({ name }) => name === `${setupName}.service`);
    if (unit) await put(join(root, '/etc/systemd/system', unit.name), unit.text, 0o644);
    const pod = parts.find(({ name }) => name === 'static-pod.yaml');
    if (pod) await put(join(root, '/etc/kubernetes/manifests', `${setupName}.yaml`), pod.text, 0o600);
    if (!changesApiServer(plan)) return { state: 'applied', paths };
    const trouble = options.unproven
      ? undefined
      : await troubleWith(plan, options.authority, patienceFor(plan, paths.length));
    if (trouble !== undefined) return { state: 'waiting', paths, why: trouble };
    const k3s = parts.find(({ name }) => name === 'k3s-config.yaml');
    if (k3s) await put(join(root, `${k3sConfigurationFile}.d`, k3sOwnFile), k3s.text, 0o600);
    const manifest = parts.find(({ name }) => name === 'kube-apiserver.yaml');
    if (manifest) await put(manifestOn(root, options.manifest), manifest.text, 0o600);
    return { state: 'applied', paths };
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('OUTPUT_NOT_WRITABLE', `could not put everything in place: ${messageOf(cause)}`, {
      cause,
      hint: 'mend that and run it again, or take back what was done with --rollback',
    });
  }
}

/**
 * Takes back what was applied, the last first: what was replaced is put back, what was added is removed. What somebody has
 * changed since is put back all the same.
 * @throws CliError `OUTPUT_NOT_WRITABLE`, `NOTHING_APPLIED`
 */
export async function rollBack(folder: string): Promise<readonly string[]> {
  const changes = await readRecord(folder);
  if (changes.length === 0) {
    throw new CliError(
      'NOTHING_APPLIED',
      `nothing is written down in ${join(folder, recordName())} that could be taken back`,
      {
        hint: 'name the folder that --apply was run with',
      },
    );
  }
  try {
    for (const { path, backup, folder: made } of [...changes].reverse()) {
      if (backup === undefined) {
        await rm(path, { force: true });
        if (made !== undefined) await removeEmpty(dirname(path), made);
      } else
        await replaceText(
          path,
          await readFile(join(folder, backup), 'utf8'),
          (await stat(join(folder, backup))).mode & 0o7777,
        );
    }
    await rm(join(folder, recordName()), { force: true });
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `could not take everything back: ${messageOf(cause)}`, { cause });
  }
  return changes.map(({ path }) => path);
}

class ChangeRecord {
  readonly #folder: string;
  readonly #changes: Change[];

  constructor(folder: string, changes: readonly Change[]) {
    this.#folder = folder;
    this.#changes = [...changes];
  }

  /** @returns whether anything had to be written */
  async put(path: string, text: string, mode: number): Promise<boolean> {
    const there = await textAt(path);
    if (there === text) return false;
    if (!this.#changes.some((change) => change.path === path)) {
      const backup =
        there === undefined ? undefined : `${recordFolder()}/${this.#changes.length}-${path.split('/').at(-1) ?? ''}`;
      await mkdir(join(this.#folder, recordFolder()), { recursive: true, mode: 0o700 });
      if (backup !== undefined) await copyFile(path, join(this.#folder, backup));
      this.#changes.push({ path, backup, folder: await firstMissing(dirname(path)) });
      await replaceText(join(this.#folder, recordName()), `${JSON.stringify(this.#changes, null, 2)}\n`, 0o600);
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await replaceText(path, text, there === undefined ? mode : (await stat(path)).mode & 0o7777);
    return true;
  }
}

/** The outermost folder that is not there of those that lead to one. */
async function firstMissing(folder: string): Promise<string | undefined> {
  let missing: string | undefined;
  for (let at = folder; !(await isThere(at)); at = dirname(at)) missing = at;
  return missing;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return dirname(path) === path; // what is above all is not made
  }
}

/** Takes away folders that nothing is left in, from the inner to the outer one. */
async function removeEmpty(inner: string, outer: string): Promise<void> {
  for (let at = inner; isWithin(at, outer); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return; // somebody else has put something there, or it is gone
    }
  }
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function readRecord(folder: string): Promise<readonly Change[]> {
  const text = await textAt(join(folder, recordName()));
  if (text === undefined) return [];
  try {
    return (asArray(JSON.parse(text)) ?? []).flatMap((one): Change[] => {
      const path = asString(asObject(one)?.['path']);
      const backup = asString(asObject(one)?.['backup']);
      return path === undefined ? [] : [{ path, backup, folder: asString(asObject(one)?.['folder']) }];
    });
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `${join(folder, recordName())} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

const answerWithinMs = 5000;
const askEveryMs = 500;

/**
 * A static pod is started by the kubelet by itself, and a service whose files were all there has just been started: such a
 * webhook may need a moment. Where the unit is only now put in place, nobody has started it.
 */
function patienceFor({ topology }: SetupPlan, changes: number): number {
  if (topology === 'static-pod') return 30_000;
  return changes === 0 ? 15_000 : 0;
}

/** One clause, if the webhook does not say within a time that it is ready. */
async function troubleWith(plan: SetupPlan, authority: string, patienceMs: number): Promise<string | undefined> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const trouble = await askReady(plan, authority);
    if (trouble === undefined || Date.now() + askEveryMs > until) return trouble;
    await setTimeout(askEveryMs);
  }
}

async function askReady({ port }: SetupPlan, authority: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/readyz', ca: authority, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `/readyz answers with ${response.statusCode ?? 'nothing'}`);
    });
    sent.setTimeout(answerWithinMs, () => sent.destroy(new Error('no answer in 5 seconds')));
    sent.on('error', (error) => resolve(messageOf(error)));
    sent.end();
  });
}
