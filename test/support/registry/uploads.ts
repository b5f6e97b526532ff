import { randomUUID } from 'node:crypto';
import { type Content, digestOf, digestPattern } from './content.js';
import { type Exchange, Refusal } from './exchange.js';

interface Upload {
  readonly repository: string;
  readonly pieces: Uint8Array[];
  size: number;
  /** Whether a chunk below the minimum came: it must have been the last. */
  ended: boolean;
  /** Counts the answers: only the newest location may be written to. */
  state: number;
}

export interface UploadOptions {
  readonly chunkMinBytes?: number | undefined;
  readonly mounts: boolean;
  readonly chunks: boolean;
  readonly locations: 'absolute' | 'relative' | 'elsewhere';
}

/** Uploads in progress: `POST`, `PATCH`, `PUT`, `GET` and `DELETE` below `/blobs/uploads/`. */
export class Uploads {
  readonly #content: Content;
  readonly #options: UploadOptions;
  readonly #uploads = new Map<string, Upload>();
  /** Where uploads lie, without a slash at its end. */
  origin = '';

  constructor(content: Content, options: UploadOptions) {
    this.#content = content;
    this.#options = options;
  }

  get open(): number {
    return this.#uploads.size;
  }

  async start(exchange: Exchange, repository: string): Promise<void> {
    const { searchParams } = exchange.url;
    await exchange.readBody();
    const mount = searchParams.get('mount');
    const from = searchParams.get('from');
    if (mount !== null && this.#options.mounts && this.#mount(repository, mount, from)) {
      return exchange.answer({ status: 201, headers: blobHeaders(repository, mount) });
    }
    if (searchParams.has('digest')) throw new Refusal(400, 'UNSUPPORTED', 'uploads in one request are not done here');
    const id = randomUUID();
    this.#content.make(repository);
    const upload = { repository, pieces: [], size: 0, ended: false, state: 0 };
    this.#uploads.set(id, upload);
    const minimum = this.#options.chunkMinBytes;
    await exchange.answer({
      status: 202,
      headers: {
        ...this.#headers(id, upload),
        ...(minimum === undefined ? {} : { 'oci-chunk-min-length': String(minimum) }),
      },
    });
  }

  /** A mount that cannot be done is no error: the client goes on uploading. */
  #mount(repository: string, digest: string, from: string | null): boolean {
    const blob = from === null ? undefined : this.#content.find(from)?.blobs.get(digest);
    if (!blob) return false;
    this.#content.make(repository).blobs.set(digest, blob);
    return true;
  }

  async proceed(exchange: Exchange, repository: string, id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (!upload || upload.repository !== repository) {
      throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    }
    if (exchange.method === 'GET') return exchange.answer({ status: 204, headers: this.#headers(id, upload) });
    if (exchange.method === 'DELETE') {
      this.#uploads.delete(id);
      return exchange.answer({ status: 204 });
    }
    if (exchange.url.searchParams.get('_state') !== `${id}.${upload.state}`) {
      throw new Refusal(400, 'BLOB_UPLOAD_INVALID', 'not the newest location of this upload');
    }
    if (exchange.method === 'PATCH') return this.#append(exchange, id, upload);
    if (exchange.method === 'PUT') return this.#finish(exchange, id, upload);
    throw new Refusal(405, 'UNSUPPORTED', 'not this way');
  }

  async #append(exchange: Exchange, id: string, upload: Upload): Promise<void> {
    if (!this.#options.chunks) throw new Refusal(405, 'UNSUPPORTED', 'chunks are not taken');
    if (exchange.header('content-length') === undefined) throw new Refusal(411, 'SIZE_INVALID', 'no Content-Length');
    await this.#take(exchange, upload, true);
    upload.state++;
    await exchange.answer({ status: 202, headers: this.#headers(id, upload) });
  }

  async #finish(exchange: Exchange, id: string, upload: Upload): Promise<void> {
    const digest = exchange.url.searchParams.get('digest') ?? '';
    if (!digestPattern.test(digest)) throw new Refusal(400, 'DIGEST_INVALID', 'no proper digest');
    if (exchange.header('content-length') === undefined) throw new Refusal(411, 'SIZE_INVALID', 'no Content-Length');
    await this.#take(exchange, upload, false);
    const bytes = Buffer.concat(upload.pieces);
    if (digestOf(bytes, digest.slice(0, digest.indexOf(':'))) !== digest) {
      throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
    }
    this.#uploads.delete(id);
    this.#content.make(upload.repository).blobs.set(digest, new Uint8Array(bytes));
    await exchange.answer({ status: 201, headers: blobHeaders(upload.repository, digest) });
  }

  async #take(exchange: Exchange, upload: Upload, isChunk: boolean): Promise<void> {
    const length = Number(exchange.header('content-length'));
    if (length > 0 && exchange.header('content-type') !== 'application/octet-stream') {
      throw new Refusal(415, 'BLOB_UPLOAD_INVALID', 'the Content-Type is not application/octet-stream');
    }
    const range = exchange.header('content-range');
    if (range !== undefined) {
      const [, start, end] = /^(\d+)-(\d+)$/.exec(range) ?? [];
      if (start === undefined || Number(end) - Number(start) + 1 !== length) {
        throw new Refusal(400, 'BLOB_UPLOAD_INVALID', 'Content-Range does not fit');
      }
      if (Number(start) !== upload.size) {
        throw new Refusal(416, 'BLOB_UPLOAD_INVALID', 'chunk out of order', rangeOf(upload));
      }
    }
    if (upload.ended && length > 0) {
      throw new Refusal(400, 'SIZE_INVALID', `only the last chunk may have fewer than ${this.#minimum} bytes`);
    }
    const before = upload.size;
    await exchange.readBody((piece) => {
      upload.pieces.push(piece);
      upload.size += piece.length;
    });
    upload.ended = isChunk && upload.size - before < this.#minimum;
  }

  get #minimum(): number {
    return this.#options.chunkMinBytes ?? 0;
  }

  #headers(id: string, upload: Upload): Record<string, string> {
    const path = `/v2/${upload.repository}/blobs/uploads/${id}?_state=${id}.${upload.state}`;
    return {
      location: this.#options.locations === 'relative' ? path : `${this.origin}${path}`,
      'docker-upload-uuid': id,
      ...rangeOf(upload),
    };
  }
}

function rangeOf(upload: Upload): Record<string, string> {
  return { range: `0-${Math.max(0, upload.size - 1)}` };
}

function blobHeaders(repository: string, digest: string): Record<string, string> {
  return { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest };
}
