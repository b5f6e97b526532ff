import type { FaultId } from './kinds/index.js';

/** Words of the API server whose cause is known. */
export interface KnownWords {
  readonly id: FaultId;
  /** Looked for anywhere in a message. Patterns are linear: literals, and classes that end at a quote or blank. */
  readonly words: RegExp;
  /** The file that the message names, the field, and what it says, from the groups. */
  tell?(groups: readonly (string | undefined)[]): Told;
  /** The API server ended with it. */
  readonly ends?: true;
}

export interface Told {
  readonly file?: string | undefined;
  readonly field?: string | undefined;
  readonly what?: string | undefined;
  readonly fix?: string | undefined;
}

/** What to do where the API server does not find a file. */
export function mountFix(file: string | undefined): string {
  return `put ${file ?? 'the file'} there, or mount its folder into the container of the API server`;
}
