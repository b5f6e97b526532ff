import { asArray, asObject, asString, type JsonObject, type YamlPath } from '../../formats/index.js';
import type { ContainerRole } from '../pod-specs.js';
import type { Hit } from './rule.js';

const roles: ReadonlyMap<string, ContainerRole> = new Map([
  ['containers', 'container'],
  ['initContainers', 'initContainer'],
  ['ephemeralContainers', 'ephemeralContainer'],
]);

/** The container in which a path from the pod spec ends, for a rule that looks at pods; empty if in none. */
export function containerIn(spec: JsonObject, path: YamlPath): Pick<Hit, 'container'> {
  const [list, at] = path;
  const role = typeof list === 'string' ? roles.get(list) : undefined;
  if (role === undefined || typeof list !== 'string' || typeof at !== 'number') return {};
  return { container: { role, name: asString(asObject(asArray(spec[list])?.[at])?.name) } };
}
