import type { ExpressionCompiler } from '../../expressions/index.js';
import { parsePolicy } from './parse-policy.js';
import type { Policy } from './policy.js';

/**
 * The policy of a document, with its expressions compiled.
 * @throws PolicyError `INVALID_POLICY` that names the first problem, with all of them
 */
export async function loadPolicy(text: string, name: string): Promise<Policy> {
  return parsePolicy(text, name, { expressions: await loadExpressions(text) });
}

/** What compiles the expressions of a document; undefined where it has none, so that nothing is loaded for them. */
export async function loadExpressions(text: string): Promise<ExpressionCompiler | undefined> {
  // In quotes, the word may be written by escapes.
  const mayHaveSome = text.includes('expressions') || text.includes('\\');
  return mayHaveSome ? await import('../../expressions/index.js') : undefined;
}
