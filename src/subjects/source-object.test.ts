import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject } from '../formats/index.js';
import { maxSourceBytes, sourceOf, textOfSource } from './source-object.js';

test('the text of an object is its JSON up to the bound, exactly', () => {
  const filler = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(filler, fc.constantFrom(-1, 0, 1), (part, over) => {
      const object = { part, rest: '' } as JsonObject & { rest: string };
      assert.equal(textOfSource(object), JSON.stringify(object));
      const room = maxSourceBytes - JSON.stringify(object).length + over;
      const text = textOfSource({ ...object, rest: 'x'.repeat(room) });
      assert.equal(text?.length, over > 0 ? undefined : maxSourceBytes + over);
    }),
    { numRuns: 100 },
  );
});

test('an object of very many small parts is too large, and one that only its bookkeeping makes large is not', () => {
  const containers = Array.from({ length: 400_000 }, () => ({}));
  assert.equal(sourceOf({ kind: 'Pod', spec: { containers } }).source, undefined);
  assert.ok(sourceOf({ kind: 'Pod', spec: { containers } }).sourceGap);
  const named = Object.fromEntries(containers.map((_, at) => [`k${at}`, '']));
  assert.ok(sourceOf({ metadata: { annotations: named } }).sourceGap);
  const source = { kind: 'Pod', metadata: { name: 'a' } };
  const whole = { ...source, status: { containers }, metadata: { name: 'a', managedFields: containers } };
  assert.deepEqual(sourceOf(whole), { source });
});
