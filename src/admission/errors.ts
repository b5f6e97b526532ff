import { TidewaiterError } from '../core/index.js';

/** What admission cannot work with. Whatever a review holds is no error: it is answered. */
export class AdmissionError extends TidewaiterError<'INVALID_TICKET' | 'INVALID_TICKET_KEY'> {}
