import { join, resolve } from 'node:path';
import { defaultStateFolder, type Settings } from '../config/index.js';
import { FirstSeen } from '../first-seen/index.js';
import type { Policy, PolicySubject, SubjectImage } from '../policy/index.js';
import { parseReference } from '../reference/index.js';
import { isImageName } from './check-scans.js';
import type { CommandContext } from './command.js';

/**
 * The record of first sights in the folder that was named, else in the user's own; undefined when there is neither, which
 * is told where a policy needs it.
 */
export function openFirstSeen(
  context: CommandContext,
  settings: Settings,
  policies: readonly Policy[],
): FirstSeen | undefined {
  const named = settings.text('state-dir');
  const folder = named === undefined ? defaultStateFolder(context.environment) : resolve(named);
  if (folder !== undefined) {
    const log = (_: 'warn', message: string): void => context.log('warn', message);
    return new FirstSeen({ dir: join(folder, 'first-seen'), now: () => context.now(), log });
  }
  if (policies.some(countsFromFirstSight)) {
    context.log(
      'warn',
      'the policy counts graces from when a vulnerability was first seen, and you have no home to keep that in: there is no grace; name a folder with --state-dir',
    );
  }
  return undefined;
}

/** The same subject: each finding of its images with the time at which it was first seen in their repositories. */
export async function withTimes(
  subject: PolicySubject,
  firstSeen: FirstSeen | undefined,
  how: { readonly record: boolean },
): Promise<PolicySubject> {
  if (!firstSeen) return subject;
  const images: SubjectImage[] = [];
  for (const image of subject.images) {
    const { scan, text, nameless } = image;
    if (scan?.state !== 'scanned' || nameless === true || !isImageName(text)) images.push(image);
    else {
      const findings = await firstSeen.withTimes(parseReference(text), scan.facts.findings, how);
      images.push({ ...image, scan: { ...scan, facts: { ...scan.facts, findings } } });
    }
  }
  return { ...subject, images };
}

function countsFromFirstSight({ rules }: Policy): boolean {
  return rules.some(({ check }) => {
    if (check.id === 'vulnerabilities') return check.graceFrom === 'firstSeen';
    return check.id === 'expressions' && check.entries.some(({ expression }) => expression.mentions.has('findings'));
  });
}
