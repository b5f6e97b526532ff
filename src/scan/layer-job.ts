import type { MessagePort } from 'node:worker_threads';
import type { LayerDescription } from '../image/index.js';
import type { CatalogOptions } from '../packages/index.js';
import type { CatalogedLayer } from './layer-reader.js';

/** What a reading thread is asked for: the facts of a layer, or without options the hash of its stored bytes alone. */
export interface LayerJob {
  readonly layer: LayerDescription;
  /** Through which the bytes of a layer come that lies in no file. */
  readonly port?: MessagePort | undefined;
  readonly catalog?: CatalogOptions | undefined;
}

/** What it tells: how far it is, and once what came of it. */
export type LayerNews =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'cataloged'; readonly cataloged: CatalogedLayer }
  | { readonly kind: 'hashed'; readonly digest: string }
  | { readonly kind: 'failed'; readonly failure: LayerFailure };

/** An error, as far as it can be sent between threads. */
export interface LayerFailure {
  /** One of ours, by its class; anything else is `other`. */
  readonly from: 'image' | 'format' | 'other';
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly stack?: string | undefined;
}
