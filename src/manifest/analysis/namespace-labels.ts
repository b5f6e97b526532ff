/** The label of a namespace that says which level of the Pod Security Standards its pods must reach. */
export const enforceLabel = 'pod-security.kubernetes.io/enforce';

/** All labels of a namespace that Pod Security admission reads begin so. */
export const podSecurityPrefix = 'pod-security.kubernetes.io/';
