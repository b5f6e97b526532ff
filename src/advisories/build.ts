import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, FormatError, messageOf } from '../core/index.js';
import { DatabaseDraft } from './draft.js';
import { AdvisoryError, errorNumber } from './errors.js';
import type { Feed, FeedFile } from './feed.js';
import { feeds } from './feeds.js';
import { FileSink, writeWholeFile } from './file-sink.js';
import { databaseFileName, encodeMetadata, metadataFileName, schemaVersion } from './metadata.js';
import { RecordSpool } from './record-spool.js';
import { filesOfSource, invalid, readSourceFile, type SourceFile } from './source-files.js';
import { writeDraft } from './write-draft.js';

export interface BuildOptions {
  /**
   * Files, archives (.zip, .tar, .tar.gz, .tar.zst) and folders of them, in any mix; what each file is shows in its
   * content. Later sources win where two disagree and no better rule holds.
   */
  readonly sources: readonly string[];
  /** Folder for `trivy.db` and `metadata.json`; made if it does not exist. */
  readonly outDir: string;
  /** The starter database: only the packages that the sources name count as reviewed. */
  readonly starter?: boolean | undefined;
  /** Stands in the database as the time of its data; `ctx.now()` unless given. */
  readonly now?: Date | undefined;
  readonly toolVersion?: string | undefined;
}

/** What `buildDatabase` made. */
export interface BuiltDatabase {
  readonly path: string;
  readonly metadataPath: string;
  readonly sizeBytes: number;
  /** Pairs of bucket and package. */
  readonly packages: number;
  readonly advisories: number;
  readonly vulnerabilities: number;
  readonly feeds: readonly { readonly feed: string; readonly files: number }[];
  /** Sentences for the user: what has no place in the database, which files were not taken for advisories. */
  readonly warnings: readonly string[];
}

const dayMs = 24 * 60 * 60 * 1000;
const pauseEveryMs = 50;
const namedIgnored = 3;

/**
 * Builds a database from sources of advisories. The same sources and time give the same bytes; the files appear whole or
 * not at all. Details wait in a temporary file, advisories in memory (some 300 bytes each).
 * @throws AdvisoryError `SOURCE_MISSING`, `SOURCE_UNRECOGNISED`, `SOURCE_INVALID`, `DATABASE_UNWRITABLE`
 */
export async function buildDatabase(ctx: Context, options: BuildOptions): Promise<BuiltDatabase> {
  const workDir = join(options.outDir, `.build-${process.pid}-${randomBytes(6).toString('hex')}`);
  writable(options.outDir, () => mkdirSync(workDir, { recursive: true }));
  try {
    return await buildIn(ctx, workDir, options);
  } catch (cause) {
    if (cause instanceof FormatError) throw invalid(options.sources.join(', '), cause.message, cause);
    throw isDiskError(cause) ? unwritable(options.outDir, cause) : cause;
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function buildIn(ctx: Context, workDir: string, options: BuildOptions): Promise<BuiltDatabase> {
  const now = options.now ?? ctx.now();
  const spool = new RecordSpool(join(workDir, 'details'));
  try {
    const draft = new DatabaseDraft(spool);
    const read = await readSources(ctx, draft, options);
    const kind = options.starter ? 'starter' : 'built';
    const meta = { kind, updatedAt: now.toISOString(), toolVersion: options.toolVersion, feeds: read.feeds } as const;
    const sink = new FileSink(join(workDir, databaseFileName));
    try {
      const written = await writeDraft(draft, { spool, sink, meta, onStep: writingSteps(ctx) });
      sink.finish();
      writeMetadata(join(workDir, metadataFileName), now, options.starter ?? false);
      const { rejected, ...counts } = written;
      return {
        ...publish(workDir, options.outDir),
        ...counts,
        feeds: read.feeds,
        warnings: warningsOf(draft, read, rejected),
      };
    } finally {
      sink.close();
    }
  } finally {
    spool.close();
  }
}

interface ReadSources {
  readonly feeds: readonly { readonly feed: string; readonly files: number }[];
  readonly ignored: readonly string[];
}

async function readSources(ctx: Context, draft: DatabaseDraft, options: BuildOptions): Promise<ReadSources> {
  const sources = options.sources.map((source) => ({ source, files: filesOfSource(source) }));
  const total = sources.flatMap(({ files }) => files).reduce((sum, file) => sum + file.sizeBytes, 0);
  const counts = new Map<string, number>();
  const ignored: string[] = [];
  const pause = pauser(ctx);
  let before = 0;
  for (const { source, files } of sources) {
    let recognized = 0;
    for (const file of files) {
      const onProgress = (bytes: number): void =>
        ctx.progress?.({ task: 'reading advisories', done: before + bytes, total, unit: 'bytes' });
      const onFile = (content: FeedFile): void => {
        const feed = readFile(content, draft, options.starter ?? false);
        if (feed) counts.set(feed.id, (counts.get(feed.id) ?? 0) + 1);
        else ignored.push(content.name);
        recognized += feed ? 1 : 0;
      };
      await readSourceFile(ctx, file, { onFile, onProgress });
      before += file.sizeBytes;
      await pause();
    }
    if (recognized === 0) throw unrecognized(source, files);
  }
  const named = [...counts].map(([feed, files]) => ({ feed, files })).sort((a, b) => (a.feed < b.feed ? -1 : 1));
  return { feeds: named, ignored };
}

/** The feed that the file is of; `undefined` if it is of none. */
function readFile(file: FeedFile, draft: DatabaseDraft, starter: boolean): Feed | undefined {
  try {
    const feed = feeds.find((candidate) => candidate.recognizes(file));
    if (feed) feed.read(file, draft, { starter });
    // What looks like JSON and is none was meant to be something.
    else if (file.looksLikeJson) file.json();
    return feed;
  } catch (cause) {
    if (cause instanceof FormatError) throw invalid(file.name, cause.message, cause);
    throw cause;
  }
}

function unrecognized(source: string, files: readonly SourceFile[]): AdvisoryError {
  const what = files.length === 0 ? 'holds no files' : 'holds nothing that looks like advisories';
  return new AdvisoryError('SOURCE_UNRECOGNISED', `${source} ${what}`, {
    hint: `known are: ${feeds.map((feed) => feed.title).join(', ')}`,
  });
}

function warningsOf(draft: DatabaseDraft, read: ReadSources, rejected: number): readonly string[] {
  const warnings = [...draft.skipped].map(([reason, count]) => `left out ${count} x ${reason}`);
  if (rejected > 0) warnings.push(`left out ${rejected} x vulnerabilities whose identifier was rejected`);
  if (read.ignored.length > 0) {
    const named = read.ignored.slice(0, namedIgnored).join(', ');
    const more = read.ignored.length > namedIgnored ? ' and others' : '';
    warnings.push(`${read.ignored.length} files were not taken for advisories: ${named}${more}`);
  }
  return warnings;
}

function writeMetadata(path: string, now: Date, starter: boolean): void {
  const metadata = {
    version: schemaVersion,
    updatedAt: now.toISOString(),
    nextUpdate: starter ? undefined : new Date(now.getTime() + dayMs).toISOString(),
    downloadedAt: now.toISOString(),
  };
  writeWholeFile(path, new TextEncoder().encode(encodeMetadata(metadata)));
}

function publish(workDir: string, outDir: string): { readonly path: string; readonly metadataPath: string } {
  const path = join(outDir, databaseFileName);
  const metadataPath = join(outDir, metadataFileName);
  renameSync(join(workDir, databaseFileName), path);
  renameSync(join(workDir, metadataFileName), metadataPath);
  return { path, metadataPath };
}

function writingSteps(ctx: Context): (done: number, total: number) => Promise<void> {
  const pause = pauser(ctx);
  return async (done, total) => {
    ctx.progress?.({ task: 'writing the database', done, total, unit: 'items' });
    await pause();
  };
}

/** Lets timers and signals in from time to time, which would wait for the end of the work otherwise. */
function pauser(ctx: Context): () => Promise<void> {
  let last = Date.now();
  return async () => {
    ctx.signal.throwIfAborted();
    if (Date.now() - last < pauseEveryMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    last = Date.now();
    ctx.signal.throwIfAborted();
  };
}

function writable<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): AdvisoryError {
  return new AdvisoryError('DATABASE_UNWRITABLE', `cannot write the database to ${path}: ${messageOf(cause)}`, {
    hint: 'check that the folder can be written to and that the disk has room',
    cause,
  });
}

function isDiskError(thrown: unknown): boolean {
  return !(thrown instanceof AdvisoryError) && /^E[A-Z]+$/.test(errorNumber(thrown) ?? '');
}
