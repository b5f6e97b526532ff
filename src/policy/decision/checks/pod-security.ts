import { plain } from '../../document/quote.js';
import { met, type WorkloadCheck } from '../rule-check.js';

const rank = { privileged: 0, baseline: 1, restricted: 2 } as const;

/** The level of the Pod Security Standards that a pod must reach. */
export const podSecurity = {
  id: 'podSecurity',
  over: 'workload',
  needs: ['podSecurity'],
  words: ({ level }) => `pods reach the Pod Security level ${level}`,
  judge({ level }, { podSecurity: given }) {
    if (given === undefined) return undefined;
    if (given === 'none' || rank[given.level] >= rank[level]) return met;
    return {
      broken: {
        message: `the Pod Security level ${level} is demanded, and the pod ${plain(given.summary, 600)}`,
        fix: 'mend the fields that are named; tidewaiter manifest tells how',
      },
    };
  },
} as const satisfies WorkloadCheck<'podSecurity'>;
