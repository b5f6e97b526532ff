import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const stalePullPolicy: ContainerRule = {
  id: 'TW-K053',
  name: 'stale-pull-policy',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'An image that may change is not pulled again',
  why: 'A node goes on running what it happens to have, also after the image was mended or taken back.',
  fix: 'set imagePullPolicy to Always, or name a digest',
  check: ({ value, parsedImage }) => {
    const { reference } = parsedImage;
    const policy = value.imagePullPolicy;
    if (!reference || reference.digest || typeof policy !== 'string') return [];
    const isStale = policy === 'Never' || (policy === 'IfNotPresent' && reference.tag === 'latest');
    if (!isStale) return [];
    const path = ['imagePullPolicy'];
    const message = `imagePullPolicy is ${policy} for the tag ${quoted(reference.tag)}`;
    return [{ path, message, effective: { value: policy, from: 'container' }, edits: [{ path, set: 'Always' }] }];
  },
};
