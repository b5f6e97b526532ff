export type { EvaluationBudget } from './budget.js';
export { typeName, type CelType, type MessageType } from './cel-type.js';
export { compileExpression } from './compile-expression.js';
export * from './expression.js';
export type { ExpressionInput } from './input.js';
