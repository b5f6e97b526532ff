import { met, type WorkloadCheck } from '../rule-check.js';

/** The kubesec score that an object must have. */
export const kubesec = {
  id: 'kubesec',
  over: 'workload',
  needs: ['kubesec'],
  words: ({ minScore }) => `objects have a kubesec score of ${minScore} at least`,
  judge({ minScore }, { kubesec: given }) {
    if (given === undefined) return undefined;
    if (given === 'none' || given.score >= minScore) return met;
    return {
      broken: {
        message: `its kubesec score is ${given.score}, and ${minScore} is demanded`,
        fix: 'follow what tidewaiter kubesec scan advises for it',
      },
    };
  },
} as const satisfies WorkloadCheck<'kubesec'>;
