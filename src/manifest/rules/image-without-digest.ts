import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const imageWithoutDigest: ContainerRule = {
  id: 'TW-K052',
  name: 'image-without-digest',
  severity: 'LOW',
  scope: 'container',
  title: 'An image is not pinned to a digest',
  why: 'Whoever may write to the registry can put something else behind the tag.',
  fix: 'put @sha256: and the digest behind the tag',
  check: ({ image, parsedImage }) => {
    const { reference } = parsedImage;
    if (!reference || reference.digest) return [];
    return [{ path: ['image'], message: `${quoted(image)} has no digest` }];
  },
};
