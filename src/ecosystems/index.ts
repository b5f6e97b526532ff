export * from './operating-system.js';
export * from './package.js';
export type {
  Distribution,
  DistributionMatching,
  EndOfLifeTable,
  OsPurlRule,
  ReleaseQuestion,
} from './distribution.js';
export { distributionOf, distributions, families } from './distributions.js';
export type { Ecosystem } from './ecosystem.js';
export { ecosystemOf, ecosystems } from './ecosystems.js';
export { type EndOfLife, endOfLife } from './end-of-life.js';
export { purlOf } from './purl.js';
