import { TidewaiterError } from '../core/index.js';

/** A server that cannot start. */
export class ServerError extends TidewaiterError<
  'INVALID_ADDRESS' | 'CANNOT_LISTEN' | 'INVALID_CERTIFICATE' | 'INVALID_PAGE_TOKEN' | 'PAGE_MISSING'
> {}
