import type { CredentialSource } from '../credentials/index.js';
import type { CancelSignal, Context } from '../core/index.js';
import type { HttpClient } from '../http/index.js';
import type { Descriptor } from '../oci/index.js';
import type { Digest, Reference } from '../reference/index.js';

/** A repository of a registry: `docker.io` and `library/nginx`. */
export type Repository = Pick<Reference, 'registry' | 'repository'>;

/** A manifest or an index, as it lies in the registry; its bytes hash to its digest. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
}

/** A blob to push, readable from any of its bytes on. */
export interface BlobSource {
  readonly digest: Digest;
  readonly sizeBytes: number;
  open(start: number, signal: CancelSignal): AsyncIterable<Uint8Array>;
}

/**
 * A client of the OCI distribution specification 1.1 (and of registries that are older than it).
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 *
 * All methods throw `RegistryError`; messages name registry and repository and never a credential, a token or a query.
 */
export interface RegistryClient {
  /** By digest if the reference has one (checked), else by tag. */
  fetchManifest(context: Context, reference: Reference): Promise<FetchedManifest>;
  /**
   * The same without its bytes (HEAD, or GET where HEAD is refused); nothing when it is not there. The digest behind a
   * tag is then what the registry says.
   */
  findManifest(context: Context, reference: Reference): Promise<Descriptor | undefined>;
  /**
   * The bytes of a blob in order. A connection that breaks is taken up again where it broke (Range). After the last
   * byte size and digest are checked: whoever used the bytes before that used them unproved.
   */
  fetchBlob(
    context: Context,
    repository: Repository,
    blob: Pick<Descriptor, 'digest' | 'sizeBytes'>,
    options?: FetchBlobOptions,
  ): AsyncIterable<Uint8Array>;
  hasBlob(context: Context, repository: Repository, digest: Digest): Promise<boolean>;
  /** Tags in the registry's order, page by page. */
  fetchTags(context: Context, repository: Repository): AsyncIterable<string>;
  /** What refers to a manifest: by the referrers API, or the tag `sha256-<hex>` where the registry has none. */
  fetchReferrers(
    context: Context,
    repository: Repository,
    digest: Digest,
    options?: { readonly artifactType?: string | undefined },
  ): Promise<readonly Descriptor[]>;
  /** Mounts it from `mountFrom` if that works, sends nothing if it is there, else uploads it: whole, or in chunks. */
  pushBlob(context: Context, repository: Repository, blob: BlobSource, options?: PushBlobOptions): Promise<PushedBlob>;
  /**
   * Under the reference's tag, else its digest. What has a subject is added to the referrers' tag of that where the
   * registry says that it keeps no such list itself.
   */
  pushManifest(context: Context, reference: Reference, manifest: Omit<FetchedManifest, 'digest'>): Promise<Digest>;
  /**
   * What the registry says to each candidate credential, for explanations and `login`; asks for `pull` of the repository
   * when there is one, by its manifest when there is a tag or a digest. Mirrors are not asked.
   */
  tryCredentials(
    context: Context,
    name:
      | (Repository & { readonly tag?: string | undefined; readonly digest?: string | undefined })
      | { readonly registry: string; readonly repository?: undefined },
  ): Promise<TriedCredentials>;
  /** Forgets tokens. The HTTP client is the caller's to close. */
  close(): Promise<void>;
}

export interface FetchBlobOptions {
  /** First byte wanted; those before it were read earlier and are not checked. Then only the size is. */
  readonly start?: number | undefined;
  /** The caller hashes the bytes itself: here only their number is checked. */
  readonly unchecked?: boolean | undefined;
}

export interface PushBlobOptions {
  readonly mountFrom?: string | undefined;
  /** Send in pieces of this size; default: the whole blob in one request. */
  readonly chunkBytes?: number | undefined;
}

export interface PushedBlob {
  readonly how: 'present' | 'mounted' | 'uploaded';
}

/** What became of each candidate, in order; the first accepted one is used. */
export interface TriedCredentials {
  readonly tried: readonly TriedCredential[];
  /** What a request without a credential got; absent when none was made. */
  readonly anonymous?: { readonly accepted: boolean; readonly answer: string } | undefined;
}

export interface TriedCredential {
  readonly origin: string;
  readonly key?: string | undefined;
  readonly accepted: boolean;
  /** The registry's answer in words: `200`, `401 UNAUTHORIZED: authentication required`. */
  readonly answer: string;
}

export interface RegistryOptions {
  readonly http: HttpClient;
  readonly credentials: CredentialSource;
  /** Registries that may be spoken to in plain HTTP when they do not speak TLS; loopback ones always may. */
  readonly plainHttp?: 'all' | ReadonlySet<string> | undefined;
  /** By registry name: others to ask first, `host[:port][/prefix]`, perhaps with `http://`. Only for pulls. */
  readonly mirrors?: ReadonlyMap<string, readonly string[]> | undefined;
  /** By registry name: where it really is, `host[:port][/prefix]`, perhaps with `http://`. */
  readonly aliases?: ReadonlyMap<string, string> | undefined;
  /** For tests: waits between attempts; default is a timer that the context's signal ends. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
}
