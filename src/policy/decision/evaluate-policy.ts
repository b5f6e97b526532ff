import type { EvaluationBudget } from '../../expressions/index.js';
import type { InvalidReferenceError, Reference } from '../../reference/index.js';
import type { Fact } from '../document/fact.js';
import type { Action, OpaNeed, Policy, PolicyCheck, PolicyRule } from '../document/policy.js';
import { actionAt, strongest, weaker } from './action.js';
import * as registered from './checks/index.js';
import type { Decision, NotAssessed, Reason, Waived } from './decision.js';
import { ExpressionFacts } from './expression-input.js';
import { gapReasons, type RuleGaps } from './gap-reasons.js';
import { gapOfScan, gapOfWorkload } from './gaps.js';
import { expressionsOfImage, expressionsOfSubject, type ExpressionJudging } from './judge-expressions.js';
import { opaOfImage, opaOfSubject } from './judge-opa.js';
import { waiversOf, type PolicyWaivers, type WaiverSubject } from './policy-waivers.js';
import { readImage, selectionImage, type ReadImage } from './read-image.js';
import type {
  CheckOf,
  CheckResult,
  ExpressionRuleCheck,
  FindingWaiver,
  NameCheck,
  ScanResultCheck,
  SubjectCheck,
  WorkloadCheck,
} from './rule-check.js';
import { selects, type SelectionImage } from './selection.js';
import type { PolicySubject, SubjectImage, WorkloadKnowledge } from './subject.js';

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
  if (check.id === 'expressions') return [...new Set(check.entries.flatMap(({ needs }) => needs))].sort();
  const { needs } = policyChecks[check.id];
  return check.id === 'opa' ? [...needs, ...check.needs.flatMap((need) => opaFacts[need])] : needs;
}

/** What the parts are made of that a policy engine is told. */
const opaFacts: Readonly<Record<OpaNeed, readonly Fact[]>> = {
  scan: ['scan'],
  workload: ['podSecurity', 'kubesec', 'manifest'],
};

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
    const judging = { facts: new ExpressionFacts(this.#subject, images, this.#now), budget: this.#budget };
    const ofImages = rules.filter(isOfImages);
    const around = images.map(selectionImage);
    for (const read of images) {
      // An engine is told of all images, whichever of them the rule is for.
      const selected = ofImages.filter((rule) =>
        this.#isSelected(rule, over(rule) === 'subject' ? around : [selectionImage(read)]),
      );
      this.#judgeImage(read, selected, judging);
    }
    this.#judgeUnread(images);
    this.#judgeWorkload(
      images,
      rules.filter((rule) => over(rule) === 'workload'),
    );
    this.#judgeSubject(
      images,
      rules.filter((rule) => over(rule) === 'subject' || over(rule) === 'expressions'),
      judging,
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

  #judgeImage(read: ReadImage, rules: readonly PolicyRule[], judging: ExpressionJudging): void {
    if (read.error) {
      this.#refuseName(read, read.error, rules);
      return;
    }
    const gaps: RuleGaps[] = [];
    for (const rule of rules) {
      const outcome = this.#resultOfImage(rule, read, judging);
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

  #resultOfImage(rule: PolicyRule, read: ReadImage, judging: ExpressionJudging): CheckResult | undefined {
    const { check } = rule;
    const { image, reference } = read;
    switch (check.id) {
      case 'registries':
      case 'official':
      case 'tags':
      case 'digest': {
        if (!reference) return { open: ['name'] };
        return judgeName(check, { image, reference });
      }
      case 'scan':
      case 'vulnerabilities': {
        const { scan } = image;
        if (!scan) return { open: ['scan'] };
        if (scan.state !== 'scanned') return { gaps: [gapOfScan(scan)] };
        const input = { facts: scan.facts, now: this.#now, waive: this.#waiverOf(rule, reference) };
        return check.id === 'scan'
          ? policyChecks.scan.judge(check, input)
          : policyChecks.vulnerabilities.judge(check, input);
      }
      case 'expressions':
        return expressionsOfImage(check, read, { ...judging, waive: this.#waiverOf(rule, reference) });
      case 'opa':
        return opaOfImage(check, image);
      default:
        return undefined;
    }
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

  #judgeSubject(images: readonly ReadImage[], rules: readonly PolicyRule[], judging: ExpressionJudging): void {
    const around = images.map(selectionImage);
    const gaps: RuleGaps[] = [];
    for (const rule of rules.filter((one) => this.#isSelected(one, around))) {
      const { check } = rule;
      if (check.id !== 'expressions' && check.id !== 'opa') continue;
      const outcome =
        check.id === 'expressions'
          ? expressionsOfSubject(check, images, judging)
          : opaOfSubject(rule.name, check, this.#subject);
      this.#add(rule, outcome, { over: 'subject', images });
      if (outcome.gaps?.length) gaps.push({ rule: rule.name, action: this.#actionOf(rule), gaps: outcome.gaps });
    }
    for (const reason of gapReasons(gaps, this.#policy.incomplete)) this.#push(reason, { over: 'subject', images });
  }

  /** Notes what a check found: as broken, or as waived where an exception covers all that the rule says. */
  #add(rule: PolicyRule, result: CheckResult, about: About): void {
    const { broken, note, open, waived, warnings = [] } = result;
    const check = rule.check.id;
    if (open?.length) this.#pass(rule, open);
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

  #pass(rule: PolicyRule, needs: readonly Fact[]): void {
    const known = this.#notAssessed.get(rule.name) ?? new Set<Fact>();
    for (const need of needs) known.add(need);
    this.#notAssessed.set(rule.name, known);
  }

  #waiverSubject(rule: PolicyRule, references: readonly (Reference | undefined)[]): WaiverSubject {
    return { rule: rule.name, namespace: this.#subject.namespace, references, now: this.#now };
  }

  #waiverOf(rule: PolicyRule, reference: Reference | undefined): FindingWaiver {
    return this.#waivers.ofFinding.bind(this.#waivers, this.#waiverSubject(rule, [reference]));
  }

  #actionOf(rule: PolicyRule): Action {
    return actionAt(rule, this.#now);
  }
}

function placeOf(about: About): Pick<Reason, 'image' | 'place'> {
  return 'image' in about ? { image: about.image.text, place: about.image.place } : {};
}

/** Is a text that is no image name refused by it? */
function isOfImages({ check }: PolicyRule): boolean {
  if (check.id === 'expressions') {
    return check.entries.some(({ over, expression }) => over === 'image' || expression.mentions.has('images'));
  }
  if (check.id === 'opa') return check.needs.includes('scan');
  const { over } = policyChecks[check.id];
  return over === 'name' || over === 'scan';
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
