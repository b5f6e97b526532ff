import type { CheckId } from '../document/policy.js';
import { policyFacts, type Fact } from '../document/fact.js';
import { policyChecks } from './evaluate-policy.js';

/** Who asks for a decision, and what they can tell. */
export const protocols = {
  ImageReview: ['name', 'namespace', 'scan', 'opa'],
  /** All of it. */
  AdmissionReview: policyFacts,
} as const satisfies Readonly<Record<string, readonly Fact[]>>;
export type Protocol = keyof typeof protocols;

/** The demands that a protocol carries too little for: they count neither way there. In the order of the documentation. */
export function notSeenBy(protocol: Protocol): readonly CheckId[] {
  const carried: readonly Fact[] = protocols[protocol];
  return Object.values(policyChecks)
    .filter(({ needs }) => needs.some((need) => !carried.includes(need)))
    .map(({ id }) => id);
}
