const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const segment = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';

/**
 * Regular expressions of RE2 that read a name of an image as the kubelet does, once every default is written out.
 * https://github.com/distribution/reference
 */
export const nameGrammar = {
  /** The part before the first slash names a registry. */
  namesRegistry: '^([^/]*[.:A-Z][^/]*|localhost)/',
  /** Docker Hub, and one name. */
  oneNameOnHub: '^docker\\.io/[^/]*$',
  /** An id, which is no name. */
  imageId: '^[a-f0-9]{64}$',
  /** There is a tag behind the path; for names without their digest. */
  hasTag: ':[^/]*$',
  official: '^docker\\.io/library/[^/]+$',
  wellFormed: [
    `^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/`,
    `${segment}(?:/${segment})*`,
    '(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?',
    '(?:@(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}))?$',
  ].join(''),
  maxPathLength: 255,
} as const;

/** Every place of a pod's specification where an image stands in a list of containers. */
export const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Kinds of Kubernetes' own that make pods, with those whose template is in an unusual place. */
export const podKinds = [
  { group: '', resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'podtemplates'] },
  { group: 'apps', resources: ['deployments', 'daemonsets', 'statefulsets', 'replicasets'] },
  { group: 'batch', resources: ['jobs', 'cronjobs'] },
] as const;
