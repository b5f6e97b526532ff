import { FormatError } from '../../core/index.js';
import { asObject, asString, type JsonObject, type JsonValue } from '../../formats/index.js';
import { dataSourceOf } from '../data-sources.js';
import { debianBucket } from '../debian-releases.js';
import type { AdvisoryDraft, DatabaseDraft } from '../draft.js';
import type { Feed } from '../feed.js';

/** Debian's security tracker as JSON: https://security-tracker.debian.org/tracker/data/json */
export const debianTracker = {
  id: 'debian-tracker',
  title: 'Debian security tracker',
  recognizes: (file) => isTracker(file.jsonOrNothing()),
  read: (file, draft) => {
    for (const [packageName, issues] of Object.entries(objectOf(file.json(), 'the document'))) {
      for (const [vulnerabilityId, issue] of Object.entries(objectOf(issues, packageName))) {
        readIssue({ packageName, vulnerabilityId }, objectOf(issue, `${packageName} ${vulnerabilityId}`), draft);
      }
    }
  },
} as const satisfies Feed;

interface IssueKey {
  readonly packageName: string;
  readonly vulnerabilityId: string;
}

function isTracker(value: JsonValue | undefined): boolean {
  for (const issues of Object.values(asObject(value) ?? {})) {
    for (const issue of Object.values(asObject(issues) ?? {})) return asObject(asObject(issue)?.releases) !== undefined;
  }
  return false;
}

function readIssue(key: IssueKey, issue: JsonObject, draft: DatabaseDraft): void {
  const description = asString(issue.description);
  if (description) draft.detail(key.vulnerabilityId, { source: 'debian', description });
  for (const [codeName, stored] of Object.entries(
    objectOf(issue.releases, `${key.packageName} ${key.vulnerabilityId}`),
  )) {
    const bucket = debianBucket(codeName);
    if (bucket === undefined) continue;
    draft.bucket(bucket, dataSourceOf('debian'));
    draft.whole(bucket);
    const advisory = advisoryOf(objectOf(stored, `${key.packageName} ${key.vulnerabilityId} ${codeName}`));
    if (advisory) draft.advisory({ bucket, ...key }, advisory, { keep: 'highest', scheme: 'dpkg' });
  }
}

/** `undefined` for what is not stored: not affected, not determined. */
function advisoryOf(release: JsonObject): AdvisoryDraft | undefined {
  const status = asString(release.status);
  const fixed = asString(release.fixed_version) ?? '';
  const severity = severityOf(asString(release.urgency) ?? '');
  if (status === 'undetermined') return undefined;
  if (status === 'resolved') return fixed === '0' || fixed === '' ? undefined : { fixedVersion: fixed, severity };
  if (status !== 'open') throw new FormatError('INVALID', `an unknown status ${JSON.stringify(status)}`);
  return { status: openStatus(release), severity };
}

/** What the security team decided about a flaw without a fix. */
function openStatus(release: JsonObject): number {
  if (asString(release.urgency) === 'end-of-life') return 7;
  const reason = asString(release.nodsa_reason);
  if (reason === 'ignored') return 5;
  return reason === 'postponed' ? 6 : 2;
}

function severityOf(urgency: string): number {
  switch (urgency.replaceAll('*', '')) {
    case 'unimportant':
    case 'low':
      return 1;
    case 'medium':
      return 2;
    case 'high':
      return 3;
    default:
      return 0;
  }
}

function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  const found = asObject(value);
  if (!found) throw new FormatError('INVALID', `${what} is not a JSON object`);
  return found;
}
