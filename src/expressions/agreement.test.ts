import assert from 'node:assert/strict';
import test from 'node:test';
import { Environment } from '@marcbachmann/cel-js';
import * as fc from 'fast-check';
import { compileExpression, type CelType } from './index.js';

const variables: Readonly<Record<string, CelType>> = {
  object: { kind: 'dyn' },
  n: { kind: 'int' },
  s: { kind: 'string' },
};
const object = { a: 1, b: 'x', c: [1, 2, 3], d: { e: true, f: null }, g: 1.5 };

/** The same evaluated by another: the library whose grammar is used here. */
const library = new Environment({ homogeneousAggregateLiterals: false })
  .registerVariable('object', 'dyn')
  .registerVariable('n', 'int')
  .registerVariable('s', 'string');
const libraryFacts = { object: { ...object, a: 1n, c: [1n, 2n, 3n] }, n: 3n, s: 'abc' };

function byLibrary(text: string): unknown {
  try {
    const parsed = library.parse(text);
    return parsed.check().valid ? (parsed(libraryFacts) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

function byUs(text: string): unknown {
  const compiled = compileExpression(text, { variables, wanted: 'bool' });
  if (!('evaluate' in compiled)) return undefined;
  const found = compiled.evaluate((name) => (name === 'object' ? object : name === 'n' ? 3 : 'abc'), { left: 100_000 });
  return 'value' in found ? found.value : undefined;
}

const leaf = fc.constantFrom(
  ...'1 2 0 "x" "ab" "" true false null 1.5 n s x [1,2] [] {"e":true} object.a object.b object.c object.d object.d.e object.g object.z'.split(
    ' ',
  ),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('expression'), fc.constantFrom(...'== != < <= > >= + - * / % && || in'.split(' ')), tie('expression'))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...'all exists exists_one filter map'.split(' ')), tie('expression'))
      .map(([list, name, body]) => `${list}.${name}(x, ${body})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom(
          ...'size() contains("x") startsWith("a") split("b") indexOf("b") lowerAscii() trim()'.split(' '),
        ),
      )
      .map(([on, call]) => `${on}.${call}`),
    tie('expression').map((one) => `!${one}`),
    tie('expression').map((one) => `(has(object.z) || ${one})`),
  ),
}));

test('where another evaluator has a value, it is the same here', () => {
  let both = 0;
  for (const text of fc.sample(expression, { numRuns: 20_000, seed: 20261201 })) {
    const whole = `(${text}) == true`;
    const theirs = byLibrary(whole);
    if (theirs === undefined) continue;
    assert.equal(byUs(whole), theirs, whole);
    both++;
  }
  assert.ok(both > 500, `${both}`);
});
