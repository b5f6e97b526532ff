import { formatRepository, InvalidReferenceError, parseReference, type Reference } from '../../reference/index.js';
import { actionAt } from '../decision/action.js';
import { evaluatePolicy, policyChecks } from '../decision/evaluate-policy.js';
import { selects } from '../decision/selection.js';
import { findPattern } from '../document/image-pattern.js';
import type { Policy, PolicyCheck, PolicyRule, Selector } from '../document/policy.js';
import { plain } from '../document/quote.js';

/** One rule in words. */
export interface ExplainedRule {
  readonly rule: string;
  readonly action: 'audit' | 'warn' | 'deny';
  /** What it demands. */
  readonly demands: string;
  /** Whom it is for; absent: for all. */
  readonly scope?: string | undefined;
  /** The day from which it denies, if that is still to come. */
  readonly hardensOn?: string | undefined;
}

/** What a rule says of one image. */
export interface ExplainedImage {
  readonly rule: string;
  /** `open`: it needs more than the name. */
  readonly answer: 'met' | 'broken' | 'not for it' | 'open';
  readonly action: 'audit' | 'warn' | 'deny';
  /** One clause; of a met rule over registries, the entry that allows. */
  readonly why: string;
}

/** Every rule of a policy in words, as it is at a moment. */
export function explainPolicy(policy: Policy, { now }: { readonly now: Date }): readonly ExplainedRule[] {
  return policy.rules.map((rule) => {
    const isAhead = rule.hardensAt !== undefined && rule.hardensAt.getTime() > now.getTime() && rule.action !== 'deny';
    return {
      rule: rule.name,
      action: actionAt(rule, now),
      demands: wordsOf(rule.check),
      scope: scopeOf(rule),
      hardensOn: isAhead ? rule.hardensAt?.toISOString().slice(0, 10) : undefined,
    };
  });
}

/** What every rule says of a name, with the entry that decides. */
export function explainImage(
  policy: Policy,
  image: string,
  options: { readonly now: Date; readonly namespace?: string | undefined },
): readonly ExplainedImage[] {
  return policy.rules.map((rule) => explainRule(policy, rule, image, options));
}

function explainRule(
  policy: Policy,
  rule: PolicyRule,
  image: string,
  { now, namespace }: { readonly now: Date; readonly namespace?: string | undefined },
): ExplainedImage {
  const base = { rule: rule.name, action: actionAt(rule, now) };
  const reference = read(image);
  const selection = selects(rule, { namespace, labels: undefined, images: [reference ?? 'broken'] });
  if (selection === 'no') return { ...base, answer: 'not for it', why: `it is ${scopeOf(rule) ?? 'for others'}` };
  // A rule alone, so that what is found is its own.
  const decision = evaluatePolicy({ ...policy, rules: [rule] }, { images: [{ text: image }], namespace }, { now });
  const [found] = [...decision.reasons, ...decision.warnings, ...decision.audits];
  if (found) return { ...base, answer: found.isNote ? 'met' : 'broken', why: found.message };
  const [waived] = decision.waived;
  if (waived?.by.kind === 'exception') {
    return { ...base, answer: 'met', why: `the exception on line ${waived.by.line} accepts it` };
  }
  const [open] = decision.notAssessed;
  if (open) {
    const words = new Set(open.needs.map((need) => needWords[need]));
    const why = `it needs to know ${[...words].join(' and ')}`;
    return { ...base, answer: 'open', why };
  }
  return { ...base, answer: 'met', why: whyMet(rule, reference) };
}

const needWords = {
  name: 'the name of the image',
  namespace: 'the namespace',
  labels: 'the labels of the pod',
  scan: 'what a scan finds',
  podSecurity: 'the pod',
  kubesec: 'the object',
  manifest: 'the object',
  object: 'the object',
  request: 'who asks for what',
  opa: 'what the policy engine says',
} as const;

function whyMet({ check }: PolicyRule, reference: Reference | undefined): string {
  const allow = check.id === 'registries' ? check.allow : undefined;
  const entry = reference && allow && findPattern(allow, reference, 'grant');
  if (!entry) return wordsOf(check);
  return `${plain(formatRepository(reference), 300)} is allowed by the entry ${plain(entry.text)}`;
}

function read(image: string): Reference | undefined {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined;
    throw error;
  }
}

function wordsOf(check: PolicyCheck): string {
  switch (check.id) {
    case 'registries':
      return policyChecks.registries.words(check);
    case 'official':
      return policyChecks.official.words(check);
    case 'tags':
      return policyChecks.tags.words(check);
    case 'digest':
      return policyChecks.digest.words(check);
    case 'scan':
      return policyChecks.scan.words(check);
    case 'vulnerabilities':
      return policyChecks.vulnerabilities.words(check);
    case 'podSecurity':
      return policyChecks.podSecurity.words(check);
    case 'kubesec':
      return policyChecks.kubesec.words(check);
    case 'manifest':
      return policyChecks.manifest.words(check);
    case 'opa':
      return policyChecks.opa.words(check);
    default:
      return policyChecks.expressions.words(check);
  }
}

function scopeOf({ match, exclude }: PolicyRule): string | undefined {
  const parts = [
    ...(match ? [`for ${selectorWords(match)}`] : []),
    ...(exclude ? [`${match ? '' : 'for all '}but ${selectorWords(exclude)}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function selectorWords({ namespaces, labels, images }: Selector): string {
  const parts: string[] = [];
  if (namespaces) parts.push(`the namespaces ${namespaces.map((one) => plain(one)).join(', ')}`);
  if (labels) {
    const words = Object.entries(labels).map(([key, value]) => plain(`${key}=${value}`));
    parts.push(`pods with the labels ${words.join(', ')}`);
  }
  if (images) parts.push(`the images ${images.map(({ text }) => plain(text)).join(', ')}`);
  return parts.join(' and ');
}
