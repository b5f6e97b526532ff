import type { Option } from '../option.js';
import { databaseOptions } from './database.js';
import { elsewhereOptions } from './elsewhere.js';
import { generalOptions, runOptions } from './general.js';
import { imageOptions } from './image.js';
import { registryOptions } from './registry.js';
import { reportOptions } from './report.js';
import { selectionOptions } from './selection.js';

export { admissionServeOptions, admissionTicketOptions } from './admission.js';
export { databaseOption, databaseRepositoryOption } from './database.js';
export { generalOptions } from './general.js';
export { keysWithoutEffect } from './keys-without-effect.js';
export { manifestImagesOptions, manifestOptions } from './manifest.js';
export { oldNames } from './old-names.js';
export { noOpaOption, opaOptions } from './opa.js';
export { checkOptions, policyExplainOptions, policyLintOptions, policyTestOptions } from './policy.js';
export { pullSecretOptions } from './pull-secrets.js';
export { connectionOptions, registryFileKeys, registryOptions, type FileKey } from './registry.js';

/** Everything that `tidewaiter image` understands, but the former names. */
export const imageCommandOptions: readonly Option[] = [
  ...imageOptions,
  ...reportOptions,
  ...selectionOptions,
  ...databaseOptions,
  ...registryOptions,
  ...runOptions,
  ...generalOptions,
  ...elsewhereOptions,
];
