/** What rules need to know. */
export const policyFacts = [
  'name',
  'namespace',
  'labels',
  'scan',
  'podSecurity',
  'kubesec',
  'manifest',
  'object',
  'request',
  'opa',
] as const;
export type Fact = (typeof policyFacts)[number];
