import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { parse } from 'yaml';
import { TarParser } from '../../src/formats/index.js';

/** Fixed versions by identifier by source package, as one release of Alpine's security database gives them. */
export type SecdbRelease = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

interface SecdbFile {
  readonly packages?: readonly {
    readonly pkg: {
      readonly name: string;
      readonly secfixes?: Readonly<Record<string, readonly (string | number)[] | null>>;
    };
  }[];
}

/** Every release in a zstd-compressed tar of Alpine's security database (`.../v3.11/main.yaml`), by its number. */
export function readSecdbArchive(path: string): ReadonlyMap<string, SecdbRelease> {
  const releases = new Map<string, Map<string, Map<string, Set<string>>>>();
  const parser = new TarParser({
    entry: ({ path: name }) => (/\/v\d+\.\d+\/(?:main|community)\.yaml$/.test(name) ? 16_000_000 : 0),
    file: ({ path: name }, bytes) => {
      const release = /\/v(\d+\.\d+)\//.exec(name)?.[1] ?? '';
      const packages = releases.get(release) ?? new Map<string, Map<string, Set<string>>>();
      releases.set(release, packages);
      addFile(parse(new TextDecoder().decode(bytes)), packages);
    },
    tooLarge: ({ path: name }) => {
      throw new Error(`${name} is too large`);
    },
  });
  parser.feed(decompress(readFileSync(path)));
  parser.end();
  return releases;
}

function addFile(file: SecdbFile, packages: Map<string, Map<string, Set<string>>>): void {
  for (const { pkg } of file.packages ?? []) {
    const facts = packages.get(pkg.name) ?? new Map<string, Set<string>>();
    packages.set(pkg.name, facts);
    for (const [version, cells] of Object.entries(pkg.secfixes ?? {})) {
      for (const id of (cells ?? []).flatMap((cell) => String(cell).split(/\s+/))) {
        facts.set(id, (facts.get(id) ?? new Set<string>()).add(version));
      }
    }
  }
}
