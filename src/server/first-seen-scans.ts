import type { ScanSource } from '../admission/index.js';
import { messageOf } from '../core/index.js';
import type { FirstSeen } from '../first-seen/index.js';
import type { ScanKnowledge } from '../policy/index.js';
import { parseReference } from '../reference/index.js';

export interface FirstSeenScansOptions {
  readonly source: ScanSource;
  readonly firstSeen: Pick<FirstSeen, 'withTimes'>;
  readonly log: (message: string) => void;
}

/**
 * What scans found, with the time at which each finding was first seen in the image's repository. Whoever asks without
 * `dryRun` has them recorded, whatever the policy asks for, so that a rule that is made later has the history.
 */
export function withFirstSeen({ source, firstSeen, log }: FirstSeenScansOptions): ScanSource {
  return {
    async findScan(image, deadline, asked) {
      const found = await source.findScan(image, deadline, asked);
      const patienceMs = deadline - performance.now();
      return await withTimes(found, image, { firstSeen, log, record: asked?.dryRun !== true, patienceMs });
    },
  };
}

/** The same knowledge of one image; what goes wrong leaves the times out, and so no grace. */
async function withTimes(
  found: ScanKnowledge,
  image: string,
  how: Omit<FirstSeenScansOptions, 'source'> & { readonly record: boolean; readonly patienceMs?: number },
): Promise<ScanKnowledge> {
  if (found.state !== 'scanned') return found;
  const { firstSeen, log, record, patienceMs } = how;
  try {
    const findings = await firstSeen.withTimes(parseReference(image), found.facts.findings, { record, patienceMs });
    return { ...found, facts: { ...found.facts, findings } };
  } catch (error) {
    log(`when vulnerabilities of ${image} were first seen is not known: ${messageOf(error)}`);
    return found;
  }
}
