import { createHash } from 'node:crypto';
import { load } from 'js-yaml';
import { ExampleError, mapping, optionalText, text, texts } from './record.js';

/** What the table says of a package, whatever its version. */
export interface ApkFacts {
  readonly source: string;
  readonly license: string;
  readonly maintainer: string;
  readonly depends: readonly string[];
  readonly provides: readonly string[];
  readonly files: readonly string[];
}

export type ApkTable = ReadonlyMap<string, ApkFacts>;

/** Reads the table of packages that all examples on Alpine share. */
export function readApkTable(source: string): ApkTable {
  const entries = Object.entries(mapping(load(source), 'packages.yaml'));
  return new Map(entries.map(([name, value]) => [name, toFacts(name, value)]));
}

/** The facts of a package; a name that the table does not have is a mistake in the description. */
export function apkFacts(table: ApkTable, name: string): ApkFacts {
  const facts = table.get(name);
  if (!facts) throw new ExampleError(`apk: the table of packages does not have ${name}`);
  return facts;
}

/**
 * `lib/apk/db/installed` for these packages, in their order: one stanza each.
 * https://wiki.alpinelinux.org/wiki/Apk_spec
 */
export function apkDatabase(installed: ReadonlyMap<string, string>, table: ApkTable): string {
  return [...installed].map(([name, version]) => stanza(name, version, apkFacts(table, name))).join('');
}

function stanza(name: string, version: string, facts: ApkFacts): string {
  const lines = [
    `C:Q1${digest(`${name} ${version}`)}`,
    `P:${name}`,
    `V:${version}`,
    'A:x86_64',
    'S:4096',
    'I:8192',
    `T:${name}`,
    'U:https://alpinelinux.org/',
    `L:${facts.license}`,
    `o:${facts.source}`,
    `m:${facts.maintainer}`,
    't:0',
    ...(facts.depends.length > 0 ? [`D:${facts.depends.join(' ')}`] : []),
    ...(facts.provides.length > 0 ? [`p:${facts.provides.join(' ')}`] : []),
    ...fileLines(facts.files),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** Folders (`F:`), each followed by its files (`R:`) and the digest of each (`Z:`). */
function fileLines(files: readonly string[]): string[] {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    const slash = file.lastIndexOf('/');
    const folder = file.slice(0, slash);
    folders.set(folder, [...(folders.get(folder) ?? []), file.slice(slash + 1)]);
  }
  return [...folders].flatMap(([folder, names]) => [
    `F:${folder}`,
    ...names.flatMap((name) => [`R:${name}`, 'a:0:0:755', `Z:Q1${digest(`${folder}/${name}`)}`]),
  ]);
}

function digest(of: string): string {
  return createHash('sha1').update(of).digest('base64');
}

function toFacts(name: string, value: unknown): ApkFacts {
  const data = mapping(value, name, ['source', 'license', 'maintainer', 'depends', 'provides', 'files']);
  return {
    source: optionalText(data['source'], name) ?? name,
    license: text(data['license'], name),
    maintainer: optionalText(data['maintainer'], name) ?? 'Natanael Copa <ncopa@alpinelinux.org>',
    depends: texts(data['depends'], name),
    provides: texts(data['provides'], name),
    files: texts(data['files'], name),
  };
}
