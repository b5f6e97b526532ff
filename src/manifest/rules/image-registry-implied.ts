import { formatRepository, isOfficialImage } from '../../reference/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const imageRegistryImplied: ContainerRule = {
  id: 'TW-K054',
  name: 'image-registry-implied',
  severity: 'LOW',
  scope: 'container',
  title: 'The registry of an image is not written',
  why: 'Which registry is asked depends on the settings of the node; most ask docker.io.',
  fix: 'write the registry in front, as in docker.io/library/nginx',
  check: ({ image, parsedImage }) => {
    const { reference } = parsedImage;
    if (!reference || reference.registry !== 'docker.io' || /^(?:index\.)?docker\.io\//.test(image ?? '')) return [];
    const { official } = isOfficialImage(reference);
    const what = official ? 'an official image' : 'an image of an account';
    return [
      {
        path: ['image'],
        message: `${quoted(image)} means ${formatRepository(reference)}, ${what} on Docker Hub`,
        effective: { value: reference.registry, from: 'default' },
      },
    ];
  },
};
