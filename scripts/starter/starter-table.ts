import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYamlDocuments } from '../../src/formats/index.js';

/** One document of the starter table, as it was read: nothing of its shape is known yet. */
export interface StarterDocument {
  readonly file: string;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A fact of an `advisories/v1` document. */
export interface StarterFact {
  readonly file: string;
  readonly scope: string;
  readonly packageName: string;
  readonly id: string;
  /** A version, or the long form. */
  readonly value: unknown;
}

/** All documents of data/starter, by file name. Keys that come twice, and other broken YAML, throw. */
export function readStarterTable(folder: string): readonly StarterDocument[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return parseYamlDocuments(text, { name: file, maxBytes: 16_000_000 }).map((data) => ({
        file,
        text,
        data: record(data),
      }));
    });
}

/** The facts of all documents, in the order of the files. */
export function factsOf(documents: readonly StarterDocument[]): readonly StarterFact[] {
  return documents.filter(isAdvisories).flatMap(({ file, data }) =>
    Object.entries(record(data['advisories'])).flatMap(([packageName, facts]) =>
      Object.entries(record(facts)).map(([id, value]) => ({
        file,
        scope: textOf(data['scope']),
        packageName,
        id,
        value,
      })),
    ),
  );
}

/** The reviewed packages of each scope, over all documents that speak of it. */
export function reviewedOf(documents: readonly StarterDocument[]): ReadonlyMap<string, ReadonlySet<string>> {
  const scopes = new Map<string, Set<string>>();
  for (const { data } of documents.filter(isAdvisories)) {
    const scope = textOf(data['scope']);
    const names = Array.isArray(data['reviewed']) ? data['reviewed'].map(String) : [];
    scopes.set(scope, new Set([...(scopes.get(scope) ?? []), ...names]));
  }
  return scopes;
}

/** The fixed version that a fact states, in its short or its long form. */
export function fixedVersionOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { fixed } = record(value);
  return typeof fixed === 'string' ? fixed : undefined;
}

export function isAdvisories({ data }: StarterDocument): boolean {
  return data['tidewaiter'] === 'advisories/v1';
}

export function isVulnerabilities({ data }: StarterDocument): boolean {
  return data['tidewaiter'] === 'vulnerabilities/v1';
}

/** The value as a mapping; an empty one where it is none. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The value as it would be written: text as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
