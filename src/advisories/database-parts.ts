import type { RandomAccess } from '../core/index.js';
import type { Metadata } from './metadata.js';

/** Where a database comes from. */
export type DatabaseKind = 'starter' | 'installed' | 'file';

/** What a database is made of once its files are open. */
export interface DatabaseParts {
  readonly kind: DatabaseKind;
  readonly location: string;
  readonly access: RandomAccess;
  readonly metadata: Metadata | undefined;
  readonly digest?: string | undefined;
  close(): void;
}
