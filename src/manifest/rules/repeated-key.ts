import { quoted } from '../analysis/quoted.js';
import type { ObjectRule } from '../analysis/rule.js';

export const repeatedKey: ObjectRule = {
  id: 'TW-K092',
  name: 'repeated-key',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A key stands twice',
  why: 'Only the last one counts: what the other one says does not hold.',
  fix: 'take one of them away',
  check: ({ repeated }) =>
    repeated
      .filter(({ path }) => !['data', 'stringData', 'binaryData'].includes(String(path[0])))
      .map(({ path, offset }) => ({ path, offset, message: `${quoted(path.at(-1))} stands more than once` })),
};
