import type { PolicySubject, SubjectImage } from '../policy/index.js';
import { checkManifests } from './check-manifests.js';
import type { Checked } from './check-report.js';
import { isImageName } from './check-scans.js';
import type { CheckTarget } from './check-targets.js';
import type { CommandContext } from './command.js';

/** What is to be judged, before anything is scanned. */
export interface CheckDraft extends Pick<Checked, 'kind' | 'target' | 'subject'> {
  /** Path of the archive or layout that its one image is in. */
  readonly archive?: string | undefined;
}

export interface DraftOptions {
  /** The name of archives and reports. */
  readonly as: string | undefined;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** All that the targets hold, in their order; manifests all together where the first of them stands. */
export async function draftTargets(
  context: CommandContext,
  targets: readonly CheckTarget[],
  options: DraftOptions,
): Promise<readonly CheckDraft[]> {
  const manifests = targets.flatMap((target) => (target.kind === 'manifests' ? [target.word] : []));
  const drafts: CheckDraft[] = [];
  for (const target of targets) {
    if (target.kind !== 'manifests') {
      drafts.push(draftImage(target, options));
      continue;
    }
    // Objects tell of each other.
    const words = manifests.splice(0);
    if (words.length === 0) continue;
    const found = await checkManifests(context, words, { now: context.now(), namespace: options.namespace });
    drafts.push(...found.map(({ place, subject }) => ({ kind: 'object' as const, target: place, subject })));
  }
  return drafts;
}

function draftImage(
  target: Exclude<CheckTarget, { readonly kind: 'manifests' }>,
  { as, namespace, labels }: DraftOptions,
): CheckDraft {
  const subjectOf = (image: SubjectImage): PolicySubject => ({ images: [image], namespace, labels });
  if (target.kind === 'image') {
    return { kind: 'image', target: target.text, subject: subjectOf({ text: target.text }) };
  }
  const { kind, path } = target;
  const name = as ?? (kind === 'report' && !looksLikeFile(target.report.name) ? target.report.name : undefined);
  const image = name === undefined ? { text: path, nameless: true } : { text: name };
  if (kind === 'archive') return { kind, target: path, subject: subjectOf(image), archive: path };
  const scan = { state: 'scanned', facts: target.report.facts } as const;
  return { kind, target: path, subject: subjectOf({ ...image, scan }) };
}

/** A report of an archive has its path for a name, which would be a name on Docker Hub. */
function looksLikeFile(name: string): boolean {
  return /^(?:-?$|[./~])|\.(?:tar|tgz|tar\.gz|tar\.zst)$/.test(name) || !isImageName(name);
}
