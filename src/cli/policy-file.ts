import { ConfigError, readUserFile, type Settings } from '../config/index.js';
import { loadPolicy, parseMoment, type Policy } from '../policy/index.js';

/**
 * The text of a policy, or of its cases.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function readPolicyText(path: string, what = 'policy'): Promise<string> {
  const text = await readUserFile(path, what);
  if (text !== undefined) return text;
  throw new ConfigError('FILE_NOT_FOUND', `there is no ${what} ${path}`, { hint: 'name a file that exists' });
}

/**
 * The policy of a file.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`; PolicyError `INVALID_POLICY`
 */
export async function readPolicyFile(path: string): Promise<Policy> {
  const policy = await loadPolicy(await readPolicyText(path), path);
  if (!policy.rules.some(({ check }) => check.id === 'manifest')) return policy;
  const { checkManifestRules } = await import('../subjects/index.js');
  return checkManifestRules(policy, path);
}

/**
 * The day of `--now`, or the present.
 * @throws ConfigError `INVALID_VALUE`
 */
export function momentOf(settings: Settings, present: Date): Date {
  const text = settings.text('now');
  if (text === undefined) return present;
  const moment = parseMoment(text);
  if (moment) return moment;
  throw new ConfigError('INVALID_VALUE', `--now takes a date, not "${text}"`, { hint: 'write it like 2027-01-31' });
}
