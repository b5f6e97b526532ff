const libraries = 'quantities, addresses and formats are not part of these: a ValidatingAdmissionPolicy has them';

/** What Kubernetes' own expressions may say and those of a policy may not, with what to do instead. */
export const elsewhereWords: ReadonlyMap<string, string> = new Map([
  ['oldObject', 'what was there before is not told; what an update leaves as it was passes anyway (see "unchanged")'],
  ['namespaceObject', 'of the namespace its name alone is told: write namespaceName'],
  ['params', 'there are no parameters: write the value itself'],
  ['variables', 'there are no variables of a policy: write cel.bind(name, value, ...)'],
  ['authorizer', 'nobody is asked what somebody may do: write user and groups'],
  ...['quantity', 'isQuantity', 'url', 'isURL', 'ip', 'isIP', 'cidr', 'isCIDR', 'format', 'semver', 'isSemver'].map(
    (word) => [word, libraries] as const,
  ),
  ...['optional', 'orValue'].map(
    (word) => [word, 'optional values are not part of these: write has(a.b) && ...'] as const,
  ),
]);
