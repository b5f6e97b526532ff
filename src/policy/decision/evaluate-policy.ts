import type { EvaluationBudget } from '../../expressions/index.js';
import { InvalidReferenceError, parseReference, type Reference } from '../../reference/index.js';
import type { Fact } from '../document/fact.js';
import type { Action, ExpressionEntry, Policy, PolicyCheck, PolicyRule } from '../document/policy.js';
import { actionAt, strongest, weaker } from './action.js';
import * as registered from './checks/index.js';
import type { Decision, NotAssessed, Reason, Waived } from './decision.js';
import { ExpressionFacts, gapsOfScan } from './expression-input.js';
import { gapReasons, type RuleGaps } from './gap-reasons.js';
import { waiversOf, type PolicyWaivers, type WaiverSubject } from './policy-waivers.js';
import type {
  CheckOf,
  CheckResult,
  ExpressionRuleCheck,
  NameCheck,
  ScanResultCheck,
  SubjectCheck,
  WorkloadCheck,
  WaivedFinding,
} from './rule-check.js';
import { selects, type SelectionImage } from './selection.js';
import type {
  FindingFact,
  PolicySubject,
  ScanKnowledge,
  SubjectImage,
  UnknownFact,
  WorkloadKnowledge,
} from './subject.js';

type AnyCheck =
  | NameCheck<'registries'>
  | NameCheck<'official'>
  | NameCheck<'tags'>
  | NameCheck<'digest'>
  | ScanResultCheck<'scan'>
  | ScanResultCheck<'vulnerabilities'>
  | WorkloadCheck<'podSecurity'>
  | WorkloadCheck<'kubesec'>
  | WorkloadCheck<'manifest'>
  | SubjectCheck<'opa'>
  | ExpressionRuleCheck<'expressions'>;

/** Every demand that a rule can make, by its key in the document. */
export const policyChecks: { readonly [Id in AnyCheck['id']]: Extract<AnyCheck, { readonly id: Id }> } = registered;

/** What a demand needs to know, by all of its parts. */
export function needsOf(check: PolicyCheck): readonly Fact[] {
  if (check.id !== 'expressions') return policyChecks[check.id].needs;
  return [...new Set(check.entries.flatMap(({ needs }) => needs))].sort();
}

/**
 * The one verdict: the same policy, subject and time give the same decision, in the same order, whoever asks. A text that
 * is no image name breaks every rule that judges images; what a rule needs and nobody could find out makes the decision
 * incomplete; what the subject does not carry is listed.
 */
export function evaluatePolicy(policy: Policy, subject: PolicySubject, options: EvaluationOptions): Decision {
  return new Evaluation(policy, subject, options).decide();
}

export interface EvaluationOptions {
  readonly now: Date;
  /**
   * What expressions may still cost, in steps of some tens of nanoseconds; what is over it has no value. Whoever judges
   * several subjects for one answer hands in one budget for all. Absent: `expressionSteps` for this subject.
   */
  readonly budget?: EvaluationBudget | undefined;
}

/** Steps of expressions for one answer: well under a second. */
export const expressionSteps = 2_000_000;

/** An image with its name read. */
interface ReadImage {
  readonly image: SubjectImage;
  readonly reference: Reference | undefined;
  readonly error: InvalidReferenceError | undefined;
}

/** What a reason is about: an image, or the object and all its images. */
type About = ReadImage | { readonly over: 'workload' | 'subject'; readonly images: readonly ReadImage[] };

class Evaluation {
  readonly #policy: Policy;
  readonly #subject: PolicySubject;
  readonly #now: Date;
  readonly #budget: EvaluationBudget;
  readonly #waivers: PolicyWaivers;
  readonly #found: Reason[] = [];
  readonly #waived: Waived[] = [];
  readonly #notAssessed = new Map<string, Set<Fact>>();

  constructor(policy: Policy, subject: PolicySubject, { now, budget }: EvaluationOptions) {
    this.#policy = policy;
    this.#subject = subject;
    this.#now = now;
    this.#budget = budget ?? { left: expressionSteps };
    this.#waivers = waiversOf(policy);
  }

  decide(): Decision {
    const images = this.#subject.images.map(readImage);
    const { rules } = this.#policy;
    const over = ({ check }: PolicyRule): AnyCheck['over'] => policyChecks[check.id].over;
    const facts = new ExpressionFacts(this.#subject, images, this.#now);
    const ofImages = rules.filter(isOfImages);
    for (const read of images) this.#judgeImage(read, ofImages, facts);
    this.#judgeUnread(images);
    this.#judgeWorkload(
      images,
      rules.filter((rule) => over(rule) === 'workload'),
    );
    this.#judgeSubject(
      images,
      rules.filter((rule) => over(rule) === 'subject' || over(rule) === 'expressions'),
      facts,
    );
    return this.#decision();
  }

  #decision(): Decision {
    const ofAction = (action: Action): readonly Reason[] => this.#found.filter((one) => one.action === action);
    const reasons = ofAction('deny');
    const isFailure = reasons.some((reason) => reason.check !== 'incomplete');
    const notAssessed = this.#policy.rules.flatMap(({ name }): NotAssessed[] => {
      const needs = this.#notAssessed.get(name);
      return needs ? [{ rule: name, needs: [...needs].sort() }] : [];
    });
    return {
      outcome: isFailure ? 'fail' : reasons.length > 0 ? 'incomplete' : 'pass',
      reasons,
      warnings: ofAction('warn'),
      audits: ofAction('audit'),
      waived: this.#waived,
      notAssessed,
    };
  }

  /** What could not be read may be anything, so that every rule that may be for it has a gap. */
  #judgeUnread(images: readonly ReadImage[]): void {
    const { unread } = this.#subject;
    if (unread === undefined) return;
    const around: SelectionImage[] = [...images.map(selectionImage), 'broken'];
    const gaps = this.#policy.rules
      .filter((rule) => this.#isSelected(rule, around))
      .map((rule): RuleGaps => ({ rule: rule.name, action: this.#actionOf(rule), gaps: [gapOfWorkload(unread)] }));
    for (const reason of gapReasons(gaps, this.#policy.incomplete)) this.#push(reason, { over: 'workload', images });
  }

  #judgeImage(read: ReadImage, rules: readonly PolicyRule[], facts: ExpressionFacts): void {
    const selected = rules.filter((rule) => this.#isSelected(rule, [selectionImage(read)]));
    if (read.error) {
      this.#refuseName(read, read.error, selected);
      return;
    }
    const gaps: RuleGaps[] = [];
    for (const rule of selected) {
      const outcome = this.#resultOfImage(rule, read, facts);
      if (outcome === undefined) continue;
      this.#add(rule, outcome, read);
      if (outcome.gaps?.length) gaps.push({ rule: rule.name, action: this.#actionOf(rule), gaps: outcome.gaps });
    }
    for (const reason of gapReasons(gaps, this.#policy.incomplete)) this.#push(reason, read);
  }

  /** Nothing can be said of what it would be, so that it breaks all that might be said; told once, by the strongest. */
  #refuseName(read: ReadImage, error: InvalidReferenceError, rules: readonly PolicyRule[]): void {
    const action = strongest(rules.map((rule) => this.#actionOf(rule)));
    const rule = rules.find((one) => this.#actionOf(one) === action);
    if (!rule || action === undefined) return;
    const message = `it is no image name: ${error.rule} (character ${error.offset + 1})`;
    const fix = error.hint ?? 'write registry/repository:tag, or registry/repository@digest';
    this.#push({ rule: rule.name, check: 'name', action, message, fix }, read);
  }

  #resultOfImage(rule: PolicyRule, read: ReadImage, expressionFacts: ExpressionFacts): CheckResult | undefined {
    const { check } = rule;
    const { image, reference } = read;
    switch (check.id) {
      case 'registries':
      case 'official':
      case 'tags':
      case 'digest': {
        if (!reference) return this.#pass(rule, ['name']);
        return judgeName(check, { image, reference });
      }
      case 'scan':
      case 'vulnerabilities': {
        const { scan } = image;
        if (!scan) return this.#pass(rule, ['scan']);
        if (scan.state !== 'scanned') return { gaps: [gapOfScan(scan)] };
        const subject = this.#waiverSubject(rule, [reference]);
        const input = {
          facts: scan.facts,
          now: this.#now,
          waive: this.#waivers.ofFinding.bind(this.#waivers, subject),
        };
        return check.id === 'scan'
          ? policyChecks.scan.judge(check, input)
          : policyChecks.vulnerabilities.judge(check, input);
      }
      case 'expressions':
        return this.#expressionsOfImage(rule, check, { read, facts: expressionFacts });
      default:
        return undefined;
    }
  }

  #expressionsOfImage(
    rule: PolicyRule,
    check: CheckOf<'expressions'>,
    { read, facts }: { readonly read: ReadImage; readonly facts: ExpressionFacts },
  ): CheckResult {
    const entries = check.entries.filter(({ over }) => over === 'image');
    const { can, gaps } = this.#answerable(rule, entries, facts, read);
    const { scan } = read.image;
    const scanned = scan?.state === 'scanned' ? scan.facts : undefined;
    const ready = can.filter(({ needs }) => scanned !== undefined || !needs.includes('scan'));
    if (scan && scan.state !== 'scanned' && ready.length < can.length) gaps.push(gapOfScan(scan));
    if (scanned) gaps.push(...can.flatMap((entry) => gapsOfScan(entry, scanned)));
    const findings: FindingFact[] = [];
    const waived: WaivedFinding[] = [];
    if (ready.some(({ expression }) => expression.mentions.has('findings'))) {
      const subject = this.#waiverSubject(rule, [read.reference]);
      for (const finding of scanned?.findings ?? []) {
        const taken = this.#waivers.ofFinding(subject, finding);
        if (taken) waived.push(taken);
        else findings.push(finding);
      }
    }
    // A moment that is not known is a gap already.
    const timed = ready.filter((entry) => !scanned || !gapsOfScan(entry, scanned).some(({ code }) => isAge(code)));
    const lookUp = facts.ofImage(read, scanned, findings);
    const judged = policyChecks.expressions.judge(timed, { lookUp, budget: this.#budget });
    return { ...judged, gaps: [...gaps, ...(judged.gaps ?? [])], waived };
  }

  #expressionsOfSubject(
    rule: PolicyRule,
    check: CheckOf<'expressions'>,
    { images, facts }: { readonly images: readonly ReadImage[]; readonly facts: ExpressionFacts },
  ): CheckResult {
    const isBroken = images.some(({ error }) => error !== undefined);
    const entries = check.entries.filter(
      // What is no name is refused as such.
      ({ over, expression }) => over === 'subject' && !(isBroken && expression.mentions.has('images')),
    );
    const { can, gaps } = this.#answerable(rule, entries, facts, undefined);
    const judged = policyChecks.expressions.judge(can, { lookUp: facts.ofSubject, budget: this.#budget });
    return { ...judged, gaps: [...gaps, ...(judged.gaps ?? [])] };
  }

  /** Those whose needs the subject carries; what it should carry and does not is a gap. */
  #answerable(
    rule: PolicyRule,
    entries: readonly ExpressionEntry[],
    facts: ExpressionFacts,
    read: ReadImage | undefined,
  ): { readonly can: readonly ExpressionEntry[]; readonly gaps: UnknownFact[] } {
    const gaps: UnknownFact[] = [];
    const can = entries.filter((entry) => {
      if (facts.isForNobody(entry)) return false;
      const missing = facts.missingFor(entry, read);
      if (missing.length > 0) {
        this.#pass(rule, missing);
        return false;
      }
      if (facts.sourceGap === undefined || !entry.needs.includes('object')) return true;
      gaps.push(gapOfWorkload(facts.sourceGap));
      return false;
    });
    return { can, gaps };
  }

  #judgeWorkload(images: readonly ReadImage[], rules: readonly PolicyRule[]): void {
    const { workload } = this.#subject;
    const around = images.map(selectionImage);
    const gaps: RuleGaps[] = [];
    for (const rule of rules.filter((one) => this.#isSelected(one, around))) {
      const action = this.#actionOf(rule);
      const { needs } = policyChecks[rule.check.id];
      if (workload?.state === 'missing') {
        gaps.push({ rule: rule.name, action, gaps: [gapOfWorkload(workload.reason)] });
        continue;
      }
      const outcome = workload && judgeWorkload(rule, workload);
      if (!outcome) {
        this.#pass(rule, needs);
        continue;
      }
      this.#add(rule, outcome, { over: 'workload', images });
      if (workload.unknowns.length > 0)
        gaps.push({ rule: rule.name, action, gaps: workload.unknowns.map(gapOfWorkload) });
    }
    for (const reason of gapReasons(gaps, this.#policy.incomplete)) this.#push(reason, { over: 'workload', images });
  }

  #judgeSubject(images: readonly ReadImage[], rules: readonly PolicyRule[], facts: ExpressionFacts): void {
    const around = images.map(selectionImage);
    const gaps: RuleGaps[] = [];
    for (const rule of rules.filter((one) => this.#isSelected(one, around))) {
      const { check } = rule;
      const outcome =
        check.id === 'expressions'
          ? this.#expressionsOfSubject(rule, check, { images, facts })
          : this.#resultOfSubject(rule);
      if (!outcome) {
        this.#pass(rule, policyChecks[rule.check.id].needs);
        continue;
      }
      this.#add(rule, outcome, { over: 'subject', images });
      if (outcome.gaps?.length) gaps.push({ rule: rule.name, action: this.#actionOf(rule), gaps: outcome.gaps });
    }
    for (const reason of gapReasons(gaps, this.#policy.incomplete)) this.#push(reason, { over: 'subject', images });
  }

  #resultOfSubject({ name, check }: PolicyRule): CheckResult | undefined {
    if (check.id !== 'opa') return undefined;
    const { answers, source, sourceGap } = this.#subject;
    const result = policyChecks.opa.judge(check, { answer: answers?.get(name) });
    // It was asked about less than there is.
    if (!result || source !== undefined || sourceGap === undefined) return result;
    return { ...result, gaps: [...(result.gaps ?? []), gapOfWorkload(sourceGap)] };
  }

  /** Notes what a check found: as broken, or as waived where an exception covers all that the rule says. */
  #add(rule: PolicyRule, result: CheckResult, about: About): void {
    const { broken, note, waived, warnings = [] } = result;
    const check = rule.check.id;
    const around = placeOf(about);
    for (const one of waived ?? []) this.#waived.push({ rule: rule.name, ...around, ...one });
    if (note) this.#push({ rule: rule.name, check, action: 'audit', isNote: true, ...note }, about);
    if (!broken && warnings.length === 0) return;
    const references = 'image' in about ? [about.reference] : about.images.map((one) => one.reference);
    const accepted = this.#waivers.ofRule(this.#waiverSubject(rule, references));
    if (accepted) {
      this.#waived.push({ rule: rule.name, ...around, ...accepted });
      return;
    }
    const action = this.#actionOf(rule);
    if (broken) this.#push({ rule: rule.name, check, action, ...broken, fix: rule.fix ?? broken.fix }, about);
    for (const message of warnings)
      this.#push({ rule: rule.name, check, action: weaker(action, 'warn'), message }, about);
  }

  #push(reason: Reason, about: About): void {
    const { object, namespace } = this.#subject;
    const isLetOff = this.#policy.unchangedPasses && this.#isUnchanged(about) && reason.action !== 'audit';
    const action = isLetOff ? { action: 'audit' as const, insteadOf: reason.action } : {};
    this.#found.push({ ...reason, ...placeOf(about), object, namespace, ...action });
  }

  #isUnchanged(about: About): boolean {
    if ('image' in about) return about.image.unchanged === true;
    const { workload, unchanged } = this.#subject;
    const isSameWorkload = workload?.state === 'assessed' && workload.unchanged === true;
    if (about.over === 'workload') return isSameWorkload;
    return (unchanged ?? isSameWorkload) && about.images.every(({ image }) => image.unchanged === true);
  }

  #isSelected(rule: PolicyRule, images: readonly SelectionImage[]): boolean {
    const { namespace, labels } = this.#subject;
    const selection = selects(rule, { namespace, labels, images });
    if (typeof selection !== 'string') this.#pass(rule, selection);
    return selection === 'yes';
  }

  #pass(rule: PolicyRule, needs: readonly Fact[]): undefined {
    const known = this.#notAssessed.get(rule.name) ?? new Set<Fact>();
    for (const need of needs) known.add(need);
    this.#notAssessed.set(rule.name, known);
    return undefined;
  }

  #waiverSubject(rule: PolicyRule, references: readonly (Reference | undefined)[]): WaiverSubject {
    return { rule: rule.name, namespace: this.#subject.namespace, references, now: this.#now };
  }

  #actionOf(rule: PolicyRule): Action {
    return actionAt(rule, this.#now);
  }
}

function readImage(image: SubjectImage): ReadImage {
  if (image.nameless) return { image, reference: undefined, error: undefined };
  try {
    return { image, reference: parseReference(image.text), error: undefined };
  } catch (error) {
    if (error instanceof InvalidReferenceError) return { image, reference: undefined, error };
    throw error;
  }
}

function placeOf(about: About): Pick<Reason, 'image' | 'place'> {
  return 'image' in about ? { image: about.image.text, place: about.image.place } : {};
}

function selectionImage({ reference, error }: ReadImage): SelectionImage {
  return reference ?? (error ? 'broken' : 'nameless');
}

/** Is a text that is no image name refused by it? */
function isOfImages({ check }: PolicyRule): boolean {
  if (check.id === 'expressions') {
    return check.entries.some(({ over, expression }) => over === 'image' || expression.mentions.has('images'));
  }
  const { over } = policyChecks[check.id];
  return over === 'name' || over === 'scan';
}

function isAge(code: string): boolean {
  return code === 'SCAN_AGE_UNKNOWN' || code === 'DATABASE_AGE_UNKNOWN';
}

function judgeName(
  check: CheckOf<'registries' | 'official' | 'tags' | 'digest'>,
  input: { readonly image: SubjectImage; readonly reference: Reference },
): CheckResult {
  switch (check.id) {
    case 'registries':
      return policyChecks.registries.judge(check, input);
    case 'official':
      return policyChecks.official.judge(check, input);
    case 'tags':
      return policyChecks.tags.judge(check, input);
    default:
      return policyChecks.digest.judge(check, input);
  }
}

function judgeWorkload(
  { check }: PolicyRule,
  facts: Extract<WorkloadKnowledge, { readonly state: 'assessed' }>,
): CheckResult | undefined {
  switch (check.id) {
    case 'podSecurity':
      return policyChecks.podSecurity.judge(check, facts);
    case 'kubesec':
      return policyChecks.kubesec.judge(check, facts);
    case 'manifest':
      return policyChecks.manifest.judge(check, facts);
    default:
      return undefined;
  }
}

function gapOfScan(scan: ScanKnowledge): UnknownFact {
  // Whoever prints the reason names the image.
  const subject = '';
  if (scan.state === 'missing') return { code: scan.code, subject, reason: scan.reason };
  const reason = scan.state === 'pending' ? scan.reason : undefined;
  return { code: 'SCAN_PENDING', subject, reason: reason ?? 'it is being scanned' };
}

function gapOfWorkload(reason: string): UnknownFact {
  return { code: 'MANIFEST_UNASSESSED', subject: '', reason };
}
