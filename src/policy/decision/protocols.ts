import type { CheckId } from '../document/policy.js';
import type { Fact } from '../document/fact.js';
import { policyChecks } from './evaluate-policy.js';

/** Who asks for a decision, and what they can tell. */
export const protocols = {
  ImageReview: ['name', 'namespace', 'scan', 'opa'],
  AdmissionReview: [
    'name',
    'namespace',
    'labels',
    'scan',
    'podSecurity',
    'kubesec',
    'manifest',
    'object',
    'request',
    'opa',
  ],
} as const satisfies Readonly<Record<string, readonly Fact[]>>;
export type Protocol = keyof typeof protocols;

/** The demands that a protocol carries too little for: they count neither way there. In the order of the documentation. */
export function notSeenBy(protocol: Protocol): readonly CheckId[] {
  const carried: readonly Fact[] = protocols[protocol];
  return Object.values(policyChecks)
    .filter(({ needs }) => needs.some((need) => !carried.includes(need)))
    .map(({ id }) => id);
}
