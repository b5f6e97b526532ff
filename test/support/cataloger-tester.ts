import {
  type CatalogOptions,
  createLayerCatalog,
  type ImageFacts,
  type LayerFacts,
  type SquashOptions,
  squashLayers,
} from '../../src/packages/index.js';
import type { LayerEntry } from '../../src/image/index.js';

/** What lies at a path: the content of a file, or something else. */
export type TreeEntry =
  | string
  | Uint8Array
  | { readonly symlink: string }
  | { readonly hardlink: string }
  | { readonly kind: 'directory' | 'device' | 'whiteout' | 'opaque' };

/** One layer, in order: clean paths (of a whiteout the path that it removes) to what lies there. */
export type LayerTree = Readonly<Record<string, TreeEntry>>;

export const directory = { kind: 'directory' } as const;
export const device = { kind: 'device' } as const;
export const whiteout = { kind: 'whiteout' } as const;
export const opaque = { kind: 'opaque' } as const;

export interface CatalogedTree {
  readonly facts: LayerFacts;
  /** Files whose bytes were asked for, sorted. */
  readonly asked: readonly string[];
}

const everything: CatalogOptions = { kinds: { language: true } };
let layerCount = 0;

/** Shows a layer to the catalog as reading it from an archive would. */
export function catalogTree(
  tree: LayerTree | readonly (readonly [string, TreeEntry])[],
  options: Partial<CatalogOptions> = {},
): CatalogedTree {
  const catalog = createLayerCatalog({ ...everything, ...options });
  const { visitor } = catalog;
  const contents = new Map<string, Uint8Array>();
  const asked = new Set<string>();
  for (const [path, value] of Array.isArray(tree) ? tree : Object.entries(tree)) {
    const entry = entryOf(path, value, contents);
    visitor.entry(entry);
    const bytes = contents.get(entry.kind === 'hardlink' ? (entry.linkTarget ?? '') : path);
    if ((entry.kind !== 'file' && entry.kind !== 'hardlink') || !bytes) continue;
    // A hard link may lead to a hard link.
    contents.set(path, bytes);
    const allowed = visitor.wants({ ...entry, sizeBytes: bytes.length });
    if (allowed === 0) continue;
    asked.add(path);
    if (bytes.length > allowed) visitor.tooLarge(entry, allowed);
    else visitor.file(entry, bytes);
  }
  const diffId = `sha256:${(++layerCount).toString(16).padStart(64, '0')}`;
  const facts = catalog.finish({ digest: diffId, diffId, uncompressedBytes: 10_240, compression: 'none' });
  return { facts, asked: [...asked].sort() };
}

/** The facts of an image of these layers, bottom first. */
export function squashTrees(
  trees: readonly (LayerTree | readonly (readonly [string, TreeEntry])[])[],
  options: SquashOptions & { readonly catalog?: Partial<CatalogOptions> } = {},
): ImageFacts {
  const kinds = options.kinds ?? everything.kinds;
  return squashLayers(
    trees.map((tree) => catalogTree(tree, { kinds, ...options.catalog }).facts),
    options,
  );
}

/** `name version` of each package, in order; with its layer where asked for. */
export function namesOf(packages: ImageFacts['osPackages'], withLayer = false): readonly string[] {
  return packages.map(({ package: { name, version, release }, layerIndex }) => {
    const text = `${name} ${version}${release ? `-${release}` : ''}`;
    return withLayer ? `${text} @${layerIndex}` : text;
  });
}

function entryOf(path: string, value: TreeEntry, contents: Map<string, Uint8Array>): LayerEntry {
  const common = { path, sizeBytes: 0, mode: 0o644 };
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    contents.set(path, bytes);
    return { ...common, kind: 'file', sizeBytes: bytes.length };
  }
  if ('symlink' in value) return { ...common, kind: 'symlink', linkTarget: value.symlink };
  if ('hardlink' in value) return { ...common, kind: 'hardlink', linkTarget: value.hardlink };
  return { ...common, kind: value.kind };
}
