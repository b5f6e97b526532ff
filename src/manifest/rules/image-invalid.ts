import type { ContainerRule } from '../analysis/rule.js';

export const imageInvalid: ContainerRule = {
  id: 'TW-K050',
  name: 'image-invalid',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'The name of an image is no image name',
  why: 'The container does not start, or what it starts cannot be known from the manifest.',
  fix: 'write [registry/]repository:tag@digest',
  check: ({ pod, value, parsedImage }) => {
    const { problem } = parsedImage;
    const isLeftOut = pod.isPart && (value.image === undefined || value.image === null);
    return problem === undefined || isLeftOut
      ? []
      : [{ path: ['image'], message: problem, effective: { value: value.image ?? null, from: 'container' } }];
  },
};
