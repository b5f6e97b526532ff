import { FormatError } from '../../core/index.js';
import { dataSourceOf } from '../data-sources.js';
import { debianBucket } from '../debian-releases.js';
import type { DatabaseDraft } from '../draft.js';
import type { Feed } from '../feed.js';

const header = /^\[\d{1,2} [A-Z][a-z]{2,8} \d{4}\] (D[SL]A-[0-9]+(?:-[0-9]+)?)\s*(.*)$/;
const note = /^\[([a-z]+)\]\s+-\s+(\S+)(?:\s+(\S+))?/;
const state = /^<([a-z-]+)>$/;

/** Statuses of releases that got no fix; what is missing here is not stored at all. */
const statuses: Readonly<Record<string, number | undefined>> = {
  unfixed: 2,
  'no-dsa': 2,
  ignored: 5,
  postponed: 6,
  'end-of-life': 7,
};
const notStored: ReadonlySet<string> = new Set(['not-affected', 'removed', 'undetermined', 'itp']);

/**
 * The lists of Debian's security advisories (DSA/list, DLA/list) in the tracker's own text form:
 * https://salsa.debian.org/security-tracker-team/security-tracker/-/tree/master/data
 */
export const debianList = {
  id: 'debian-list',
  title: 'Debian DSA and DLA lists',
  recognizes: (file) => header.test(file.firstLine()),
  read: (file, draft) => {
    let advisory: OpenAdvisory | undefined;
    for (const [index, line] of file.text().split('\n').entries()) {
      const text = line.trim();
      if (text === '' || text.startsWith('#')) continue;
      const found = header.exec(line);
      if (found) advisory = { id: found[1] ?? '', title: found[2] ?? '', cves: [] };
      else if (!advisory) throw lineError(index, text);
      else readLine(text, advisory, index, draft);
    }
  },
} as const satisfies Feed;

interface OpenAdvisory {
  readonly id: string;
  readonly title: string;
  cves: readonly string[];
}

function readLine(text: string, advisory: OpenAdvisory, index: number, draft: DatabaseDraft): void {
  if (/^(?:NOTE|TODO):/.test(text)) return;
  if (text.startsWith('{') && text.endsWith('}')) {
    const words = text.slice(1, -1).split(/\s+/);
    advisory.cves = words.filter((word) => /^CVE-\d{4}-\d+$/.test(word));
    return;
  }
  const found = note.exec(text);
  if (!found) throw lineError(index, text);
  const [, codeName = '', packageName = '', version = ''] = found;
  const bucket = debianBucket(codeName);
  if (bucket === undefined) {
    draft.skip(`Debian: notes about ${codeName}, which is no release`);
    return;
  }
  const content = contentOf(version);
  if (content === undefined) throw lineError(index, text);
  if (content === 'not stored') return;
  draft.bucket(bucket, dataSourceOf('debian'));
  // An advisory without identifiers is known by its own.
  const ids = advisory.cves.length > 0 ? advisory.cves : [advisory.id];
  for (const vulnerabilityId of ids) {
    const vendorIds = vulnerabilityId === advisory.id ? undefined : [advisory.id];
    draft.advisory(
      { bucket, packageName, vulnerabilityId },
      { ...content, vendorIds },
      { keep: 'highest', scheme: 'dpkg' },
    );
  }
  if (advisory.cves.length === 0) draft.detail(advisory.id, { source: 'debian', title: advisory.title });
}

function contentOf(
  version: string,
): { readonly fixedVersion: string } | { readonly status: number } | 'not stored' | undefined {
  const word = state.exec(version)?.[1];
  if (word === undefined) return /^[0-9A-Za-z]/.test(version) ? { fixedVersion: version } : undefined;
  if (notStored.has(word)) return 'not stored';
  const status = Object.hasOwn(statuses, word) ? statuses[word] : undefined;
  return status === undefined ? undefined : { status };
}

function lineError(index: number, text: string): FormatError {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return new FormatError(
    'INVALID',
    `line ${index + 1} is none that a list of advisories has: ${JSON.stringify(shown)}`,
  );
}
