/** What every error of ours carries; each room has one subclass with its own closed list of codes. */
export class TidewaiterError<Code extends string = string> extends Error {
  /** Branch on this, never on the message. */
  readonly code: Code;
  /** What the user can do about it now, as one clause without a full stop. */
  readonly hint: string | undefined;

  constructor(
    code: Code,
    message: string,
    options: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    // Not the class's own name, which a bundler makes short.
    this.name = 'TidewaiterError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** Is this one of ours, with a message fit for users? */
export function isTidewaiterError(value: unknown): value is TidewaiterError {
  return value instanceof TidewaiterError;
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Did the operating system refuse with one of these codes? */
export function isErrno(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.some((code) => thrown.code === code);
}

/** Input that breaks a format, a bound or a checksum: thrown by the rooms that only compute. */
export class FormatError extends TidewaiterError<'INVALID' | 'TRUNCATED' | 'LIMIT_EXCEEDED' | 'UNSUPPORTED'> {}
