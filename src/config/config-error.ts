import { TidewaiterError } from '../core/index.js';

/** Wrong settings, wherever they come from: the user has to change something before a run makes sense. */
export class ConfigError extends TidewaiterError<
  | 'INVALID_VALUE'
  | 'NOT_SERVED'
  | 'OPTION_GONE'
  | 'CONFLICT'
  | 'CONFIG_FILE_NOT_FOUND'
  | 'CONFIG_FILE_INVALID'
  | 'FILE_NOT_FOUND'
  | 'FILE_INVALID'
  | 'NO_IMAGE'
> {}
