/** Is it this error of the operating system? */
export declare function isErrno(error: unknown, code: string): boolean;
