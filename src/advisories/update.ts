import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, FormatError, isTidewaiterError, messageOf } from '../core/index.js';
import type { HttpClient } from '../http/index.js';
import type { RegistryClient, Repository } from '../registry/index.js';
import { findArtifact } from './artifact.js';
import { downloadLayer } from './download-layer.js';
import { downloadFromWeb } from './download-web.js';
import { AdvisoryError, errorNumber } from './errors.js';
import { importDatabase } from './import.js';
import { isWholeDatabase, unwritable } from './install.js';
import { databasesFolderName, type InstalledDatabase, opensWell } from './installed.js';
import { removePartials } from './partial-file.js';
import {
  type DatabaseOrigin,
  readUpdateRecord,
  type UpdateAttempt,
  type UpdateRecord,
  withOrigin,
  writeUpdateRecord,
} from './update-record.js';
import { takeUpdateLock } from './update-lock.js';
import type { DatabaseSource } from './update-source.js';
import { readUpdateState, type UpdateState } from './update-state.js';
import { sizeInWords, stateInWords } from './update-words.js';

/** What is left of a database that was never fetched whole goes when a later one has long taken its place. */
const abandonedAfterMs = 3 * 24 * 60 * 60 * 1000;

/** An attempt that failed after a longer wait is not one to be repeated with every scan. */
const costlyMs = 3000;

/** How servers are reached; asked for only when a request is to be made. */
export interface DatabaseConnections {
  http(patience: Patience): Promise<HttpClient>;
  /** With the credentials that are meant for the registry. */
  registry(of: Repository, patience: Patience): Promise<RegistryClient>;
}

/** How long to wait for an answer. */
export interface Patience {
  /** Another place can be asked instead: a server that is silent is soon given up. */
  readonly impatient: boolean;
}

export interface UpdateOptions {
  readonly cacheDir: string;
  /** Tried in order until one gives a database that can be installed. */
  readonly sources: readonly DatabaseSource[];
  readonly connections: DatabaseConnections;
  /** Nobody asked for it: what is installed is not read through first, only to see whether it is whole. */
  readonly automatic?: boolean | undefined;
}

export interface UpdatedDatabase {
  readonly installed: InstalledDatabase;
  /** `installed`: it is new. `current`: nothing newer is to be had. `elsewhere`: another process has just done it. */
  readonly outcome: 'installed' | 'current' | 'elsewhere';
  /** Name of the source. */
  readonly source: string;
  /** From its `metadata.json`; RFC 3339. */
  readonly updatedAt?: string | undefined;
}

/**
 * Fetches the database from the first source that has one, checks it and installs it as `importDatabase` does. Of many
 * processes that ask at once, one downloads and the others wait. Bytes that arrived before a failure or a kill are used
 * the next time. The database in use stays until then.
 * @throws AdvisoryError `UPDATE_FAILED` when no source gave one (each is named with its reason; so is what stays in
 * use), `DATABASE_UNWRITABLE`; the reason of the signal
 */
export async function updateDatabase(ctx: Context, options: UpdateOptions): Promise<UpdatedDatabase> {
  const folder = join(options.cacheDir, databasesFolderName);
  const startedMs = ctx.now().getTime();
  const lock = await locked(ctx, folder);
  try {
    const done = lock.waited ? doneMeanwhile(ctx, options, startedMs) : undefined;
    return done ?? (await new Update(ctx, folder, options).run());
  } finally {
    lock.release();
  }
}

async function locked(ctx: Context, folder: string): ReturnType<typeof takeUpdateLock> {
  try {
    mkdirSync(folder, { recursive: true });
    return await takeUpdateLock(ctx, folder, () => ctx.log('info', 'another process updates the database; waiting'));
  } catch (cause) {
    throw errorNumber(cause)?.startsWith('E') ? unwritable(folder, cause) : cause;
  }
}

/** What the process that was waited for has found out holds for this one too, if it asked the same. */
function doneMeanwhile(ctx: Context, options: UpdateOptions, startedMs: number): UpdatedDatabase | undefined {
  const state = readUpdateState(options.cacheDir, ctx.now());
  const { attempt, installed, origin, metadata } = state;
  if (!attempt || Date.parse(attempt.at) < startedMs) return undefined;
  if (attempt.sources.join() !== options.sources.map(({ name }) => name).join()) return undefined;
  if (attempt.failure !== undefined) {
    if (attempt.automatic && !options.automatic) return undefined;
    throw updateFailed(attempt.failure, { state, now: ctx.now() });
  }
  if (!installed || !origin) return undefined;
  return { installed, outcome: 'elsewhere', source: origin.source, updatedAt: metadata?.updatedAt };
}

/** One attempt, by the process that holds the lock. */
class Update {
  readonly #ctx: Context;
  readonly #folder: string;
  readonly #options: UpdateOptions;
  readonly #startedMs = performance.now();
  #record: UpdateRecord;

  constructor(ctx: Context, folder: string, options: UpdateOptions) {
    this.#ctx = ctx;
    this.#folder = folder;
    this.#options = options;
    this.#record = readUpdateRecord(options.cacheDir);
  }

  async run(): Promise<UpdatedDatabase> {
    const { sources } = this.#options;
    removePartials(this.#folder, abandonedAfterMs);
    const failures: { readonly name: string; readonly thrown: unknown }[] = [];
    for (const source of sources) {
      this.#ctx.signal.throwIfAborted();
      try {
        return await this.#from(source);
      } catch (thrown) {
        this.#ctx.signal.throwIfAborted();
        if (isLocal(thrown)) throw thrown;
        failures.push({ name: source.name, thrown });
        const isLast = failures.length === sources.length;
        if (!isLast) this.#ctx.log('info', `${withName(source.name, reasonOf(thrown))}; the next place is tried`);
      }
    }
    const words = failures.map(({ name, thrown }) => withName(name, reasonOf(thrown))).join('; ');
    this.#remember({ failure: words, costly: this.#wasCostly(failures) });
    const state = readUpdateState(this.#options.cacheDir, this.#ctx.now());
    throw updateFailed(words, { state, now: this.#ctx.now(), first: failures[0]?.thrown });
  }

  async #from(source: DatabaseSource): Promise<UpdatedDatabase> {
    return source.kind === 'registry' ? await this.#fromRegistry(source) : await this.#fromWeb(source);
  }

  async #fromRegistry(source: Extract<DatabaseSource, { kind: 'registry' }>): Promise<UpdatedDatabase> {
    const { reference, name } = source;
    const client = await this.#options.connections.registry(reference, this.#patienceWith(source));
    const { manifestDigest, layer } = await findArtifact(this.#ctx, client, reference);
    const state = this.#state();
    const isSame = state.origin?.layerDigest === layer.digest;
    if (isSame && this.#isUsable(state)) return this.#current(source, state);
    this.#ctx.log('info', `downloading the database from ${name} (${sizeInWords(layer.sizeBytes)})`);
    const path = await downloadLayer(this.#ctx, { client, repository: reference, layer, folder: this.#folder, name });
    return await this.#install(path, { source, manifestDigest, layerDigest: layer.digest });
  }

  async #fromWeb(source: Exclude<DatabaseSource, { kind: 'registry' }>): Promise<UpdatedDatabase> {
    const http = await this.#options.connections.http(this.#patienceWith(source));
    const state = this.#state();
    const { partial } = this.#record;
    const isFromHere = state.origin?.source === source.name && this.#isUsable(state);
    const answer = await downloadFromWeb(this.#ctx, {
      http,
      source,
      folder: this.#folder,
      known: isFromHere ? state.origin?.validator : undefined,
      begun: partial?.source === source.name ? partial.validator : undefined,
      onBegin: (validator) => {
        if (source.url.protocol === 'http:' && !isLoopback(source.url)) {
          this.#ctx.log('warn', `${source.name} is read without TLS: anybody on the way can change the database`);
        }
        this.#ctx.log('info', `downloading the database from ${source.name}`);
        this.#begin(source, validator);
      },
    });
    if (answer.is === 'unchanged') return this.#current(source, state);
    const { path, metadata, validator } = answer;
    return await this.#install(path, { source, metadata, validator });
  }

  #patienceWith(source: DatabaseSource): Patience {
    return { impatient: source !== this.#options.sources.at(-1) };
  }

  #wasCostly(failures: readonly { readonly thrown: unknown }[]): boolean {
    const wantsPatience = failures.some(({ thrown }) => isTidewaiterError(thrown) && thrown.code === 'RATE_LIMITED');
    return wantsPatience || performance.now() - this.#startedMs > costlyMs;
  }

  #state(): UpdateState {
    return readUpdateState(this.#options.cacheDir, this.#ctx.now());
  }

  /** A damaged database is downloaded again, though the same lies there. */
  #isUsable({ installed }: UpdateState): boolean {
    if (!installed) return false;
    return this.#options.automatic === true ? opensWell(installed) : isWholeDatabase(installed.path);
  }

  #current(source: DatabaseSource, { installed, origin, metadata }: UpdateState): UpdatedDatabase {
    if (!installed || !origin) throw new Error('there is nothing that could be current');
    this.#record = withOrigin(this.#record, { ...origin, source: source.name }, installed.id);
    this.#remember({});
    return { installed, outcome: 'current', source: source.name, updatedAt: metadata?.updatedAt };
  }

  #begin(source: DatabaseSource, validator: string | undefined): void {
    const partial = validator === undefined ? undefined : { source: source.name, validator };
    this.#write({ ...this.#record, partial });
  }

  async #install(
    path: string,
    from: Omit<DatabaseOrigin, 'id' | 'at' | 'source'> & InstallSource,
  ): Promise<UpdatedDatabase> {
    const { source, metadata, ...digests } = from;
    const { cacheDir } = this.#options;
    const at = this.#ctx.now();
    // Said before it is in place: killed in between, it would be taken for one that the user installed.
    const usedId = this.#state().installed?.id;
    const onReady = (id: string): void =>
      this.#write(withOrigin(this.#record, { ...digests, id, source: source.name, at: at.toISOString() }, usedId));
    const options = { name: `from ${source.name}`, metadata, downloadedAt: at, onReady };
    const installed = await this.#imported(path, options);
    this.#record = { ...this.#record, partial: undefined };
    this.#remember({});
    removePartials(this.#folder);
    const updatedAt = readUpdateState(cacheDir, at).metadata?.updatedAt;
    return { installed, outcome: 'installed', source: source.name, updatedAt };
  }

  /** What was downloaded whole and is no database is not kept, or the next attempt would find it again. */
  async #imported(path: string, options: Parameters<typeof importDatabase>[3]): Promise<InstalledDatabase> {
    try {
      return await importDatabase(this.#ctx, path, this.#options.cacheDir, options);
    } catch (thrown) {
      if (!this.#ctx.signal.aborted && !isLocal(thrown)) removePartials(this.#folder);
      throw thrown;
    }
  }

  #remember(outcome: Pick<UpdateAttempt, 'failure' | 'costly'>): void {
    const { sources, automatic } = this.#options;
    const at = this.#ctx.now().toISOString();
    const attempt = { at, sources: sources.map(({ name }) => name), ...outcome, automatic };
    this.#write({ ...this.#record, attempt });
  }

  #write(record: UpdateRecord): void {
    this.#record = record;
    writable(this.#folder, () => writeUpdateRecord(this.#options.cacheDir, record));
  }
}

interface InstallSource {
  readonly source: DatabaseSource;
  readonly metadata?: Uint8Array | undefined;
}

/** Not the fault of a source: the next one would fail as well. */
function isLocal(thrown: unknown): boolean {
  if (thrown instanceof AdvisoryError) return thrown.code === 'DATABASE_UNWRITABLE';
  return !isTidewaiterError(thrown);
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof AdvisoryError && thrown.code === 'DATABASE_CORRUPT' ? thrown.cause : undefined;
  return cause instanceof FormatError ? `what it holds is no database: ${cause.message}` : messageOf(thrown);
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function withName(name: string, reason: string): string {
  return reason.includes(name) ? reason : `${name}: ${reason}`;
}

function updateFailed(
  words: string,
  about: { readonly state: UpdateState; readonly now: Date; readonly first?: unknown },
): AdvisoryError {
  const { state, now, first } = about;
  const message = `the database could not be updated: ${words}. ${stateInWords(state, now)}`;
  return new AdvisoryError('UPDATE_FAILED', message, {
    hint:
      isTidewaiterError(first) && first.hint !== undefined
        ? first.hint
        : 'try again later, or install a file with "tidewaiter db import FILE"',
    cause: first,
  });
}

function writable<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}
