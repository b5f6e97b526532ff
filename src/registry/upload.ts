import type { Context } from '../core/index.js';
import type { HttpResponse, RequestBody } from '../http/index.js';
import type { Digest } from '../reference/index.js';
import { describeEndpoint, type Endpoint, repositoryAt } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError, type Asked } from './failures.js';
import { resolveLocation, withParameter } from './locations.js';
import { claimedDigest } from './manifests.js';
import { waitAfter } from './pause.js';
import type { BlobSource, PushBlobOptions, PushedBlob } from './registry-client.js';
import type { Session, Target } from './session.js';

/** A blob on its way up. */
export interface Upload {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly blob: BlobSource;
  readonly options: PushBlobOptions;
  readonly pause: (ms: number) => Promise<void>;
}

/** Uploads begun anew, and pieces sent again without any getting there. */
const mostAttempts = 4;
/** Pieces for registries, or what stands in front of them, that do not take the whole at once. */
const smallChunkBytes = 8 * 1024 * 1024;
const mostChunkBytes = 4 * 1024 * 1024 * 1024;
const octets = 'application/octet-stream';

/** Statuses after which the same may be tried again. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Puts a blob into a repository, unless it is there, or can be mounted from another one. */
export async function uploadBlob(context: Context, session: Session, upload: Upload): Promise<PushedBlob> {
  const worker = new Uploader(context, session, upload);
  if (await worker.isThere()) return { how: 'present' };
  const { mountFrom } = upload.options;
  const mounted =
    mountFrom === undefined || mountFrom === upload.repository ? undefined : await worker.mount(mountFrom);
  if (mounted === 'mounted') return { how: 'mounted' };
  await worker.send(mounted);
  return { how: 'uploaded' };
}

/** Where an upload goes on, and what the registry wants of pieces. */
interface Place {
  readonly url: URL;
  /** Smallest piece that it takes, but for the last. */
  readonly chunkMinBytes: number;
}

class Uploader {
  readonly #context: Context;
  readonly #session: Session;
  readonly #upload: Upload;
  readonly #target: Target;
  readonly #asked: Asked;
  readonly #path: string;
  #chunkBytes: number | undefined;
  /** What `Retry-After` of the last failure said. */
  #askedMs = 0;
  /** What reading the blob threw, which is no failure of the registry. */
  #unreadable: { readonly error: unknown } | undefined;

  constructor(context: Context, session: Session, upload: Upload) {
    const { endpoint, repository, blob, options } = upload;
    this.#context = context;
    this.#session = session;
    this.#upload = upload;
    this.#target = { endpoint, repository, action: 'push' };
    this.#asked = { endpoint, what: `blob ${blob.digest} in ${repository}`, unknown: 'NAME_UNKNOWN', isPush: true };
    this.#path = `${repositoryAt(endpoint, repository)}/blobs`;
    this.#chunkBytes = options.chunkBytes === undefined ? undefined : Math.max(1, Math.floor(options.chunkBytes));
  }

  async isThere(): Promise<boolean> {
    const call = { method: 'HEAD', path: `${this.#path}/${this.#upload.blob.digest}` } as const;
    const response = await this.#session.request(this.#context, this.#target, call);
    const words = await this.#session.words(response);
    if (response.status === 200) return true;
    // Also where HEAD is not done: sending too much is no mistake.
    if (response.status === 404 || response.status === 405) return false;
    throw answerError(this.#asked, words, response.header('retry-after'));
  }

  /** A registry that does not mount begins an upload instead. */
  async mount(from: string): Promise<'mounted' | Place | undefined> {
    const source = repositoryAt(this.#upload.endpoint, from);
    const query = new URLSearchParams({ mount: this.#upload.blob.digest, from: source });
    const target = { ...this.#target, mountFrom: from };
    try {
      const call = {
        method: 'POST',
        path: `${this.#path}/uploads/?${query.toString()}`,
        body: nothing,
        retries: 2,
      } as const;
      const response = await this.#session.request(this.#context, target, call);
      if (response.status === 202) return await this.#placeOf(response);
      const words = await this.#session.words(response);
      if (response.status === 201) {
        this.#checkDigest(response);
        return 'mounted';
      }
      this.#context.log(
        'debug',
        `${describeEndpoint(this.#upload.endpoint)} does not mount from ${from}: ${words.text}`,
      );
    } catch (error) {
      // Without the right to pull from there, or with a registry that cannot do it: upload.
      if (!(error instanceof RegistryError) || error.code === 'OFFLINE') throw error;
      this.#context.log('debug', error.message);
    }
    return undefined;
  }

  /** Sends the blob, begun anew when it breaks; what was begun and came to nothing is cancelled. */
  async send(begun: Place | undefined): Promise<void> {
    let place = begun;
    for (let attempt = 1; ; attempt++) {
      const started: { url: URL } = { url: (place ??= await this.#begin()).url };
      try {
        return this.#chunkBytes === undefined ? await this.#sendWhole(place) : await this.#sendChunks(place, started);
      } catch (error) {
        await this.#cancel(started.url);
        if (this.#unreadable) throw this.#unreadable.error;
        if (error instanceof RegistryError && error.status === 413 && this.#chunkBytes === undefined) {
          this.#chunkBytes = smallChunkBytes;
        } else if (!mayRetry(error) || attempt === mostAttempts) throw error;
        this.#context.log('debug', `${(error as Error).message}; sending it again`);
      }
      place = undefined;
      await this.#pause(attempt);
    }
  }

  async #begin(): Promise<Place> {
    const call = { method: 'POST', path: `${this.#path}/uploads/`, body: nothing, retries: 2 } as const;
    const response = await this.#session.request(this.#context, this.#target, call);
    if (response.status === 202) return await this.#placeOf(response);
    throw await this.#failure(response);
  }

  async #sendWhole({ url }: Place): Promise<void> {
    const { blob } = this.#upload;
    await this.#finish(url, this.#bodyOf(0, blob.sizeBytes));
  }

  /** Piece by piece; after a failure the registry is asked how much it has. */
  async #sendChunks(place: Place, started: { url: URL }): Promise<void> {
    const { sizeBytes } = this.#upload.blob;
    const chunkBytes = Math.min(Math.max(this.#chunkBytes ?? 0, place.chunkMinBytes), mostChunkBytes);
    // A registry that keeps and drops in turn must not keep us for ever.
    let left = 2 * Math.ceil(sizeBytes / chunkBytes) + 100;
    let offset = 0;
    let fruitless = 0;
    while (offset < sizeBytes) {
      if (left-- === 0) throw this.#stuck();
      const end = Math.min(offset + chunkBytes, sizeBytes);
      const step = await this.#sendChunk(started.url, offset, end);
      if ('failure' in step) {
        if (++fruitless >= mostAttempts) throw step.failure;
        this.#context.log('debug', `${step.failure.message}; asking how much has come`);
        await this.#pause(fruitless);
      }
      const next = 'next' in step ? step.next : await this.#status(started.url, offset);
      started.url = next.url;
      if (next.offset > offset) fruitless = 0;
      else if ('next' in step && ++fruitless >= mostAttempts) throw this.#stuck();
      offset = next.offset;
    }
    await this.#finish(started.url, nothing);
  }

  async #sendChunk(
    url: URL,
    start: number,
    end: number,
  ): Promise<{ readonly next: { readonly url: URL; readonly offset: number } } | { readonly failure: RegistryError }> {
    const headers = { 'content-type': octets, 'content-range': `${start}-${end - 1}` };
    const body = this.#bodyOf(start, end);
    try {
      const response = await this.#session.request(this.#context, this.#target, {
        method: 'PATCH',
        path: url,
        headers,
        body,
      });
      if (response.status === 202 || response.status === 201 || response.status === 204) {
        const next = await this.#placeOf(response);
        const has = received(response) ?? end;
        // `0-0` stands for nothing as well as for one byte.
        return { next: { url: next.url, offset: has === 1 && end > 1 ? 0 : this.#checked(has, end) } };
      }
      const failure = await this.#failure(response);
      if (response.status === 416 || passing.has(response.status)) return { failure };
      throw failure;
    } catch (error) {
      const broke = error instanceof RegistryError && error.code === 'REGISTRY_UNREACHABLE';
      if (broke && !this.#unreadable) return { failure: error };
      throw error;
    }
  }

  /** How much of an upload has come. */
  async #status(url: URL, offset: number): Promise<{ readonly url: URL; readonly offset: number }> {
    const response = await this.#session.request(this.#context, this.#target, { method: 'GET', path: url });
    if (response.status !== 204 && response.status !== 200 && response.status !== 202) {
      throw await this.#failure(response);
    }
    const has = received(response) ?? offset;
    const known = has === 1 && offset !== 1 ? 0 : has;
    const next = response.header('location') === undefined ? url : (await this.#placeOf(response)).url;
    await response.discard();
    return { url: next, offset: this.#checked(known, this.#upload.blob.sizeBytes) };
  }

  async #finish(url: URL, body: RequestBody): Promise<void> {
    const response = await this.#session.request(this.#context, this.#target, {
      method: 'PUT',
      path: withParameter(url, 'digest', this.#upload.blob.digest),
      headers: { 'content-type': octets },
      body,
    });
    if (response.status !== 201 && response.status !== 204 && response.status !== 200) {
      throw await this.#failure(response);
    }
    this.#checkDigest(response);
    await response.discard();
  }

  /** An upload that will not be ended is no longer wanted; if the registry does not mind it, neither do we. */
  async #cancel(url: URL): Promise<void> {
    if (this.#context.signal.aborted) return;
    try {
      const response = await this.#session.request(this.#context, this.#target, { method: 'DELETE', path: url });
      await response.discard();
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      this.#context.log('debug', `the upload could not be cancelled: ${error.message}`);
    }
  }

  async #placeOf(response: HttpResponse): Promise<Place> {
    const url = resolveLocation(this.#upload.endpoint, response.url, response.header('location'));
    const minimum = response.header('oci-chunk-min-length') ?? '';
    await response.discard();
    return { url, chunkMinBytes: /^\d{1,12}$/.test(minimum) ? Number(minimum) : 0 };
  }

  async #failure(response: HttpResponse): Promise<RegistryError> {
    const asked = /^\d{1,2}$/.exec(response.header('retry-after') ?? '')?.[0];
    this.#askedMs = asked === undefined ? 0 : Number(asked) * 1000;
    return answerError(this.#asked, await this.#session.words(response), response.header('retry-after'));
  }

  /** As long as the registry asks for, if it does. */
  async #pause(failures: number): Promise<void> {
    const ms = Math.max(waitAfter(failures), this.#askedMs);
    this.#askedMs = 0;
    await this.#upload.pause(ms);
  }

  #checkDigest(response: HttpResponse): void {
    const { digest } = this.#upload.blob;
    const claimed = claimedDigest(response);
    if (claimed === undefined || claimed === digest || algorithm(claimed) !== algorithm(digest)) return;
    const message = `${describeEndpoint(this.#upload.endpoint)} stored the blob ${digest} as ${claimed}`;
    throw new RegistryError('DIGEST_MISMATCH', message, { status: response.status });
  }

  #checked(offset: number, most: number): number {
    if (offset <= most) return offset;
    const message = `${describeEndpoint(this.#upload.endpoint)} says that it has more bytes than it was sent`;
    throw new RegistryError('INVALID_ANSWER', message);
  }

  #stuck(): RegistryError {
    const message = `${describeEndpoint(this.#upload.endpoint)} takes pieces of ${this.#asked.what} and keeps none`;
    return new RegistryError('INVALID_ANSWER', message);
  }

  #bodyOf(start: number, end: number): RequestBody {
    const { blob } = this.#upload;
    const { signal } = this.#context;
    const read = async function* (this: Uploader): AsyncGenerator<Uint8Array> {
      try {
        yield* firstBytes(blob, start, end, signal);
      } catch (error) {
        this.#unreadable = { error };
        throw error;
      }
    };
    return { sizeBytes: end - start, open: () => read.call(this) };
  }
}

const nothing: RequestBody = { sizeBytes: 0, open: () => new Uint8Array() };

/** Those of the blob from `start` to `end`; the source goes on to the blob's end. */
async function* firstBytes(
  blob: BlobSource,
  start: number,
  end: number,
  signal: Context['signal'],
): AsyncGenerator<Uint8Array> {
  let left = end - start;
  if (left === 0) return;
  for await (const piece of blob.open(start, signal)) {
    yield piece.length > left ? piece.subarray(0, left) : piece;
    left -= Math.min(left, piece.length);
    if (left === 0) return;
  }
}

/** From `Range: 0-N`, which names the last byte that has come: how many have. */
function received(response: HttpResponse): number | undefined {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.header('range')?.trim() ?? '')?.[1];
  return last === undefined ? undefined : Number(last) + 1;
}

function mayRetry(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  if (error.code === 'REGISTRY_UNREACHABLE') return true;
  return error.status !== undefined && (passing.has(error.status) || error.status === 404);
}

function algorithm(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}
