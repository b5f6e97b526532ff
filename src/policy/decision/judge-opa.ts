import type { Fact } from '../document/fact.js';
import { opa } from './checks/index.js';
import { gapOfScan, gapOfWorkload, gapsOfFindings } from './gaps.js';
import type { CheckOf, CheckResult } from './rule-check.js';
import type { PolicySubject, SubjectImage, UnknownFact, WorkloadFacts } from './subject.js';

/** What the engine should be told of an image and nobody knows; the answer itself is over the whole. */
export function opaOfImage({ needs }: CheckOf<'opa'>, { scan }: SubjectImage): CheckResult {
  if (!needs.includes('scan')) return {};
  if (!scan) return { open: ['scan'] };
  return { gaps: scan.state === 'scanned' ? gapsOfFindings(scan.facts) : [gapOfScan(scan)] };
}

/**
 * What the engine answered to the rule of this name, beside what it should have been told and nobody knows: what it does not
 * refuse then may be refused by one that knows more.
 */
export function opaOfSubject(rule: string, check: CheckOf<'opa'>, subject: PolicySubject): CheckResult {
  const { answers, source, sourceGap, workload } = subject;
  const open: Fact[] = [];
  const gaps: UnknownFact[] = [];
  if (source === undefined && sourceGap !== undefined) gaps.push(gapOfWorkload(sourceGap));
  if (check.needs.includes('workload')) {
    if (workload?.state === 'missing') gaps.push(gapOfWorkload(workload.reason));
    else {
      open.push(...partsMissing(workload));
      gaps.push(...(workload?.unknowns ?? []).map(gapOfWorkload));
    }
  }
  const answer = answers?.get(rule);
  if (!answer) return { open: [...open, 'opa'], gaps };
  const judged = opa.judge(check, { answer });
  return { ...judged, open, gaps: [...(judged.gaps ?? []), ...gaps] };
}

function partsMissing(facts: WorkloadFacts | undefined): readonly Fact[] {
  return [
    ...(facts?.podSecurity === undefined ? (['podSecurity'] as const) : []),
    ...(facts?.kubesec === undefined ? (['kubesec'] as const) : []),
    ...(facts?.findings === undefined ? (['manifest'] as const) : []),
  ];
}
