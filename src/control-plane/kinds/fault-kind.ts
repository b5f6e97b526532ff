/** What is said of a fault wherever it is found. */
export interface FaultKind {
  readonly severity: 'error' | 'warning' | 'note';
  /** What comes of it, in one sentence. */
  readonly why: string;
  /** What to do, in one clause. */
  readonly fix: string;
}
