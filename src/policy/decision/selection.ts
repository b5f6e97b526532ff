import type { Reference } from '../../reference/index.js';
import { findPattern, type PatternUse } from '../document/image-pattern.js';
import type { PolicyRule, Selector } from '../document/policy.js';
import { fitsAnyWildcard, fitsWildcard } from '../document/wildcard.js';
import type { Fact } from '../document/fact.js';

/** What a selector may ask about. */
export interface SelectionSubject {
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Of the image, or of all of an object. */
  readonly images: readonly SelectionImage[];
}

/** `broken`: the text is no name, and may stand for anything. `nameless`: there is none. */
export type SelectionImage = Reference | 'broken' | 'nameless';

/** Is the rule for it? Otherwise what would have to be known to tell. */
export type Selection = 'yes' | 'no' | readonly Fact[];

/** Everything that is given must fit, and the rule must not be excluded. */
export function selects(rule: PolicyRule, subject: SelectionSubject): Selection {
  const matched = rule.match ? fits(rule.match, subject, 'match') : 'yes';
  if (matched === 'no') return 'no';
  const excluded = rule.exclude ? fits(rule.exclude, subject, 'exclude') : 'no';
  if (excluded === 'yes') return 'no';
  const missing = [matched, excluded].flatMap((one) => (typeof one === 'string' ? [] : one));
  return missing.length === 0 ? 'yes' : [...new Set(missing)];
}

function fits(selector: Selector, subject: SelectionSubject, purpose: 'match' | 'exclude'): Selection {
  const parts: Selection[] = [];
  if (selector.namespaces) {
    const { namespace } = subject;
    if (namespace !== undefined) parts.push(answer(fitsAnyWildcard(selector.namespaces, namespace)));
    // Both webhooks tell the namespace. Who does not (a file, a name) is not let off for that.
    else parts.push(purpose === 'exclude' ? 'no' : ['namespace']);
  }
  if (selector.labels) {
    const { labels } = subject;
    parts.push(labels === undefined ? ['labels'] : answer(fitsLabels(selector.labels, labels)));
  }
  if (selector.images) parts.push(fitsImages(selector.images, subject.images, purpose));
  if (parts.includes('no')) return 'no';
  const missing = parts.flatMap((part) => (typeof part === 'string' ? [] : part));
  return missing.length === 0 ? 'yes' : missing;
}

function fitsLabels(wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(
    ([name, pattern]) => Object.hasOwn(labels, name) && fitsWildcard(pattern, labels[name] ?? ''),
  );
}

/** A rule is for an object if it is for one of its images; it is excluded only if all of them are. */
function fitsImages(
  patterns: NonNullable<Selector['images']>,
  images: readonly SelectionImage[],
  purpose: 'match' | 'exclude',
): Selection {
  // Who is under a rule is not a matter of spelling; who is let off is.
  const use: PatternUse = purpose === 'match' ? 'refuse' : 'grant';
  const answers = images.map((image): Selection => {
    if (image === 'nameless') return ['name'];
    if (image === 'broken') return answer(purpose === 'match');
    return answer(findPattern(patterns, image, use) !== undefined);
  });
  const decisive = purpose === 'match' ? 'yes' : 'no';
  if (answers.includes(decisive)) return decisive;
  if (answers.some((one) => typeof one !== 'string')) return ['name'];
  return purpose === 'match' || answers.length === 0 ? 'no' : 'yes';
}

function answer(isSo: boolean): Selection {
  return isSo ? 'yes' : 'no';
}
