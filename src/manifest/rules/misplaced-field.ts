import { containerIn } from '../analysis/containers.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const misplacedField: PodRule = {
  id: 'TW-K094',
  name: 'misplaced-field',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A field that protects stands in the wrong place',
  why: 'The field does nothing there, and the pod is as open as without it.',
  fix: 'move the field to where it counts',
  check: ({ problems, spec }) =>
    problems.flatMap((problem): Hit[] => {
      if (problem.problem !== 'misplaced') return [];
      const { path, belongs } = problem;
      const message = `${quoted(path.at(-1))} does nothing here; it belongs into ${belongs}`;
      return [{ path, message, fix: `move it into ${belongs}`, ...containerIn(spec, path) }];
    }),
};
