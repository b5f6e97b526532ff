import { TidewaiterError } from '../core/index.js';

/** What the command line or the terminal's side can get wrong. */
export class CliError extends TidewaiterError<
  | 'UNKNOWN_COMMAND'
  | 'UNKNOWN_OPTION'
  | 'MISSING_ARGUMENT'
  | 'TOO_MANY_ARGUMENTS'
  | 'OUTPUT_IS_FOLDER'
  | 'OUTPUT_NOT_WRITABLE'
  | 'NO_MANIFESTS'
  | 'NO_CASES'
  | 'NO_POLICY'
  | 'NOT_OURS'
  | 'NOTHING_APPLIED'
  | 'TIMEOUT'
  | 'INTERRUPTED'
> {}
