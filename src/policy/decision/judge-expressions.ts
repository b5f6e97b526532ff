import type { EvaluationBudget } from '../../expressions/index.js';
import type { Fact } from '../document/fact.js';
import type { ExpressionEntry } from '../document/policy.js';
import { expressions } from './checks/index.js';
import { gapsOfScan, type ExpressionFacts } from './expression-input.js';
import { gapOfScan, gapOfWorkload } from './gaps.js';
import type { ReadImage } from './read-image.js';
import type { CheckOf, CheckResult, FindingWaiver, WaivedFinding } from './rule-check.js';
import type { FindingFact, ScanFacts, UnknownFact } from './subject.js';

/** What is asked, and what it may cost. */
export interface ExpressionJudging {
  readonly facts: ExpressionFacts;
  readonly budget: EvaluationBudget;
}

/** The expressions that are asked of each image. */
export function expressionsOfImage(
  check: CheckOf<'expressions'>,
  read: ReadImage,
  { facts, budget, waive }: ExpressionJudging & { readonly waive: FindingWaiver },
): CheckResult {
  const entries = check.entries.filter(({ over }) => over === 'image');
  const { can, gaps, open } = answerable(entries, facts, read);
  const { scan } = read.image;
  const scanned = scan?.state === 'scanned' ? scan.facts : undefined;
  const ready = can.filter(({ needs }) => scanned !== undefined || !needs.includes('scan'));
  if (scan && scan.state !== 'scanned' && ready.length < can.length) gaps.push(gapOfScan(scan));
  if (scanned) gaps.push(...can.flatMap((entry) => gapsOfScan(entry, scanned)));
  const isOverFindings = ready.some(({ expression }) => expression.mentions.has('findings'));
  const { findings, waived } = isOverFindings ? sorted(scanned?.findings ?? [], waive) : noFindings;
  // A moment that is not known is a gap already.
  const timed = ready.filter((entry) => !scanned || !hasUnknownAge(entry, scanned));
  const judged = expressions.judge(timed, { lookUp: facts.ofImage(read, scanned, findings), budget });
  return { ...judged, gaps: [...gaps, ...(judged.gaps ?? [])], open, waived };
}

/** The expressions that are asked once of the whole. */
export function expressionsOfSubject(
  check: CheckOf<'expressions'>,
  images: readonly ReadImage[],
  { facts, budget }: ExpressionJudging,
): CheckResult {
  const isBroken = images.some(({ error }) => error !== undefined);
  const entries = check.entries.filter(
    // What is no name is refused as such.
    ({ over, expression }) => over === 'subject' && !(isBroken && expression.mentions.has('images')),
  );
  const { can, gaps, open } = answerable(entries, facts, undefined);
  const judged = expressions.judge(can, { lookUp: facts.ofSubject, budget });
  return { ...judged, gaps: [...gaps, ...(judged.gaps ?? [])], open };
}

interface Answerable {
  readonly can: readonly ExpressionEntry[];
  readonly gaps: UnknownFact[];
  readonly open: readonly Fact[];
}

/** Those whose needs the subject carries; what it should carry and does not is a gap. */
function answerable(
  entries: readonly ExpressionEntry[],
  facts: ExpressionFacts,
  read: ReadImage | undefined,
): Answerable {
  const gaps: UnknownFact[] = [];
  const open: Fact[] = [];
  const can = entries.filter((entry) => {
    if (facts.isForNobody(entry)) return false;
    const missing = facts.missingFor(entry, read);
    open.push(...missing);
    if (missing.length > 0) return false;
    if (facts.sourceGap === undefined || !entry.needs.includes('object')) return true;
    gaps.push(gapOfWorkload(facts.sourceGap));
    return false;
  });
  return { can, gaps, open };
}

interface SortedFindings {
  /** Those that count. */
  readonly findings: readonly FindingFact[];
  readonly waived: readonly WaivedFinding[];
}

const noFindings: SortedFindings = { findings: [], waived: [] };

function sorted(all: readonly FindingFact[], waive: FindingWaiver): SortedFindings {
  const findings: FindingFact[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of all) {
    const taken = waive(finding);
    if (taken) waived.push(taken);
    else findings.push(finding);
  }
  return { findings, waived };
}

function hasUnknownAge(entry: ExpressionEntry, scanned: ScanFacts): boolean {
  return gapsOfScan(entry, scanned).some(({ code }) => code === 'SCAN_AGE_UNKNOWN' || code === 'DATABASE_AGE_UNKNOWN');
}
