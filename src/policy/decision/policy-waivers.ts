import type { Reference } from '../../reference/index.js';
import { findPattern } from '../document/image-pattern.js';
import type { PolicyException } from '../document/policy.js';
import { fitsAnyWildcard } from '../document/wildcard.js';
import type { Waived } from './decision.js';
import type { WaivedFinding } from './rule-check.js';
import type { FindingFact } from './subject.js';

export interface WaiverSubject {
  readonly rule: string;
  readonly namespace: string | undefined;
  /** One image, or all of an object: then an exception must fit each. */
  readonly references: readonly (Reference | undefined)[];
}

/** The exceptions that hold at a moment. One that asks for what is not known does not fit. */
export class PolicyWaivers {
  readonly #wholeRules: readonly PolicyException[];
  readonly #byId = new Map<string, PolicyException[]>();
  readonly #ofPackages: readonly PolicyException[];

  constructor(exceptions: readonly PolicyException[], now: Date) {
    const valid = exceptions.filter(({ expiresAt }) => !expiresAt || expiresAt.getTime() > now.getTime());
    this.#wholeRules = valid.filter((one) => !one.vulnerabilities && !one.packages);
    this.#ofPackages = valid.filter((one) => !one.vulnerabilities && one.packages);
    for (const one of valid) {
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
    const candidates = [...(this.#byId.get(finding.vulnerabilityId) ?? []), ...this.#ofPackages];
    const found = candidates
      .filter(({ packages }) => !packages || fitsAnyWildcard(packages, finding.packageName))
      .find((one) => fitsSubject(one, subject));
    return found && { ...waivedBy(found), finding };
  }
}

function fitsSubject({ rules, namespaces, images }: PolicyException, subject: WaiverSubject): boolean {
  if (rules && !rules.includes(subject.rule)) return false;
  if (namespaces && (subject.namespace === undefined || !fitsAnyWildcard(namespaces, subject.namespace))) return false;
  if (!images) return true;
  const { references } = subject;
  return references.length > 0 && references.every((one) => one && findPattern(images, one, 'grant'));
}

function waivedBy({ reason, owner, line, expiresAt }: PolicyException): Pick<Waived, 'by' | 'until'> {
  return { by: { kind: 'exception', reason, owner, line }, until: expiresAt };
}
