import type { JsonValue } from '../../formats/index.js';
import { InvalidReferenceError, parseReference, type Reference } from '../../reference/index.js';

/** What stands where the name of an image should be. */
export type ReadImage =
  | { readonly reference: Reference; readonly problem?: undefined }
  | { readonly reference?: undefined; readonly problem: string };

/** The reference that a value names, or why it names none: missing, no text, blank around it, or against the rules. */
export function readImage(value: JsonValue | undefined): ReadImage {
  if (value === undefined || value === null) return { problem: 'no image is named' };
  if (typeof value !== 'string') return { problem: 'the name of the image is no text' };
  try {
    return { reference: parseReference(value) };
  } catch (error) {
    if (error instanceof InvalidReferenceError) return { problem: error.message };
    throw error;
  }
}
