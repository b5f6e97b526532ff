import { TidewaiterError } from '../core/index.js';

export class ScanError extends TidewaiterError<'IMAGE_TOO_LARGE' | 'INVALID_REQUEST'> {}
