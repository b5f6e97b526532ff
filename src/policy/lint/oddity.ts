import type { YamlPath } from '../../formats/index.js';
import type { Policy } from '../document/policy.js';
import type { PolicyProblem } from '../document/problem.js';

/** Something odd, with its place in the document. */
export interface Oddity extends Pick<PolicyProblem, 'code' | 'message' | 'hint'> {
  readonly path: YamlPath;
}

/** Looks for one kind of oddity. */
export type PolicyLinter = (policy: Policy, now: Date) => readonly Oddity[];
