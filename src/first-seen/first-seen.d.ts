import type { Reference } from '../reference/index.js';
/** As much of a finding as is needed. */
export interface SeenFinding {
  readonly vulnerabilityId: string;
  readonly packageName: string;
  /** RFC 3339. */
  readonly publishedAt?: string | undefined;
}
export interface FirstSeenOptions {
  /** The folder, for this alone; it is made when something is first kept. */
  readonly dir: string;
  /** Our own clock: no time comes from an image. */
  readonly now: () => Date;
  /** Told why nothing can be kept, once until it can, and of records that were damaged. */
  readonly log: (level: 'warn', message: string) => void;
  /** Repositories that are kept; default: 20,000. */
  readonly maxRepositories?: number | undefined;
  /** How long it is believed that nobody else has written; default: 1 s. */
  readonly lookMs?: number | undefined;
  /** After which a lock that nobody touches is taken away; default: 5 s. */
  readonly lockGoneMs?: number | undefined;
  /** How soon a write that failed is tried again; default: 5 s. */
  readonly retryMs?: number | undefined;
}
type Repository = Pick<Reference, 'registry' | 'repository'>;
/**
 * Since when vulnerabilities of packages are known in the images of a repository. Whoever asks never waits for a write: what
 * is new has the time of now while records can be written, and none once they cannot, until they can.
 */
export declare class FirstSeen {
  #private;
  constructor(options: FirstSeenOptions);
  /** Why what is new cannot be kept; nothing while it can. */
  get problem(): string | undefined;
  /**
   * The findings of an image of a repository, each with the time at which it was first seen there, if one is proved.
   * @param record are they to be kept? Where not (dry runs), what is new is told as if it were, and forgotten.
   * @param patienceMs how long to wait for a disk that does not answer, half a second at most; then nothing has a time.
   */
  withTimes<Finding extends SeenFinding>(
    { registry, repository }: Repository,
    findings: readonly Finding[],
    {
      record,
      patienceMs,
    }: {
      readonly record: boolean;
      readonly patienceMs?: number | undefined;
    },
  ): Promise<
    readonly (Finding & {
      readonly firstSeenAt?: string | undefined;
    })[]
  >;
  /** Waits until what is new is on the disk, or cannot be put there. */
  flush(): Promise<void>;
  /** As `flush`, and nothing is tried again. */
  close(): Promise<void>;
}
export {};
