import { isTidewaiterError } from '../core/index.js';

/**
 * The same for every command. When several hold: usage before failure before a failing verdict before incomplete. That
 * is the order of a run, too: settings are checked first, then the work is done, and only work that is done has a verdict.
 */
export const exitCodes = {
  pass: 0,
  verdictFails: 1,
  usage: 2,
  incomplete: 3,
  failure: 4,
} as const;

/** For the help text. */
export const exitCodeMeanings: readonly (readonly [number, string])[] = [
  [exitCodes.pass, 'the work is done and the verdict passes (findings alone do not fail without --exit-code)'],
  [exitCodes.verdictFails, 'the verdict fails; --exit-code N chooses another number'],
  [exitCodes.usage, 'the command line, the configuration or the ignore file is wrong'],
  [exitCodes.incomplete, 'something that was asked for could not be assessed; --incomplete allow accepts that'],
  [
    exitCodes.failure,
    'the work could not be done: a registry, the network, a file, the disk, the database, the time limit',
  ],
];

/** Codes of errors that the user mends by other words or another configuration; all others are failures to do the work. */
const usageErrors: ReadonlySet<string> = new Set([
  // the command line and the configuration
  'UNKNOWN_COMMAND',
  'UNKNOWN_OPTION',
  'MISSING_ARGUMENT',
  'TOO_MANY_ARGUMENTS',
  'INVALID_VALUE',
  'NOT_SERVED',
  'OPTION_GONE',
  'CONFLICT',
  'CONFIG_FILE_NOT_FOUND',
  'CONFIG_FILE_INVALID',
  'FILE_NOT_FOUND',
  'FILE_INVALID',
  'NO_IMAGE',
  'OUTPUT_IS_FOLDER',
  'NO_MANIFESTS',
  // set-ups of image admission
  'SELF_BLOCKING',
  'SETUP_INCOMPLETE',
  'NOT_EDITABLE',
  'NOTHING_APPLIED',
  // databases: where to fetch them from
  'INVALID_ADDRESS',
  // exceptions
  'INVALID_EXCEPTION',
  // policies and their cases
  'INVALID_POLICY',
  'INVALID_CASES',
  'NO_POLICY',
  'NO_CASES',
  // names and platforms; a wrong digest inside an image is not the user's
  'EMPTY',
  'SCHEME',
  'CREDENTIALS',
  'INVALID_REGISTRY',
  'INVALID_PORT',
  'UNDERSCORE_IN_REGISTRY',
  'EMPTY_COMPONENT',
  'UPPER_CASE',
  'INVALID_CHARACTER',
  'INVALID_SEPARATOR',
  'HEX_NAME',
  'REPOSITORY_TOO_LONG',
  'INVALID_TAG',
  'TAG_TOO_LONG',
  'INVALID_DIGEST',
  'INVALID_PLATFORM',
  // pull secrets, and files of credentials that were named
  'SECRET_INVALID',
  'NO_SECRET',
  'SECRET_INCOMPLETE',
  'SECRET_KEY_INVALID',
  'SECRET_UNUSABLE',
  'CREDENTIAL_FILE_UNREADABLE',
  'CREDENTIAL_FILE_INVALID',
  // the way to the API server of a cluster
  'CLUSTER_CONFIG_INVALID',
  // servers: certificates, and tickets
  'INVALID_CERTIFICATE',
  'INVALID_PAGE_TOKEN',
  'INVALID_TICKET',
  'INVALID_TICKET_KEY',
  // which image of those that are there
  'PLATFORM_NOT_FOUND',
  'IMAGE_NOT_FOUND',
  'MULTIPLE_IMAGES',
]);

/** What to exit with for whatever was thrown. */
export function exitCodeOfError(thrown: unknown): number {
  return isTidewaiterError(thrown) && usageErrors.has(thrown.code) ? exitCodes.usage : exitCodes.failure;
}
