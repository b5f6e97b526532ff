/**
 * The parts of undici that are used, each by its own path: its root loads all of it, which takes three times as long.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Dispatcher, Pool as Original } from 'undici';
  export default class Pool extends Dispatcher {
    constructor(origin: string, options: Original.Options);
  }
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  export type RequestOptions = Omit<Dispatcher.RequestOptions, 'body'> & {
    readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
  };
  /** To be called upon a dispatcher. */
  export default function request(this: Dispatcher, options: RequestOptions): Promise<Dispatcher.ResponseData>;
}
