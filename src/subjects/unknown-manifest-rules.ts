import { findManifestRule } from '../manifest/index.js';
import { PolicyError, type Policy, type PolicyProblem } from '../policy/index.js';

/** Rules of the manifest analysis that a policy names and that do not exist: a demand over them would demand nothing. */
export function unknownManifestRules(policy: Policy): readonly PolicyProblem[] {
  return policy.rules.flatMap(({ check, line }, at): readonly PolicyProblem[] => {
    if (check.id !== 'manifest') return [];
    return [...(check.rules ?? []), ...check.except].flatMap((name): PolicyProblem[] => {
      if (findManifestRule(name)) return [];
      const message = `the analysis of manifests has no rule "${name.slice(0, 100)}"`;
      const hint = 'docs/manifest.md lists the rules';
      const path = `rules[${at}].manifest`;
      return [{ severity: 'error', code: 'UNKNOWN_RULE', line, column: 1, path, message, hint }];
    });
  });
}

/**
 * Refuses a policy that names rules of the manifest analysis that do not exist.
 * @throws PolicyError `INVALID_POLICY`
 */
export function checkManifestRules(policy: Policy, name: string): Policy {
  const problems = unknownManifestRules(policy);
  const [first] = problems;
  if (!first) return policy;
  throw new PolicyError('INVALID_POLICY', `${name}:${first.line}: ${first.message}`, { hint: first.hint, problems });
}
