import { InvalidReferenceError, parseReference, type Reference } from '../../reference/index.js';
import type { SelectionImage } from './selection.js';
import type { SubjectImage } from './subject.js';

/** An image with its name read; of one without a name both are absent. */
export interface ReadImage {
  readonly image: SubjectImage;
  readonly reference: Reference | undefined;
  readonly error: InvalidReferenceError | undefined;
}

/** Reads the name as it is written; what is no name is told as its error. */
export function readImage(image: SubjectImage): ReadImage {
  if (image.nameless) return { image, reference: undefined, error: undefined };
  try {
    return { image, reference: parseReference(image.text), error: undefined };
  } catch (error) {
    if (error instanceof InvalidReferenceError) return { image, reference: undefined, error };
    throw error;
  }
}

/** What selectors see of it. */
export function selectionImage({ reference, error }: ReadImage): SelectionImage {
  return reference ?? (error ? 'broken' : 'nameless');
}
