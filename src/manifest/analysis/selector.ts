import { asArray, asObject, asString, type JsonObject } from '../../formats/index.js';

/**
 * Whether a label selector selects labels, by Kubernetes' rules; an empty one selects everything. A requirement that
 * cannot be read selects nothing.
 */
export function selects(selector: JsonObject, labels: JsonObject): boolean {
  const wanted = asObject(selector.matchLabels) ?? {};
  if (Object.entries(wanted).some(([key, value]) => labels[key] !== value)) return false;
  return (asArray(selector.matchExpressions) ?? []).every((item) => {
    const requirement = asObject(item);
    return requirement !== undefined && meets(requirement, labels);
  });
}

function meets(requirement: JsonObject, labels: JsonObject): boolean {
  const key = asString(requirement.key);
  if (key === undefined) return false;
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const values = asArray(requirement.values) ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
