import { TidewaiterError } from '../core/index.js';

/** A file of exceptions that cannot be used as it stands: guessing what it meant could hide findings. */
export class ScreeningError extends TidewaiterError<'INVALID_EXCEPTION'> {}
