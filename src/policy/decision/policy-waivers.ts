import type { Reference } from '../../reference/index.js';
import { findPattern } from '../document/image-pattern.js';
import type { Policy, PolicyException } from '../document/policy.js';
import { fitsAnyWildcard } from '../document/wildcard.js';
import type { Waived } from './decision.js';
import type { WaivedFinding } from './rule-check.js';
import type { FindingFact } from './subject.js';

export interface WaiverSubject {
  readonly rule: string;
  readonly namespace: string | undefined;
  /** One image, or all of an object: then an exception must fit each. */
  readonly references: readonly (Reference | undefined)[];
  readonly now: Date;
}

/** The exceptions of a policy, by what they are of. One that asks for what is not known does not fit. */
export class PolicyWaivers {
  readonly #wholeRules: readonly PolicyException[];
  readonly #byId = new Map<string, PolicyException[]>();
  readonly #ofPackages: readonly PolicyException[];

  constructor(exceptions: readonly PolicyException[]) {
    this.#wholeRules = exceptions.filter((one) => !one.vulnerabilities && !one.packages);
    this.#ofPackages = exceptions.filter((one) => !one.vulnerabilities && one.packages);
    for (const one of exceptions) {
      for (const id of one.vulnerabilities ?? []) {
        const others = this.#byId.get(id);
        if (others) others.push(one);
        else this.#byId.set(id, [one]);
      }
    }
  }

  /** All that a rule says is accepted. */
  ofRule(subject: WaiverSubject): Pick<Waived, 'by' | 'until'> | undefined {
    const found = this.#wholeRules.find((one) => fitsSubject(one, subject));
    return found && waivedBy(found);
  }

  /** One finding is accepted. */
  ofFinding(subject: WaiverSubject, finding: FindingFact): WaivedFinding | undefined {
    const fits = (one: PolicyException): boolean =>
      (!one.packages || fitsAnyWildcard(one.packages, finding.packageName)) && fitsSubject(one, subject);
    const found = this.#byId.get(finding.vulnerabilityId)?.find(fits) ?? this.#ofPackages.find(fits);
    return found && { ...waivedBy(found), finding };
  }
}

const known = new WeakMap<readonly PolicyException[], PolicyWaivers>();

/** The same for the same policy: a list of many thousand exceptions is sorted once, not for every request. */
export function waiversOf({ exceptions }: Pick<Policy, 'exceptions'>): PolicyWaivers {
  const made = known.get(exceptions) ?? new PolicyWaivers(exceptions);
  known.set(exceptions, made);
  return made;
}

function fitsSubject(exception: PolicyException, subject: WaiverSubject): boolean {
  const { rules, namespaces, images, expiresAt } = exception;
  if (expiresAt && expiresAt.getTime() <= subject.now.getTime()) return false;
  if (rules && !rules.includes(subject.rule)) return false;
  if (namespaces && (subject.namespace === undefined || !fitsAnyWildcard(namespaces, subject.namespace))) return false;
  if (!images) return true;
  const { references } = subject;
  return references.length > 0 && references.every((one) => one && findPattern(images, one, 'grant'));
}

function waivedBy({ reason, owner, line, expiresAt }: PolicyException): Pick<Waived, 'by' | 'until'> {
  return { by: { kind: 'exception', reason, owner, line }, until: expiresAt };
}
