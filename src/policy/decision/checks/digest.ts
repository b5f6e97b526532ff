import { met, type NameCheck } from '../rule-check.js';

/** Images are named by their digest. */
export const digest = {
  id: 'digest',
  over: 'name',
  needs: ['name'],
  words: (_check) => 'images are named by their digest',
  judge(_check, { image, reference }) {
    if (reference.digest !== undefined) return met;
    const known = image.scan?.state === 'scanned' ? image.scan.facts.digest : undefined;
    const fix = known === undefined ? 'add @sha256:... to the name' : `add @${known} to the name`;
    return { broken: { message: 'it is not named by its digest', fix } };
  },
} as const satisfies NameCheck<'digest'>;
