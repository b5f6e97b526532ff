import type { ManifestUnknown } from '../manifest/index.js';

/** An unknown that is about a whole file or folder. */
export function unknownOf(
  code: ManifestUnknown['code'],
  file: string,
  reason: string,
  hint?: string,
  line = 1,
): ManifestUnknown {
  return { code, place: { file, line, column: 1, document: 0 }, reason, ...(hint === undefined ? {} : { hint }) };
}
