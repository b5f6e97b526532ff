import { FormatError } from '../../core/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue, parseYaml } from '../../formats/index.js';
import { dataSourceOf } from '../data-sources.js';
import type { DatabaseDraft } from '../draft.js';
import { type Feed, type FeedFile, maxFeedFileBytes } from '../feed.js';

/** The security database of Alpine and of those who took over its form: Wolfi, Chainguard, MinimOS. */
export const alpineSecdb = {
  id: 'alpine-secdb',
  title: 'Alpine secdb',
  recognizes: (file) => (file.looksLikeJson ? isSecdb(file.jsonOrNothing()) : looksLikeSecdb(file)),
  read: (file, draft) => {
    const document = asObject(
      file.looksLikeJson ? file.json() : parseYaml(file.text(), { maxBytes: maxFeedFileBytes }),
    );
    const packages = asArray(document?.packages ?? []);
    if (!document || !packages) throw new FormatError('INVALID', 'it has no list of packages');
    const distribution = distributionOf(document);
    draft.bucket(distribution.bucket, dataSourceOf(distribution.source));
    draft.whole(distribution.bucket);
    for (const item of packages) readPackage(item, distribution, draft);
  },
} as const satisfies Feed;

interface Distribution {
  readonly bucket: string;
  readonly source: 'alpine' | 'wolfi' | 'chainguard' | 'minimos';
}

function isSecdb(value: JsonValue | undefined): boolean {
  const document = asObject(value);
  return (
    asArray(document?.packages) !== undefined && ('urlprefix' in (document ?? {}) || 'reponame' in (document ?? {}))
  );
}

function looksLikeSecdb(file: FeedFile): boolean {
  return /^(?:distroversion|reponame|urlprefix|apkurl|archs):/.test(file.firstLine());
}

function distributionOf(document: JsonObject): Distribution {
  const version = asString(document.distroversion) ?? '';
  if (version !== '') return { bucket: `alpine ${version.replace(/^v/, '')}`, source: 'alpine' };
  const origin = `${asString(document.urlprefix) ?? ''} ${asString(document.reponame) ?? ''}`.toLowerCase();
  if (origin.includes('wolfi')) return { bucket: 'wolfi', source: 'wolfi' };
  if (origin.includes('chainguard')) return { bucket: 'chainguard', source: 'chainguard' };
  if (origin.includes('mini.dev') || origin.includes('minimos')) return { bucket: 'minimos', source: 'minimos' };
  throw new FormatError(
    'INVALID',
    'it does not say of which distribution and version it is (distroversion, urlprefix)',
  );
}

function readPackage(item: JsonValue, { bucket, source }: Distribution, draft: DatabaseDraft): void {
  const entry = asObject(asObject(item)?.pkg);
  const packageName = asString(entry?.name);
  if (!entry || packageName === undefined) throw new FormatError('INVALID', 'a package without a name');
  // Alpine writes an empty list where there are no fixes.
  const fixes = asObject(entry.secfixes) ?? {};
  for (const [fixedVersion, cells] of Object.entries(fixes)) {
    for (const cell of asArray(cells) ?? []) {
      const vulnerabilityId = identifierOf(asString(cell) ?? '', source);
      if (vulnerabilityId === undefined) {
        draft.skip(`${source}: entries that name no CVE`);
        continue;
      }
      draft.advisory({ bucket, packageName, vulnerabilityId }, { fixedVersion }, { keep: 'highest', scheme: 'apk' });
    }
  }
}

/** The id that a cell like `CVE-2017-2620 XSA-209` stands for: its first CVE; Alpine's may be a GHSA. */
function identifierOf(cell: string, source: Distribution['source']): string | undefined {
  const ids = cell.split(/\s+/).map((word) => word.replace(/^CVE_/, 'CVE-'));
  const cve = ids.find((id) => id.startsWith('CVE-'));
  return cve ?? (source === 'alpine' ? ids.find((id) => id.startsWith('GHSA-')) : undefined);
}
