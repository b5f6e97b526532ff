import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface Import {
  /** File that imports, relative to the repository, with `/`. */
  readonly from: string;
  /** The text between the quotes. */
  readonly specifier: string;
  /** The imported file, relative to the repository; absent for packages and `node:` modules. */
  readonly target?: string | undefined;
}

/** Every file of a folder, relative to the repository, sorted. */
export function filesOf(repoRoot: string, folder: string, suffix: string): readonly string[] {
  return readdirSync(join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith(suffix) && !file.includes('node_modules'))
    .sort();
}

/** Static, dynamic and re-exporting imports of one file; type imports count too. */
export function importsOf(repoRoot: string, file: string): readonly Import[] {
  const text = readFileSync(join(repoRoot, file), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const found: Import[] = [];
  for (const match of text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^'\n]+)'/g)) {
    const specifier = match[1] ?? '';
    const target = specifier.startsWith('.')
      ? relative(repoRoot, resolve(repoRoot, dirname(file), specifier)).replace(/\.js$/, '.ts')
      : undefined;
    found.push({ from: file, specifier, target });
  }
  return found;
}
