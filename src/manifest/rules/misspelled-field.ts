import { asArray, asObject, type JsonObject, type JsonValue, type YamlPath } from '../../formats/index.js';
import { containerIn } from '../analysis/containers.js';
import type { FieldEdit } from '../analysis/manifest-report.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';
import { isSafeValue } from '../analysis/safe-values.js';

export const misspelledField: PodRule = {
  id: 'TW-K093',
  name: 'misspelled-field',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A field that protects is misspelled',
  why: 'The field does nothing, and the pod is as open as without it.',
  fix: 'write the name as Kubernetes has it',
  check: ({ problems, spec }) =>
    problems.flatMap((problem): Hit[] => {
      if (problem.problem !== 'misspelled') return [];
      const { path, meant, belongs } = problem;
      const value = follow(spec, path);
      const right = [...path.slice(0, -1), meant];
      const edits: readonly FieldEdit[] =
        belongs !== undefined || value === undefined || !isSafeValue(meant, value) || follow(spec, right) !== undefined
          ? []
          : [
              { path, remove: true },
              { path: right, set: value },
            ];
      return [
        {
          path,
          message: `${quoted(path.at(-1))} is no field; ${meant} is${belongs === undefined ? '' : `, in ${belongs}`}`,
          fix: `write ${meant}${belongs === undefined ? '' : ` in ${belongs}`}`,
          edits,
          ...containerIn(spec, path),
        },
      ];
    }),
};

function follow(spec: JsonObject, path: YamlPath): JsonValue | undefined {
  let here: JsonValue | undefined = spec;
  for (const step of path) here = typeof step === 'number' ? asArray(here)?.[step] : asObject(here)?.[step];
  return here;
}
