import type { Context } from '../core/index.js';
import type { Descriptor } from '../oci/index.js';
import type { Digest, Reference } from '../reference/index.js';
import { downloadBlob } from './download.js';
import { type Endpoint, mainEndpoint, pullEndpoints, repositoryAt } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError } from './failures.js';
import { listReferrers, listTags } from './listings.js';
import { fetchManifestFrom, findManifestAt } from './manifests.js';
import { pause } from './pause.js';
import { pushManifestTo } from './push-manifest.js';
import type {
  BlobSource,
  FetchBlobOptions,
  FetchedManifest,
  PushBlobOptions,
  PushedBlob,
  RegistryClient,
  RegistryOptions,
  Repository,
  TriedCredentials,
} from './registry-client.js';
import { Session } from './session.js';
import { tryCredentials, type TriedName } from './try-credentials.js';
import { uploadBlob } from './upload.js';

/** A client over a given HTTP client, which stays the caller's to close. Makes no request before it is asked for something. */
export function createRegistryClient(options: RegistryOptions): RegistryClient {
  return new Client(options);
}

/** What a mirror may lack without being the worse for it. */
const missing: ReadonlySet<string> = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN']);
/** After these a mirror is not asked again. */
const givenUp: ReadonlySet<string> = new Set(['REGISTRY_UNREACHABLE', 'DIGEST_MISMATCH']);

class Client implements RegistryClient {
  readonly #options: RegistryOptions;
  readonly #session: Session;
  readonly #deadMirrors = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#session = new Session(options);
  }

  async fetchManifest(context: Context, reference: Reference): Promise<FetchedManifest> {
    return await this.#pull(context, reference.registry, (endpoint) =>
      fetchManifestFrom(context, this.#session, endpoint, reference),
    );
  }

  async findManifest(context: Context, reference: Reference): Promise<Descriptor | undefined> {
    try {
      return await this.#pull(context, reference.registry, async (endpoint) => {
        const found = await findManifestAt(context, this.#session, endpoint, reference);
        if (found) return found;
        throw new RegistryError('MANIFEST_UNKNOWN', `${endpoint.host} has no such manifest`, { status: 404 });
      });
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404 && missing.has(error.code)) return undefined;
      throw error;
    }
  }

  fetchBlob(
    context: Context,
    { registry, repository }: Repository,
    blob: Pick<Descriptor, 'digest' | 'sizeBytes'>,
    options: FetchBlobOptions = {},
  ): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () =>
        downloadBlob(context, this.#session, {
          endpoints: this.#pullEndpoints(registry),
          repository,
          blob,
          start: options.start ?? 0,
          isChecked: options.unchecked !== true,
          pause: (ms) => this.#pause(context, ms),
          onGivenUp: (endpoint, error) => this.#passOver(context, endpoint, error),
        }),
    };
  }

  async hasBlob(context: Context, { registry, repository }: Repository, digest: Digest): Promise<boolean> {
    const endpoint = mainEndpoint(registry, this.#options);
    const path = `${repositoryAt(endpoint, repository)}/blobs/${digest}`;
    const target = { endpoint, repository, action: 'pull' } as const;
    const response = await this.#session.request(context, target, { method: 'HEAD', path });
    const words = await this.#session.words(response);
    if (response.status === 200 || response.status === 404) return response.status === 200;
    const asked = { endpoint, what: `blob ${digest} in ${repository}`, unknown: 'BLOB_UNKNOWN' } as const;
    throw answerError(asked, words, response.header('retry-after'));
  }

  fetchTags(context: Context, { registry, repository }: Repository): AsyncIterable<string> {
    const place = () => ({ endpoint: mainEndpoint(registry, this.#options), repository });
    return { [Symbol.asyncIterator]: () => listTags(context, this.#session, place()) };
  }

  async fetchReferrers(
    context: Context,
    { registry, repository }: Repository,
    digest: Digest,
    options: { readonly artifactType?: string | undefined } = {},
  ): Promise<readonly Descriptor[]> {
    const endpoint = mainEndpoint(registry, this.#options);
    const { artifactType } = options;
    return await listReferrers(context, this.#session, { endpoint, repository, digest, artifactType });
  }

  async pushBlob(
    context: Context,
    { registry, repository }: Repository,
    blob: BlobSource,
    options: PushBlobOptions = {},
  ): Promise<PushedBlob> {
    const endpoint = mainEndpoint(registry, this.#options);
    return await uploadBlob(context, this.#session, {
      endpoint,
      repository,
      blob,
      options,
      pause: (ms) => this.#pause(context, ms),
    });
  }

  async pushManifest(
    context: Context,
    reference: Reference,
    manifest: Omit<FetchedManifest, 'digest'>,
  ): Promise<Digest> {
    const endpoint = mainEndpoint(reference.registry, this.#options);
    return await pushManifestTo(context, this.#session, { endpoint, reference, manifest });
  }

  async tryCredentials(context: Context, name: TriedName): Promise<TriedCredentials> {
    return await tryCredentials(context, this.#session, mainEndpoint(name.registry, this.#options), name);
  }

  close(): Promise<void> {
    this.#session.forget();
    return Promise.resolve();
  }

  #pullEndpoints(registry: string): readonly Endpoint[] {
    return pullEndpoints(registry, this.#options).filter(
      (endpoint) => !endpoint.isMirror || !this.#deadMirrors.has(mirrorKey(endpoint)),
    );
  }

  /** The answer of the first mirror that has one, else that of the registry itself. */
  async #pull<Value>(context: Context, registry: string, ask: (endpoint: Endpoint) => Promise<Value>): Promise<Value> {
    for (const endpoint of this.#pullEndpoints(registry)) {
      if (!endpoint.isMirror) return await ask(endpoint);
      try {
        return await ask(endpoint);
      } catch (error) {
        if (!(error instanceof RegistryError) || error.code === 'OFFLINE') throw error;
        this.#passOver(context, endpoint, error);
      }
    }
    throw new RegistryError('UNSUPPORTED', `there is no endpoint for ${registry}`);
  }

  #passOver(context: Context, endpoint: Endpoint, error: RegistryError): void {
    context.log(missing.has(error.code) ? 'debug' : 'warn', `${error.message}; going on without this mirror`);
    if (givenUp.has(error.code)) this.#deadMirrors.add(mirrorKey(endpoint));
  }

  async #pause(context: Context, ms: number): Promise<void> {
    context.signal.throwIfAborted();
    await (this.#options.sleep?.(ms) ?? pause(ms, context.signal));
    context.signal.throwIfAborted();
  }
}

function mirrorKey({ host, prefix, registry }: Endpoint): string {
  return `${registry} ${host}/${prefix}`;
}
