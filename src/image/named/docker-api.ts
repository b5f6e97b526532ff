import { type Context, messageOf } from '../../core/index.js';
import { asArray, asObject, asString, asStrings, type JsonObject, parseJson } from '../../formats/index.js';
import { createHttpClient, type HttpClient, HttpError, type HttpResponse } from '../../http/index.js';
import { mediaKind } from '../../oci/index.js';
import { type Digest, parseDigest, type Platform } from '../../reference/index.js';
import { printable } from '../choose.js';
import { ImageError } from '../errors.js';
import type { DaemonEndpoint } from './docker-endpoint.js';

/** What a daemon says of an image. */
export interface InspectedImage {
  /** Digest of the config; of the manifest or index where the daemon keeps those. */
  readonly id: Digest;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Absent where the daemon does not say. */
  readonly platform: Platform | undefined;
  /** Where the daemon keeps an index: the images that it names. */
  readonly manifests?: readonly DaemonManifest[] | undefined;
  /** The daemon keeps what the name means in the registry, and that is an image of one platform. */
  readonly isSinglePlatform?: boolean | undefined;
}

/** An image of one platform among others of the same name. */
export interface DaemonManifest {
  readonly digest: Digest;
  readonly platform: Platform;
  /** Are its layers there? */
  readonly available: boolean;
}

/** Stands for a socket, where a name is needed; RFC 6761 leads it nowhere. */
const socketHost = 'socket.invalid';
const mostInspectBytes = 8 << 20;
const mostErrorBytes = 64 << 10;
const mostNames = 10_000;
const connectTimeoutMs = 5000;
const inspectTimeoutMs = 30_000;
/** A daemon may pack the whole image before it sends the first byte. */
const saveTimeoutMs = 30 * 60_000;

/**
 * The part of Docker's API that gives images, as Podman speaks it too. Requests name no version, so that every daemon
 * answers in its own. https://docs.docker.com/reference/api/engine/
 */
export class DaemonApi {
  readonly #http: HttpClient;
  readonly #base: string;
  readonly #title: string;
  /** For messages. */
  readonly #place: string;

  private constructor(http: HttpClient, base: string, { title, place }: { title: string; place: string }) {
    this.#http = http;
    this.#base = base;
    this.#title = title;
    this.#place = printable(place);
  }

  /** Connects when it is first asked. */
  static at(endpoint: DaemonEndpoint, title: string): DaemonApi {
    const userAgent = 'tidewaiter';
    if (endpoint.kind === 'socket') {
      const http = createHttpClient({ userAgent, socketPath: endpoint.path });
      return new DaemonApi(http, `http://${socketHost}`, { title, place: endpoint.path });
    }
    const { url, tls } = endpoint;
    const options = tls && { ...tls, ca: tls.ca === undefined ? undefined : [tls.ca] };
    const hosts = options ? new Map([[url.host, options]]) : undefined;
    const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    return new DaemonApi(createHttpClient({ userAgent, hosts }), base, { title, place: url.host });
  }

  /**
   * @returns nothing when the daemon has no such image
   * @throws ImageError `SOURCE_UNAVAILABLE`, `SOURCE_FAILED`
   */
  async inspect(context: Context, name: string): Promise<InspectedImage | undefined> {
    const fields = await this.#ask(context, `/images/${inPath(name)}/json`);
    if (!fields) return undefined;
    const image = this.#readImage(fields);
    const kept = asString(asObject(fields['Descriptor'])?.['mediaType']);
    const kind = kept && mediaKind(kept);
    if (kind !== 'index') return { ...image, isSinglePlatform: kind === 'manifest' };
    const more = await this.#ask(context, `/images/${inPath(image.id)}/json?manifests=1`);
    return { ...image, manifests: readManifests(more?.['Manifests']) };
  }

  /**
   * The archive that `docker save` gives.
   * @param platform One of those of `manifests`; others are then not sent.
   * @throws ImageError `SOURCE_UNAVAILABLE`, `SOURCE_FAILED`; so does reading it
   */
  async save(context: Context, name: string, platform?: Platform): Promise<AsyncIterable<Uint8Array>> {
    const query = platform ? `?platform=${encodeURIComponent(toJson(platform))}` : '';
    const response = await this.#request(context, `/images/${inPath(name)}/get${query}`, saveTimeoutMs);
    if (response.status !== 200) throw await this.#refusal(response);
    return this.#checked(response.body);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #ask(context: Context, path: string): Promise<JsonObject | undefined> {
    const response = await this.#request(context, path, inspectTimeoutMs);
    if (response.status === 404) {
      const message = await this.#messageOf(response);
      // Whatever else listens there answers 404 as well, though not in these words.
      if (message === undefined) throw this.#nonsense('it does not know the API');
      return undefined;
    }
    if (response.status !== 200) throw await this.#refusal(response);
    const fields = await this.#json(response, mostInspectBytes);
    if (!fields) throw this.#nonsense('no JSON object');
    return fields;
  }

  async #request(context: Context, path: string, idleTimeoutMs: number): Promise<HttpResponse> {
    const url = new URL(this.#base + path);
    const once = { retries: 0, maxRedirects: 0 };
    try {
      return await this.#http.request(context, { method: 'GET', url, ...once, idleTimeoutMs, connectTimeoutMs });
    } catch (thrown) {
      throw this.#noAnswer(thrown);
    }
  }

  /** Docker writes an error that comes late behind the bytes of the archive that it has sent already. */
  async *#checked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let tail: Uint8Array = new Uint8Array();
    try {
      for await (const chunk of body) {
        tail = endOf(tail, chunk);
        yield chunk;
      }
    } catch (thrown) {
      throw this.#noAnswer(thrown, 'SOURCE_FAILED');
    }
    const message = lateError(tail);
    if (message !== undefined) throw new ImageError('SOURCE_FAILED', `${this.#title} failed: ${message}`);
  }

  async #refusal(response: HttpResponse): Promise<ImageError> {
    const message = await this.#messageOf(response);
    const said = message === undefined ? '' : `: ${message}`;
    const isPlain = message?.includes('HTTP request to an HTTPS server') ?? false;
    return new ImageError('SOURCE_FAILED', `${this.#title} answered with ${response.status}${said}`, {
      hint: isPlain ? 'it wants TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH' : undefined,
    });
  }

  /** What the daemon says of its error; nothing where it does not speak as Docker does. */
  async #messageOf(response: HttpResponse): Promise<string | undefined> {
    try {
      const bytes = await response.bytes(mostErrorBytes);
      const text = new TextDecoder().decode(bytes);
      if (response.status === 400 && !text.startsWith('{')) return printable(text.trim());
      const message = asString(asObject(parseJson(text))?.['message']);
      return message === undefined ? undefined : printable(message);
    } catch {
      return undefined; // the status alone has to tell
    }
  }

  async #json(response: HttpResponse, maxBytes: number): Promise<JsonObject | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await response.bytes(maxBytes);
    } catch (thrown) {
      throw this.#noAnswer(thrown, 'SOURCE_FAILED');
    }
    try {
      return asObject(parseJson(bytes, { maxBytes }));
    } catch (thrown) {
      throw this.#nonsense(messageOf(thrown), thrown);
    }
  }

  #readImage(fields: JsonObject): InspectedImage {
    const id = readDigest(asString(fields['Id']));
    if (!id) throw this.#nonsense('an image without an id');
    const os = asString(fields['Os']) || undefined;
    const architecture = asString(fields['Architecture']) || undefined;
    const variant = asString(fields['Variant']) || undefined;
    return {
      id,
      repoTags: this.#names(fields, 'RepoTags'),
      repoDigests: this.#names(fields, 'RepoDigests'),
      platform: os !== undefined && architecture !== undefined ? { os, architecture, variant } : undefined,
    };
  }

  #names(fields: JsonObject, member: string): readonly string[] {
    const value = fields[member] ?? [];
    const names = asStrings(value);
    if (!names || names.length > mostNames) throw this.#nonsense(`its ${member} are no list of names`);
    return names;
  }

  #nonsense(what: string, cause?: unknown): ImageError {
    return new ImageError('SOURCE_FAILED', `${this.#title} answers what it should not: ${printable(what)}`, {
      hint: 'is it really what listens there?',
      cause,
    });
  }

  #noAnswer(thrown: unknown, code: 'SOURCE_UNAVAILABLE' | 'SOURCE_FAILED' = 'SOURCE_UNAVAILABLE'): unknown {
    if (!(thrown instanceof HttpError)) return thrown;
    const what = code === 'SOURCE_FAILED' ? 'broke off' : 'does not answer';
    const isTls = thrown.code === 'TLS_UNTRUSTED' || thrown.code === 'TLS_FAILED';
    return new ImageError(
      code,
      `${this.#title} ${what}: ${printable(thrown.message).replaceAll(socketHost, this.#place)}`,
      {
        hint: isTls ? 'DOCKER_CERT_PATH names the folder of ca.pem, cert.pem and key.pem' : thrown.hint,
        cause: thrown,
      },
    );
  }
}

/** Names may hold slashes, colons and `@`, which stay as they are. */
function inPath(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
}

function toJson({ os, architecture, variant }: Platform): string {
  return JSON.stringify({ os, architecture, variant });
}

/** Ids are digests; Podman once left the algorithm out. */
function readDigest(text: string | undefined): Digest | undefined {
  if (text === undefined) return undefined;
  try {
    return parseDigest(/^[0-9a-f]{64}$/.test(text) ? `sha256:${text}` : text);
  } catch {
    return undefined;
  }
}

function readManifests(value: JsonObject[string] | undefined): readonly DaemonManifest[] | undefined {
  const manifests: DaemonManifest[] = [];
  for (const item of asArray(value)?.slice(0, mostNames) ?? []) {
    const fields = asObject(item);
    const platform = asObject(asObject(fields?.['ImageData'])?.['Platform']);
    const digest = readDigest(asString(asObject(fields?.['Descriptor'])?.['digest']));
    const os = asString(platform?.['os']);
    const architecture = asString(platform?.['architecture']);
    if (!fields || !digest || os === undefined || architecture === undefined) continue;
    const variant = asString(platform?.['variant']) || undefined;
    manifests.push({ digest, platform: { os, architecture, variant }, available: fields['Available'] === true });
  }
  return manifests.length > 0 ? manifests : undefined;
}

const tailBytes = 4096;

/** The last bytes of a stream, copied, because chunks are only lent. */
function endOf(before: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (chunk.length >= tailBytes) return chunk.slice(-tailBytes);
  const kept = before.subarray(Math.max(0, before.length + chunk.length - tailBytes));
  const joined = new Uint8Array(kept.length + chunk.length);
  joined.set(kept);
  joined.set(chunk, kept.length);
  return joined;
}

/** An archive ends in zeros; an error, in the JSON of a progress line. */
function lateError(tail: Uint8Array): string | undefined {
  const text = new TextDecoder('latin1').decode(tail);
  const at = text.lastIndexOf('{"errorDetail"');
  if (at < 0 || !text.trimEnd().endsWith('}')) return undefined;
  try {
    const line = new TextDecoder().decode(tail.subarray(at));
    return printable(asString(asObject(parseJson(line))?.['error']) ?? 'without a reason');
  } catch {
    return undefined; // the bytes of some layer
  }
}
