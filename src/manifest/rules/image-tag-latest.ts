import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const imageTagLatest: ContainerRule = {
  id: 'TW-K051',
  name: 'image-tag-latest',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'An image has no tag, or the tag latest',
  why: 'What runs changes without a change here, differs between nodes, and cannot be rolled back.',
  fix: 'name a version as the tag, best with a digest',
  check: ({ image, parsedImage }) => {
    const { reference } = parsedImage;
    if (!reference || reference.digest || reference.tag !== 'latest') return [];
    const isWritten = image?.endsWith(':latest');
    const message = `${quoted(image)} ${isWritten ? 'has the tag latest' : 'has no tag, which means latest'}`;
    return [{ path: ['image'], message, effective: { value: 'latest', from: isWritten ? 'container' : 'default' } }];
  },
};
