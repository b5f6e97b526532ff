import { type SeenRecord } from './seen-record.js';
/** What lies in the folder for a repository. */
export type FoundRecord =
  | {
      readonly state: 'absent';
    }
  | {
      readonly state: 'read';
      readonly record: SeenRecord;
      readonly mark: string;
    }
  /** It is there and no record. */
  | {
      readonly state: 'damaged';
      readonly reason: string;
      readonly mark: string;
    };
export interface RecordFolderOptions {
  readonly dir: string;
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Files that nobody wrote for longer may go when there are too many. */
  readonly forgetMs: number;
  /** After which a lock that nobody touches is taken away. */
  readonly lockGoneMs?: number | undefined;
}
/**
 * A folder of records, one file a repository, each replaced in one step. A folder that others own or may write to is not
 * used: what stands there decides what may run.
 */
export declare class RecordFolder {
  #private;
  constructor(options: RecordFolderOptions);
  /** Another text for another file. @throws what the operating system says */
  mark(repository: string): Promise<string>;
  /** @throws what the operating system says, and that the folder is not to be trusted */
  read(repository: string): Promise<FoundRecord>;
  /**
   * Puts what `edit` makes of what is there into its place, while no other process does. A damaged file is kept aside, and
   * `onDamage` told where.
   * @returns what lies there now
   * @throws what the operating system says; Error when there is no room
   */
  update(
    repository: string,
    edit: (found: FoundRecord) => SeenRecord,
    onDamage: (aside: string, reason: string) => void,
  ): Promise<{
    readonly record: SeenRecord;
    readonly mark: string;
  }>;
}
