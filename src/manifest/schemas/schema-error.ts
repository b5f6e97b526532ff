/** What does not fit, and where: `causes` are below it. */
export interface SchemaError {
  /** JSON pointer. */
  readonly at: string;
  readonly text: string;
  readonly causes: readonly SchemaError[];
}

/** All errors on one line each, as kubesec joins them. */
export function errorLines(errors: readonly SchemaError[], depth = 0): string {
  return errors
    .map(({ at, text, causes }) => ` ${'  '.repeat(depth)}- at ${quote(at)}: ${text}${errorLines(causes, depth + 1)}`)
    .join('');
}

/** The heading of several errors of one value. */
export const grouped = 'validation failed';

/** Several errors of one value get a heading; one stands for itself. */
export function group(at: string, errors: readonly SchemaError[]): SchemaError | undefined {
  return errors.length > 1 ? { at, text: grouped, causes: errors } : errors[0];
}

/** An error without causes. */
export function leaf(at: string, text: string): SchemaError {
  return { at, text, causes: [] };
}

/** Names in quotes, as messages list them. */
export function list(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** Control characters escaped, quotes as the validator has them. */
export function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A step of a JSON pointer. */
export function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
