import { isOfficialImage } from '../../../reference/index.js';
import { plain } from '../../document/quote.js';
import { met, type NameCheck } from '../rule-check.js';

/** Only images that Docker curates. */
export const official = {
  id: 'official',
  over: 'name',
  needs: ['name'],
  words: (_check) => 'images are official images of Docker Hub (docker.io/library)',
  judge(_check, { reference }) {
    const answer = isOfficialImage(reference);
    if (answer.official) return met;
    return {
      broken: {
        message: `it is no official image: ${plain(answer.why, 300)}`,
        fix: 'use an image of docker.io/library',
      },
    };
  },
} as const satisfies NameCheck<'official'>;
