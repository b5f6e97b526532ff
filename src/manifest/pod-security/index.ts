export type { PodSecurityControl, PodSecurityLevel, PodSecuritySource } from './control.js';
export {
  evaluatePodSecurity,
  forbiddingControls,
  podSecurityControls,
  type PodSecurityResult,
  type PodSecurityViolation,
  type UnassessedField,
} from './evaluate.js';
export { podSecuritySummary } from './summary.js';
export { parsePodSecurityVersion, type PodSecurityVersion } from './version.js';
