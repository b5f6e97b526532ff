import { createHash } from 'node:crypto';
import { Refusal } from './exchange.js';

/** A manifest or an index as it was pushed. */
export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** Digest of the manifest that it is about. */
  readonly subject: string | undefined;
}

export interface StoredRepository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
}

export const manifestTypes = {
  manifest: ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'],
  index: ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'],
} as const;

const manifestBytes = 4 * 1024 * 1024;

/** What the registry holds, by repository. */
export class Content {
  readonly #repositories = new Map<string, StoredRepository>();

  get names(): readonly string[] {
    return [...this.#repositories.keys()];
  }

  /** @throws Refusal when nothing was ever put there */
  repository(name: string): StoredRepository {
    const found = this.#repositories.get(name);
    if (!found) throw new Refusal(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    return found;
  }

  find(name: string): StoredRepository | undefined {
    return this.#repositories.get(name);
  }

  make(name: string): StoredRepository {
    const there = this.#repositories.get(name);
    if (there) return there;
    const made = { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.#repositories.set(name, made);
    return made;
  }

  /** Looks a manifest up by tag or digest. */
  manifest(name: string, reference: string): StoredManifest {
    const { manifests, tags } = this.repository(name);
    const found = manifests.get(reference.includes(':') ? reference : (tags.get(reference) ?? ''));
    if (!found) throw new Refusal(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`);
    return found;
  }

  blob(name: string, digest: string): Uint8Array {
    if (!digestPattern.test(digest)) throw new Refusal(400, 'DIGEST_INVALID', 'not a digest');
    const found = this.repository(name).blobs.get(digest);
    if (!found) throw new Refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    return found;
  }

  /** Checks a manifest as it is pushed. Nothing it names may be missing. */
  checkManifest(name: string, bytes: Uint8Array, mediaType: string): void {
    if (bytes.length > manifestBytes) throw new Refusal(413, 'SIZE_INVALID', 'manifest too large');
    const kind = (['manifest', 'index'] as const).find((each) =>
      manifestTypes[each].some((type) => type === mediaType),
    );
    if (!kind) throw new Refusal(415, 'MANIFEST_INVALID', `unknown media type ${mediaType}`);
    const document = parse(bytes);
    if (document['schemaVersion'] !== 2) throw new Refusal(400, 'MANIFEST_INVALID', 'schemaVersion is not 2');
    if (document['mediaType'] !== undefined && document['mediaType'] !== mediaType) {
      throw new Refusal(400, 'MANIFEST_INVALID', 'the Content-Type is not the mediaType of the manifest');
    }
    const repository = this.make(name);
    if (kind === 'index') {
      for (const { digest } of list(document['manifests'])) {
        if (!repository.manifests.has(digest)) {
          throw new Refusal(404, 'MANIFEST_UNKNOWN', `the index names ${digest}, which is not here`);
        }
      }
      return;
    }
    for (const { digest, size } of list([document['config'], ...list(document['layers'])])) {
      const blob = repository.blobs.get(digest);
      if (!blob) throw new Refusal(404, 'MANIFEST_BLOB_UNKNOWN', `the manifest names ${digest}, which is not here`);
      if (blob.length !== size) throw new Refusal(400, 'MANIFEST_INVALID', `the size of ${digest} is wrong`);
    }
  }

  putManifest(name: string, reference: string, bytes: Uint8Array, mediaType: string): StoredManifest {
    const algorithm = /^(sha256|sha384|sha512):/.exec(reference)?.[1] ?? 'sha256';
    const digest = digestOf(bytes, algorithm);
    if (reference.includes(':') && reference !== digest) {
      throw new Refusal(400, 'DIGEST_INVALID', 'the digest is not that of the manifest');
    }
    const repository = this.make(name);
    const stored = { bytes, mediaType, digest, ...describe(bytes) };
    repository.manifests.set(digest, stored);
    if (reference !== '' && !reference.includes(':')) repository.tags.set(reference, digest);
    return stored;
  }
}

export const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

interface Named {
  readonly digest: string;
  readonly size: number;
}

function list(value: unknown): readonly Named[] {
  return (Array.isArray(value) ? value : []) as readonly Named[];
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal(400, 'MANIFEST_INVALID', 'not a JSON object');
}

/** What the referrers API tells of a manifest. Tests may put in bytes that are no manifest at all. */
function describe(bytes: Uint8Array): Pick<StoredManifest, 'artifactType' | 'annotations' | 'subject'> {
  try {
    const document = parse(bytes);
    const config = document['config'] as { readonly mediaType?: string } | undefined;
    const subject = document['subject'] as { readonly digest?: string } | undefined;
    return {
      artifactType: (document['artifactType'] as string | undefined) ?? config?.mediaType,
      annotations: document['annotations'] as Record<string, string> | undefined,
      subject: subject?.digest,
    };
  } catch {
    return { artifactType: undefined, annotations: undefined, subject: undefined };
  }
}
