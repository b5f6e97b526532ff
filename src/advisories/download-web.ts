import { createHash } from 'node:crypto';
import type { Context } from '../core/index.js';
import { HttpError, type HttpClient, type HttpResponse } from '../http/index.js';
import { maxPackedBytes } from './artifact.js';
import { AdvisoryError } from './errors.js';
import { databaseFileName, maxMetadataBytes, metadataFileName } from './metadata.js';
import { PartialFile } from './partial-file.js';
import { type DatabaseSource, shownUrl } from './update-source.js';

export interface WebDownload {
  readonly http: HttpClient;
  readonly source: Extract<DatabaseSource, { readonly url: URL }>;
  /** The folder of databases. */
  readonly folder: string;
  /** Of the database that is installed, if it came from here: then one that did not change is not sent. */
  readonly known: string | undefined;
  /** Of the download that was begun here and not ended. */
  readonly begun: string | undefined;
  /** Told the validator before the first byte is kept; `undefined` if the server gives none. */
  readonly onBegin: (validator: string | undefined) => void;
}

export type WebAnswer =
  /** What is installed is what lies there. */
  | { readonly is: 'unchanged' }
  | {
      readonly is: 'downloaded';
      readonly path: string;
      /** `metadata.json`, where it is a file of its own. */
      readonly metadata: Uint8Array | undefined;
      readonly validator: string | undefined;
    };

/** Answers in a row that bring no byte before it is given up. */
const maxIdleTurns = 3;
const maxTurns = 1000;

/**
 * Downloads a database from a web server: a file, or from a folder `db.tar.gz`, or else `trivy.db` with its
 * `metadata.json`. A connection that breaks is taken up again where it broke, also by a later process, as long as the
 * server says that the file is still the same.
 * @throws HttpError, AdvisoryError `DOWNLOAD_FAILED`, `DATABASE_UNWRITABLE`
 */
export async function downloadFromWeb(ctx: Context, job: WebDownload): Promise<WebAnswer> {
  const { source } = job;
  if (source.kind === 'folder') return await fromFolder(ctx, job, source.url);
  const answer = await new FileDownload(ctx, job, source.url).run();
  if (answer.is === 'folder') return await fromFolder(ctx, job, answer.url);
  return answer.is === 'missing' ? refuse(answer) : answer;
}

async function fromFolder(ctx: Context, job: WebDownload, folder: URL): Promise<WebAnswer> {
  const packed = await new FileDownload(ctx, job, within(folder, 'db.tar.gz')).run();
  if (packed.is === 'folder') return refuse({ status: 404, url: packed.url });
  if (packed.is !== 'missing') return packed;
  const metadata = await fetchMetadata(ctx, job, folder);
  if (!metadata) return refuse(packed);
  const plain = await new FileDownload(ctx, job, within(folder, databaseFileName)).run();
  if (plain.is === 'folder') return refuse({ status: 404, url: plain.url });
  if (plain.is === 'missing') return refuse(plain);
  if (plain.is === 'unchanged') return plain;
  const after = await fetchMetadata(ctx, job, folder);
  if (!after || !Buffer.from(after).equals(metadata)) {
    throw new AdvisoryError('DOWNLOAD_FAILED', `${shownUrl(folder)} changed while it was read`, { hint: 'try again' });
  }
  return { ...plain, metadata };
}

function within(folder: URL, name: string): URL {
  const url = new URL(folder);
  url.pathname += name;
  return url;
}

async function fetchMetadata(ctx: Context, { http }: WebDownload, folder: URL): Promise<Uint8Array | undefined> {
  const url = within(folder, metadataFileName);
  const response = await http.request(ctx, { method: 'GET', url });
  if (response.status === 200) return await response.bytes(maxMetadataBytes);
  await response.discard();
  return isMissing(response.status) ? undefined : refuse({ status: response.status, url });
}

type FileAnswer =
  | WebAnswer
  | { readonly is: 'missing'; readonly status: number; readonly url: URL }
  /** The server says that this is a folder. */
  | { readonly is: 'folder'; readonly url: URL };

/** One file of a web server, over as many connections as it takes. */
class FileDownload {
  readonly #ctx: Context;
  readonly #job: WebDownload;
  readonly #url: URL;
  #validator: string | undefined;
  #total: number | undefined;
  /** How the last answer broke off. */
  #broken: HttpError | undefined;

  constructor(ctx: Context, job: WebDownload, url: URL) {
    this.#ctx = ctx;
    this.#job = job;
    this.#url = url;
    this.#validator = job.begun;
  }

  async run(): Promise<FileAnswer> {
    const file = await PartialFile.open(
      this.#job.folder,
      createHash('sha256').update(shownUrl(this.#url)).digest('hex'),
    );
    try {
      // Without a validator nobody can say whether the rest would fit.
      if (this.#validator === undefined) await file.restart();
      for (let idle = 0, turns = 1; ; turns++) {
        const before = file.sizeBytes;
        const answer = await this.#turn(file);
        if (answer) return answer;
        idle = file.sizeBytes > before ? 0 : idle + 1;
        if (idle >= maxIdleTurns || turns >= maxTurns)
          throw this.#broken ?? failed(this.#url, 'does not get to the end of the file');
      }
    } finally {
      await file.close();
    }
  }

  /** One request; nothing when another has to follow. */
  async #turn(file: PartialFile): Promise<FileAnswer | undefined> {
    const start = file.sizeBytes;
    const response = await this.#job.http.request(this.#ctx, {
      method: 'GET',
      url: this.#url,
      headers: { 'accept-encoding': 'identity', ...(start > 0 ? this.#resuming(start) : this.#conditional()) },
    });
    const { status } = response;
    if (status === 200 && this.#isFolder(response)) {
      await response.discard();
      return { is: 'folder', url: response.url };
    }
    if (status === 200) return await this.#whole(file, response);
    if (status === 206) return await this.#rest(file, response);
    await response.discard();
    if (status === 304 && start === 0) return { is: 'unchanged' };
    if (status === 416 && response.header('content-range')?.trim() === `bytes */${start}`) return this.#done(file);
    if (start > 0 && !isBusy(status)) {
      await file.restart();
      return undefined;
    }
    return isMissing(status) ? { is: 'missing', status, url: this.#url } : refuse({ status, url: this.#url });
  }

  #resuming(start: number): Readonly<Record<string, string>> {
    const range = { range: `bytes=${start}-` };
    return this.#validator === undefined ? range : { ...range, 'if-range': this.#validator };
  }

  #conditional(): Readonly<Record<string, string>> {
    const { known } = this.#job;
    if (known === undefined) return {};
    return isTag(known) ? { 'if-none-match': known } : { 'if-modified-since': known };
  }

  /** `…/name` that was led to `…/name/`, as servers do with folders. */
  #isFolder(response: HttpResponse): boolean {
    return !this.#url.pathname.endsWith('/') && response.url.pathname.endsWith('/');
  }

  async #whole(file: PartialFile, response: HttpResponse): Promise<FileAnswer | undefined> {
    await file.restart();
    this.#validator = validatorOf(response);
    this.#job.onBegin(this.#validator);
    return await this.#take(file, response);
  }

  async #rest(file: PartialFile, response: HttpResponse): Promise<FileAnswer | undefined> {
    const range = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(response.header('content-range')?.trim() ?? '');
    if (Number(range?.[1] ?? NaN) === file.sizeBytes) {
      const total = Number(range?.[3]);
      return await this.#take(file, response, Number.isNaN(total) ? undefined : total);
    }
    await response.discard();
    await file.restart();
    return undefined;
  }

  async #take(
    file: PartialFile,
    response: HttpResponse,
    total = this.#promised(response),
  ): Promise<FileAnswer | undefined> {
    this.#total = total;
    if (total !== undefined && total > maxPackedBytes) {
      await response.discard();
      throw failed(this.#url, `promises ${total} bytes`);
    }
    this.#tell(file);
    try {
      await this.#append(file, response, total);
    } catch (thrown) {
      // Without a validator the rest may be another file's.
      if (!(thrown instanceof HttpError) || this.#validator === undefined) throw thrown;
      this.#broken = thrown;
      return undefined;
    }
    return this.#done(file);
  }

  async #append(file: PartialFile, response: HttpResponse, total: number | undefined): Promise<void> {
    for await (const chunk of response.body) {
      this.#ctx.signal.throwIfAborted();
      await file.append(chunk);
      if (file.sizeBytes > Math.min(total ?? maxPackedBytes, maxPackedBytes)) {
        await file.restart();
        throw failed(this.#url, 'sends more bytes than it promised');
      }
      this.#tell(file);
    }
    if (total !== undefined && file.sizeBytes < total) {
      throw new HttpError('BODY_TRUNCATED', `${shownUrl(this.#url)} ended early`);
    }
  }

  #promised(response: HttpResponse): number | undefined {
    const text = response.header('content-length') ?? '';
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  #tell({ sizeBytes }: PartialFile): void {
    this.#ctx.progress?.({ task: 'downloading the database', done: sizeBytes, total: this.#total, unit: 'bytes' });
  }

  #done(file: PartialFile): FileAnswer {
    return { is: 'downloaded', path: file.path, metadata: undefined, validator: this.#validator };
  }
}

/** What `If-Range` may bear: an `ETag` that is not weak, or the time of the last change. RFC 9110, 13.1.5. */
function validatorOf(response: HttpResponse): string | undefined {
  const tag = response.header('etag')?.trim();
  if (tag !== undefined && isTag(tag) && tag.length <= 500) return tag;
  const changed = response.header('last-modified')?.trim();
  return changed !== undefined && changed.length <= 100 && !Number.isNaN(Date.parse(changed)) ? changed : undefined;
}

function isTag(validator: string): boolean {
  return /^"[\x21\x23-\x7e]*"$/.test(validator);
}

/** A later request may get what this one did not. */
function isBusy(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

function isMissing(status: number): boolean {
  return status === 404 || status === 410 || status === 403;
}

function refuse(answer: { readonly status: number; readonly url: URL }): never {
  throw failed(answer.url, `answers ${answer.status}`);
}

function failed(url: URL, why: string): AdvisoryError {
  return new AdvisoryError('DOWNLOAD_FAILED', `${shownUrl(url)} ${why}`, {
    hint: 'check the address with a browser',
  });
}
