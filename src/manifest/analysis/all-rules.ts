import * as registered from '../rules/index.js';
import type { ManifestRule } from './rule.js';

/** Every rule, sorted by id. */
export const manifestRules: readonly ManifestRule[] = Object.values<ManifestRule>(registered).toSorted((a, b) =>
  a.id < b.id ? -1 : 1,
);

const byName: ReadonlyMap<string, ManifestRule> = new Map(
  manifestRules.flatMap((rule) => [
    [rule.id, rule],
    [rule.name, rule],
  ]),
);

/** The rule of an id, in any case, or a name; `undefined` if there is none. */
export function findManifestRule(idOrName: string): ManifestRule | undefined {
  return byName.get(idOrName) ?? byName.get(idOrName.toUpperCase());
}
