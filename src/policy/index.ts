export * from './cases/parse-policy-cases.js';
export * from './cases/policy-case.js';
export * from './cases/run-policy-case.js';
export { actionAt } from './decision/action.js';
export * from './decision/decision.js';
export {
  evaluatePolicy,
  expressionSteps,
  needsOf,
  policyChecks,
  type EvaluationOptions,
} from './decision/evaluate-policy.js';
export * from './decision/protocols.js';
export * from './decision/subject.js';
export { parseDuration, parseMoment } from './document/duration.js';
export * from './document/fact.js';
export * from './document/image-pattern.js';
export * from './document/load-policy.js';
export * from './document/parse-policy.js';
export * from './document/policy.js';
export * from './document/problem.js';
export type { ReadOptions } from './document/read-options.js';
export * from './errors.js';
export * from './explain/explain-policy.js';
export { lintPolicy } from './lint/lint-policy.js';
