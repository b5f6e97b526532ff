/** One condition: an operator (empty: equal) and the version text it speaks of. */
export interface Comparator {
  readonly operator: string;
  readonly version: string;
}

export interface ConstraintSyntax {
  /** Longest first, so that `>=` is tried before `>`. */
  readonly operators: readonly string[];
  /** Does an operator start here, even without a space before it? Then the version before it ends. */
  readonly endsVersion: (text: string, index: number) => boolean;
}

/**
 * Splits `a b, c || d` into alternatives of comparators that must all hold. An empty alternative is an empty list.
 * `undefined` for anything else: an operator without a version, a comma that follows no version.
 */
export function splitConstraint(
  text: string,
  syntax: ConstraintSyntax,
): readonly (readonly Comparator[])[] | undefined {
  const alternatives: (readonly Comparator[])[] = [];
  for (const alternative of text.split('||')) {
    const comparators = splitAlternative(alternative, syntax);
    if (comparators === undefined) return undefined;
    alternatives.push(comparators);
  }
  return alternatives;
}

function splitAlternative(text: string, syntax: ConstraintSyntax): readonly Comparator[] | undefined {
  const comparators: Comparator[] = [];
  let at = skipSpaces(text, 0);
  while (at < text.length) {
    const operator = syntax.operators.find((candidate) => text.startsWith(candidate, at)) ?? '';
    const start = skipSpaces(text, at + operator.length);
    let end = start;
    while (end < text.length && !isSpace(text, end) && text[end] !== ',' && !syntax.endsVersion(text, end)) end++;
    if (end === start) return undefined;
    comparators.push({ operator, version: text.slice(start, end) });
    at = skipSpaces(text, end);
    if (text[at] === ',') at = skipSpaces(text, at + 1);
  }
  return comparators;
}

function skipSpaces(text: string, start: number): number {
  let end = start;
  while (end < text.length && isSpace(text, end)) end++;
  return end;
}

function isSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 32 || (code >= 9 && code <= 13);
}
