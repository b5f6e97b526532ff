import type { CelFunction } from './cel-function.js';
import { convertFunctions } from './convert-functions.js';
import { formatFunction } from './format-function.js';
import { listFunctions, setFunctions } from './list-functions.js';
import { patternFunctions } from './pattern-functions.js';
import { textFunctions } from './text-functions.js';
import { timeFunctions } from './time-functions.js';

export * from './cel-function.js';
export { kindNames } from './convert-functions.js';
export { isIn } from './list-functions.js';
export { durationOf, timeOf } from './time-text.js';

/** All functions, by name. */
export const celFunctions: ReadonlyMap<string, readonly CelFunction[]> = byName([
  ...convertFunctions,
  ...textFunctions,
  ...patternFunctions,
  ...listFunctions,
  ...setFunctions,
  ...timeFunctions,
  formatFunction,
]);

function byName(functions: readonly CelFunction[]): ReadonlyMap<string, readonly CelFunction[]> {
  const names = new Map<string, CelFunction[]>();
  for (const one of functions) {
    const others = names.get(one.name);
    if (others) others.push(one);
    else names.set(one.name, [one]);
  }
  return names;
}
