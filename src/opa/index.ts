export * from './opa-answers.js';
export * from './opa-client.js';
export * from './policy-input.js';
export { readOpaAnswer } from './read-opa-answer.js';
export * from './token.js';
