import type { BoltBucket } from '../../formats/index.js';
import {
  type Digest,
  formatFamiliar,
  formatReference,
  parseDigest,
  parseReference,
  type Reference,
} from '../../reference/index.js';
import {
  ContainerdNamespace,
  type ContainerdRecord,
  type ContainerdTarget,
  namespacesOf,
} from './containerd-namespace.js';

/** An image that containerd keeps, as far as its metadata tells. */
export interface ContainerdImage {
  readonly namespace: string;
  /** Of the record that was found. */
  readonly name: string;
  readonly target: ContainerdTarget;
  /** The target's, or that of a manifest or config below it which is meant. */
  readonly digest: Digest;
  /** All names of the target, in full, as containerd's own tools list them. */
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Another namespace, of those that were asked, has another image of this name. */
  readonly otherNamespace?: string | undefined;
}

export interface ContainerdAnswer {
  readonly image?: ContainerdImage | undefined;
  /** Digests that a shortened id could mean, when they are several. */
  readonly ambiguous?: readonly Digest[] | undefined;
  /** All namespaces that there are. */
  readonly namespaces: readonly string[];
}

/**
 * What a name, an image id or the beginning of one means; namespaces are asked in order.
 * @throws FormatError where the metadata is damaged
 */
export function findContainerdImage(
  root: BoltBucket,
  options: { readonly typed: string; readonly namespaces: readonly string[] },
): ContainerdAnswer {
  const namespaces = namespacesOf(root);
  let image: ContainerdImage | undefined;
  for (const name of options.namespaces) {
    const namespace = ContainerdNamespace.of(root, name);
    const hits = namespace ? find(namespace, options.typed) : [];
    const [first, ...others] = hits;
    if (!namespace || !first) continue;
    if (image) {
      if (image.digest !== first.digest) image = { ...image, otherNamespace: name };
      continue;
    }
    if (others.length > 0) return { ambiguous: hits.map((hit) => hit.digest), namespaces };
    image = complete(namespace, first);
  }
  return { image, namespaces };
}

interface Hit {
  readonly record: ContainerdRecord;
  readonly digest: Digest;
}

function find(namespace: ContainerdNamespace, typed: string): readonly Hit[] {
  const id = /^(?:sha256:)?([0-9a-f]{7,64})$/.exec(typed)?.[1];
  const isOnlyId = id !== undefined && (id.length === 64 || typed.startsWith('sha256:'));
  const byName = isOnlyId ? undefined : findByName(namespace, typed, parseReference(typed));
  if (byName) return [byName];
  return id === undefined ? [] : findById(namespace, id);
}

/** Names are stored in full; whoever calls containerd directly can store others. */
function findByName(namespace: ContainerdNamespace, typed: string, reference: Reference): Hit | undefined {
  const { digest } = reference;
  for (const name of new Set([formatReference(reference), typed, formatFamiliar(reference)])) {
    const record = namespace.find(name);
    if (record && (digest === undefined || record.target.digest === digest)) {
      return { record, digest: record.target.digest };
    }
  }
  return digest === undefined ? undefined : findByDigest(namespace, reference, digest);
}

/** Of the images of a repository, whatever their tags, one that is the digest or leads to it. */
function findByDigest(namespace: ContainerdNamespace, reference: Reference, digest: Digest): Hit | undefined {
  const { registry, repository } = reference;
  const records: ContainerdRecord[] = [];
  const bare = { registry, repository };
  for (const name of new Set([formatReference(bare), formatFamiliar(bare)])) {
    for (const sign of [':', '@']) {
      for (const record of namespace.startingWith(name + sign)) {
        if (!record.name.slice(name.length).includes('/')) records.push(record);
      }
    }
  }
  const direct = records.find((record) => record.target.digest === digest);
  const record =
    direct ?? records.find(({ target }) => namespace.findBelow(target.digest, (below) => below === digest));
  return record && { record, digest };
}

/** CRI names every image after its config too; of other images, targets and what is below them are looked at. */
function findById(namespace: ContainerdNamespace, hex: string): readonly Hit[] {
  const begins = (digest: string) => digest.startsWith(`sha256:${hex}`);
  const hits = new Map<Digest, Hit>();
  const records = [...namespace.startingWith('')];
  for (const record of records) {
    const config = begins(record.name) ? tryDigest(record.name) : undefined;
    if (config) hits.set(config, { record, digest: config });
    if (begins(record.target.digest)) hits.set(record.target.digest, { record, digest: record.target.digest });
  }
  for (const record of records) {
    const digest = namespace.findBelow(record.target.digest, begins);
    if (digest && !hits.has(digest)) hits.set(digest, { record, digest });
  }
  return [...hits.values()];
}

function complete(namespace: ContainerdNamespace, { record, digest }: Hit): ContainerdImage {
  const { target, name } = record;
  const tags = new Set<string>();
  const digests = new Set<string>();
  for (const other of namespace.startingWith('')) {
    const reference = other.target.digest === target.digest ? tryParse(other.name) : undefined;
    if (!reference) continue;
    const { registry, repository, tag } = reference;
    if (tag !== undefined) tags.add(formatReference({ registry, repository, tag }));
    digests.add(formatReference({ registry, repository, digest: target.digest }));
  }
  const lists = { repoTags: [...tags].toSorted(), repoDigests: [...digests].toSorted() };
  return { namespace: namespace.name, name, target, digest, ...lists };
}

function tryDigest(text: string): Digest | undefined {
  try {
    return parseDigest(text);
  } catch {
    return undefined; // a name like any other
  }
}

/** Not ids, and not what `ctr images import` calls images that have no name. */
function tryParse(name: string): Reference | undefined {
  if (/^sha(?:256|384|512):/.test(name) || /^import-\d{4}-\d\d-\d\d@/.test(name)) return undefined;
  try {
    return parseReference(name);
  } catch {
    return undefined;
  }
}
