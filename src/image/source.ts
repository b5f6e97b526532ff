import type { CancelSignal } from '../core/index.js';
import type { Found } from './candidate.js';
import type { FileStore } from './file-store.js';

/** One way in which images lie in files. */
export interface ImageSource {
  readonly id: string;
  /** In words, for messages. */
  readonly title: string;
  /** The file that gives this way away. */
  readonly sign: string;
  /** @throws ImageError `DOCUMENT_INVALID`, `ARCHIVE_AMBIGUOUS`, `DIGEST_MISMATCH`, `LIMIT_EXCEEDED` */
  find(files: FileStore, signal: CancelSignal): Promise<Found>;
}
