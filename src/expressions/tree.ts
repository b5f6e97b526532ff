import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionProblem } from './expression.js';

const maxCharacters = 5000;
const maxDepth = 200;

/** Grammar only: whatever has a name is looked up by the check. */
const grammar = new Environment({
  unlistedVariablesAreDyn: true,
  // Read, so that the check can name them.
  enableOptionalTypes: true,
  limits: { maxAstNodes: 5000, maxDepth: 60, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 16 },
});

/** The tree of an expression, or what is wrong with its text. Bounded in size and depth. */
export function parseTree(text: string): ASTNode | ExpressionProblem {
  if (text.length > maxCharacters) {
    return { offset: 0, message: `the expression has more than ${maxCharacters} characters` };
  }
  try {
    const { ast } = grammar.parse(text);
    return depthOf(ast) > maxDepth ? tooDeep : ast;
  } catch (error) {
    if (error instanceof RangeError) return tooDeep;
    return problemOf(error);
  }
}

const tooDeep: ExpressionProblem = {
  offset: 0,
  message: 'the expression is nested too deep',
  hint: 'split it into several',
};

function problemOf(error: unknown): ExpressionProblem {
  const { code, summary, range } = asParseError(error);
  const message = summary ?? 'the expression cannot be read';
  const offset = range?.start ?? 0;
  if (code === 'limit_exceeded') return { ...tooDeep, offset };
  if (code !== 'reserved_identifier') return { offset, message: lowerFirst(message) };
  const hint = message.endsWith(' namespace') ? 'write namespaceName' : undefined;
  return { offset, message: `CEL reserves the word ${message.split(' ').at(-1) ?? ''}`, hint };
}

interface ParseErrorFields {
  readonly code?: string;
  readonly summary?: string;
  readonly range?: { readonly start: number };
}

function asParseError(error: unknown): ParseErrorFields {
  if (!(error instanceof Error)) return {};
  return 'summary' in error ? (error as ParseErrorFields) : { summary: error.message };
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** Without recursion, because it is what bounds it. */
function depthOf(root: ASTNode): number {
  let level: ASTNode[] = [root];
  let depth = 0;
  while (level.length > 0) {
    depth++;
    level = level.flatMap(childrenOf);
  }
  return depth;
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** The macros that go through a list or the keys of a map. */
export type LoopName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter';
export const loopNames: readonly LoopName[] = ['all', 'exists', 'exists_one', 'map', 'filter'];

/** A call that is written like a function and is part of the language. */
export interface Loop {
  readonly name: LoopName;
  readonly over: ASTNode;
  readonly variable: string;
  /** Of `map` with three arguments. */
  readonly condition?: ASTNode | undefined;
  readonly body: ASTNode;
}

export function loopOf([name, over, given]: readonly [string, ASTNode, readonly ASTNode[]]): Loop | undefined {
  const known = loopNames.find((one) => one === name);
  const [first, second, third] = given;
  if (!known || first?.op !== 'id' || !second) return undefined;
  if (third && (known !== 'map' || given.length > 3)) return undefined;
  const parts = third ? { condition: second, body: third } : { body: second };
  return { name: known, over, variable: first.args, ...parts };
}

/** `cel.bind(name, value, body)` */
export interface Binding {
  readonly variable: string;
  readonly value: ASTNode;
  readonly body: ASTNode;
}

export function bindingOf([name, on, given]: readonly [string, ASTNode, readonly ASTNode[]]): Binding | undefined {
  const [variable, value, body] = given;
  if (name !== 'bind' || on.op !== 'id' || on.args !== 'cel' || given.length !== 3) return undefined;
  return variable?.op === 'id' && value && body ? { variable: variable.args, value, body } : undefined;
}

/** The two-part name of a function like `sets.contains`, whose first part is no value. */
export function qualifiedName(name: string, on: ASTNode): string | undefined {
  return on.op === 'id' && on.args === 'sets' ? `sets.${name}` : undefined;
}
