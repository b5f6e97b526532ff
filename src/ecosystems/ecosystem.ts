import type { SchemeId } from '../versions/index.js';

/** All that differs between kinds of language packages: one record an application type. */
export interface Ecosystem {
  /** Application type as reports spell it. */
  readonly id: string;
  /** What the database's buckets start with, without the `::`. */
  readonly databaseName: string;
  readonly scheme: SchemeId;
  readonly purlType: string;
  /** The name as the database's keys have it. */
  normalizeName(name: string): string;
  /** Namespace and name as package URLs have them. */
  purlName(name: string): { readonly namespace?: string | undefined; readonly name: string };
  /** Target that all packages of this type share; absent: each file is a target of its own. */
  readonly aggregatedTarget?: string | undefined;
}
