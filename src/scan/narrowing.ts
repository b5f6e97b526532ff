import { severities, statuses } from '../findings/index.js';
import type { Narrowing } from '../report/index.js';
import type { ScanRequest } from './scan-request.js';

const packageTypes: NonNullable<ScanRequest['packageTypes']> = ['os', 'library'];
const relationships: NonNullable<ScanRequest['packageRelationships']> = [
  'unknown',
  'root',
  'workspace',
  'direct',
  'indirect',
];

/** What a report leaves out because the request did not ask for it; undefined: nothing. */
export function narrowingOf(request: ScanRequest): Narrowing | undefined {
  const { ignoreStatuses = [], ignoreUnfixed, skipDirs = [], skipFiles = [] } = request;
  const unfixed = ignoreUnfixed ? statuses.filter((status) => status !== 'fixed') : [];
  const narrowing: Narrowing = {
    severities: lessThan(severities, request.severities),
    withoutStatuses: some(ignoreStatuses.length > 0 ? ignoreStatuses : unfixed),
    packageTypes: lessThan(packageTypes, request.packageTypes),
    packageRelationships: lessThan(relationships, request.packageRelationships),
    skipped: some([...skipDirs, ...skipFiles]),
  };
  return Object.values(narrowing).some((part) => part !== undefined) ? narrowing : undefined;
}

function lessThan<Word>(all: readonly Word[], wanted: readonly Word[] | undefined): readonly Word[] | undefined {
  return wanted && all.some((word) => !wanted.includes(word)) ? wanted : undefined;
}

function some<Word>(words: readonly Word[]): readonly Word[] | undefined {
  return words.length > 0 ? words : undefined;
}
