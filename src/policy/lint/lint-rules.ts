import type { Policy, PolicyRule, Selector } from '../document/policy.js';
import { quote } from '../document/quote.js';
import { fitsAnyWildcard } from '../document/wildcard.js';
import type { Oddity } from './oddity.js';

/** Rules that are for nobody, that harden on a day that has passed, or that let off whoever says so. */
export function lintRules(policy: Policy, now: Date): readonly Oddity[] {
  const empty: Oddity = {
    path: ['rules'],
    code: 'NO_EFFECT',
    message: 'the policy demands nothing: everything passes',
    hint: 'add a rule',
  };
  if (policy.rules.length === 0) return [empty];
  return policy.rules.flatMap((rule, at) => [
    ...lintHardening(rule, at, now),
    ...lintSelectors(rule, at),
    ...lintTwin(policy.rules, at),
  ]);
}

function lintHardening(rule: PolicyRule, at: number, now: Date): readonly Oddity[] {
  const path = ['rules', at, 'hardensOn'];
  if (!rule.hardensAt) return [];
  if (rule.action === 'deny') {
    return [{ path, code: 'NO_EFFECT', message: `${rule.name} denies already`, hint: 'leave hardensOn out' }];
  }
  if (rule.hardensAt.getTime() > now.getTime()) return [];
  const day = rule.hardensAt.toISOString().slice(0, 10);
  const message = `${rule.name} denies since ${day}, whatever its action says`;
  return [{ path, code: 'DATE_PASSED', message, hint: 'write "action: deny" and leave hardensOn out' }];
}

function lintSelectors({ name, match, exclude }: PolicyRule, at: number): readonly Oddity[] {
  const oddities: Oddity[] = [];
  if (exclude?.labels) {
    oddities.push({
      path: ['rules', at, 'exclude', 'labels'],
      code: 'BY_LABEL',
      message: `${name} lets off by label, and who makes a pod chooses its labels`,
      hint: 'exclude namespaces instead',
    });
  }
  for (const [part, selector] of Object.entries({ match, exclude })) {
    for (const [index, text] of (selector?.namespaces ?? []).entries()) {
      if (text === text.toLowerCase()) continue;
      oddities.push({
        path: ['rules', at, part, 'namespaces', index],
        code: 'NEVER_MATCHES',
        message: `no namespace is named ${quote(text)}: their names are in lower case`,
        hint: `write ${quote(text.toLowerCase())}`,
      });
    }
  }
  if (match && exclude && isCovered(match, exclude)) {
    oddities.push({
      path: ['rules', at],
      code: 'UNREACHABLE',
      message: `${name} is for nobody: all that it matches is excluded`,
      hint: 'mend match or exclude',
    });
  }
  return oddities;
}

/** Everything that the one names is named by the other, and the other asks for nothing else. */
function isCovered(match: Selector, exclude: Selector): boolean {
  const { namespaces, labels, images } = exclude;
  const namespacesIn = !namespaces || match.namespaces?.every((one) => fitsAnyWildcard(namespaces, one));
  const labelsIn = !labels || Object.entries(labels).every(([key, value]) => match.labels?.[key] === value);
  const texts = images?.map(({ text }) => text);
  const imagesIn = !texts || match.images?.every(({ text }) => texts.includes(text));
  return namespacesIn === true && labelsIn && imagesIn === true;
}

/** The same demand of the same ones, made twice: the stronger action holds. */
function lintTwin(rules: readonly PolicyRule[], at: number): readonly Oddity[] {
  const rule = rules[at];
  if (!rule) return [];
  const twin = rules.slice(0, at).find((other) => keyOf(other) === keyOf(rule));
  if (!twin) return [];
  const message = `${rule.name} demands the same of the same ones as ${twin.name}`;
  return [{ path: ['rules', at], code: 'UNREACHABLE', message, hint: 'leave one of them out' }];
}

function keyOf({ check, match, exclude }: PolicyRule): string {
  return JSON.stringify([check, match, exclude]);
}
