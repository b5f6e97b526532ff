import { asString } from '../formats/index.js';
import { invalid, parseDocument } from './fields.js';

/**
 * Checks the `oci-layout` file of an image layout.
 * @throws FormatError `INVALID` when it is none, or of a version that is not 1
 */
export function checkOciLayout(bytes: Uint8Array): void {
  const version = asString(parseDocument(bytes, 'oci-layout')['imageLayoutVersion']);
  if (version === undefined) throw invalid('oci-layout', 'names no version');
  if (!version.startsWith('1.'))
    throw invalid('oci-layout', `is of version ${version.slice(0, 20)}; version 1 is known`);
}
