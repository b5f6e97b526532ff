/** Writing one small file takes no such time: whoever has not changed the lock for so long is gone. */
export declare const lockGoneMs = 5000;
/**
 * Runs `work` while no other process of ours does so for the same path. Clocks of other machines do not matter: a lock that
 * lies there unchanged for `goneMs` is taken away.
 * @throws Error when it cannot be had, with a message fit for people
 */
export declare function withFileLock<T>(path: string, goneMs: number, work: () => Promise<T>): Promise<T>;
