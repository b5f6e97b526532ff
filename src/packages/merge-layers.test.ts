import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  device,
  directory,
  namesOf,
  opaque,
  squashTrees,
  type TreeEntry,
  whiteout,
} from '../../test/support/cataloger-tester.js';
import type { ImageFacts } from './image-facts.js';

type Layer = readonly (readonly [path: string, entry: TreeEntry])[];

/** A file system in memory: what a plain unpacking of the layers, one over the other, leaves. */
class ReferenceRoot {
  readonly #nodes = new Map<string, TreeEntry>();

  unpack(layer: Layer): void {
    for (const [path, entry] of layer) {
      if (entry === whiteout) this.#remove(path);
      else if (entry === opaque) this.#removeBelow(path);
    }
    for (const [path, entry] of layer) {
      const place = entry === whiteout ? folderOf(path) : path;
      if (place === '') continue;
      this.#makeFolders(folderOf(place));
      if (entry === whiteout || entry === opaque || entry === directory) this.#makeFolders(place);
      else this.#replace(place, entry);
    }
  }

  get files(): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    for (const [path, entry] of this.#nodes) if (typeof entry === 'string') files.set(path, entry);
    return files;
  }

  #replace(path: string, entry: TreeEntry): void {
    this.#remove(path);
    const content = typeof entry === 'object' && 'hardlink' in entry ? this.#nodes.get(entry.hardlink) : entry;
    if (content !== undefined) this.#nodes.set(path, content);
  }

  #makeFolders(path: string): void {
    for (let at = path; at !== ''; at = folderOf(at)) {
      if (this.#nodes.get(at) === directory) continue;
      this.#nodes.delete(at);
      this.#nodes.set(at, directory);
    }
  }

  #remove(path: string): void {
    this.#nodes.delete(path);
    this.#removeBelow(path);
  }

  #removeBelow(path: string): void {
    const prefix = path === '' ? '' : `${path}/`;
    const below = Array.from(this.#nodes.keys()).filter((each) => each.startsWith(prefix));
    for (const each of below) this.#nodes.delete(each);
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

const folders = [
  'srv',
  'srv/a',
  'srv/a/b',
  'srv/ab',
  'opt',
  'opt/x.dist-info',
  'var/lib/dpkg',
  'var/lib',
  'var',
  'lib',
];
const packageFiles = [
  'srv/package.json',
  'srv/a/package.json',
  'srv/a/b/package.json',
  'srv/ab/package.json',
  'opt/x.dist-info/METADATA',
  'opt/x.egg-info',
  'lib/apk/db/installed',
  'var/lib/dpkg/status',
  'var/lib/dpkg/status.d/one',
  'var/lib/dpkg/status.d/two',
];
const elsewhere = ['srv/a/file', 'opt/file', 'var/lib/file'];

const versions = [0, 1, 2, 3, 4, 5];

function formOf(path: string): 'node' | 'apk' | 'dpkg' | 'python' {
  if (path.endsWith('.json')) return 'node';
  if (path.startsWith('lib/apk')) return 'apk';
  return path.startsWith('var/lib/dpkg') ? 'dpkg' : 'python';
}

/** A file at the path that declares one package, of a name that only it has. */
function packageAt(path: string, version: number): string {
  const name = nameAt(path, version);
  const contents = {
    node: JSON.stringify({ name, version: '1.0.0' }),
    apk: `P:${name}\nV:1.0.0-r0\n\n`,
    dpkg: `Package: ${name}\nVersion: 1.0.0-1\n\n`,
    python: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0.0\n\n`,
  };
  return contents[formOf(path)];
}

function nameAt(path: string, version: number): string {
  return `${path.replaceAll(/[^a-z]/gi, '-').toLowerCase()}-${version}`;
}

const anyPath = fc.constantFrom(...folders, ...packageFiles, ...elsewhere);
const removed = fc.tuple(anyPath, fc.constant<TreeEntry>(whiteout));
const emptied = fc.tuple(fc.constantFrom('', ...folders), fc.constant<TreeEntry>(opaque));
const declared = fc
  .tuple(fc.constantFrom(...packageFiles), fc.constantFrom(...versions))
  .map(([path, version]): [string, TreeEntry] => [path, packageAt(path, version)]);
const repeated = fc
  .tuple(fc.constantFrom(...packageFiles), fc.constantFrom(...packageFiles, ...elsewhere))
  .map(([path, hardlink]): [string, TreeEntry] => [path, { hardlink }]);
const otherwise = fc.tuple(
  anyPath,
  fc.constantFrom<TreeEntry>(directory, device, { symlink: '/nowhere' }, { symlink: 'package.json' }),
);
const plain = fc
  .tuple(fc.constantFrom(...folders, ...elsewhere), fc.constant<TreeEntry>('{}'))
  .map(([path, entry]): [string, TreeEntry] => [path, entry]);
const anyEntry: fc.Arbitrary<readonly [string, TreeEntry]> = fc.oneof(
  { weight: 4, arbitrary: declared },
  { weight: 2, arbitrary: removed },
  emptied,
  repeated,
  otherwise,
  plain,
);
/** No path twice, no file with something below it, links to what stands before: what writers of layers make. */
const anyLayer = fc.array(anyEntry, { maxLength: 8 }).map(consistent);

function consistent(entries: Layer): Layer {
  const kept: (readonly [string, TreeEntry])[] = [];
  for (const entry of entries) {
    const [, what] = entry;
    const leadsSomewhere = isNoHardLink(what) || kept.some(([path]) => path === what.hardlink);
    if (leadsSomewhere && kept.every((before) => canStandBeside(entry, before))) kept.push(entry);
  }
  return kept;
}

function isNoHardLink(entry: TreeEntry): entry is Exclude<TreeEntry, { readonly hardlink: string }> {
  return typeof entry === 'string' || entry instanceof Uint8Array || !('hardlink' in entry);
}

function canStandBeside([path, entry]: Layer[number], [otherPath, otherEntry]: Layer[number]): boolean {
  if (path === otherPath)
    return (entry === opaque && otherEntry === directory) || (entry === directory && otherEntry === opaque);
  const [outer, inner] =
    path.length < otherPath.length ? [{ path, entry }, otherPath] : [{ path: otherPath, entry: otherEntry }, path];
  const holds = outer.path === '' || inner.startsWith(`${outer.path}/`);
  return !holds || [directory, opaque, whiteout].includes(outer.entry as typeof directory);
}

function seen(image: ImageFacts): readonly string[] {
  const packages = [...image.osPackages, ...image.applications.flatMap((each) => each.packages)];
  return [...new Set(namesOf(packages).map((text) => text.split(' ')[0] ?? ''))].sort();
}

test('what is visible is what unpacking the layers one over the other leaves', () => {
  fc.assert(
    fc.property(fc.array(anyLayer, { minLength: 1, maxLength: 5 }), (layers) => {
      const root = new ReferenceRoot();
      for (const layer of layers) root.unpack(layer);
      const expected = [...root.files].flatMap(([path, content]) => {
        if (!packageFiles.includes(path)) return [];
        const sources = packageFiles.filter((source) => formOf(source) === formOf(path));
        return sources.flatMap((source) =>
          versions.filter((each) => content === packageAt(source, each)).map((each) => nameAt(source, each)),
        );
      });
      assert.deepEqual(seen(squashTrees(layers)), [...new Set(expected)].sort());
    }),
    { numRuns: 1500 },
  );
});
