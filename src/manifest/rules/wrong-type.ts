import { containerIn } from '../analysis/containers.js';
import type { FieldEdit } from '../analysis/manifest-report.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';
import { isSafeValue } from '../analysis/safe-values.js';

export const wrongType: PodRule = {
  id: 'TW-K095',
  name: 'wrong-type',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A field that protects has a value of the wrong type',
  why: 'The API server refuses the pod, or whoever prepares the manifest drops the value.',
  fix: 'write the value without quotes',
  check: ({ problems, spec }) =>
    problems.flatMap((problem): Hit[] => {
      if (problem.problem !== 'type') return [];
      const { path, wanted, meant } = problem;
      const message = `${quoted(path.at(-1))} is not ${wanted}`;
      const edits: readonly FieldEdit[] =
        meant !== undefined && isSafeValue(path.at(-1), meant) ? [{ path, set: meant }] : [];
      const fix = meant === undefined ? `write ${wanted}` : `write ${quoted(meant)} without quotes`;
      return [{ path, message, fix, edits, ...containerIn(spec, path) }];
    }),
};
