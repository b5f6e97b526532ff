import test from 'node:test';
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { closest, readValue, splitList, type Option, type OptionType } from './index.js';

const option = (type: OptionType, more: Partial<Option> = {}): Option => ({
  name: 'x',
  type,
  group: 'works',
  section: 'General',
  summary: '',
  ...more,
});

function value(type: OptionType, text: string): unknown {
  const reading = readValue(option(type), text);
  return 'value' in reading ? reading.value : undefined;
}

test('durations', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['5m0s', 300_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
    ['', undefined],
    ['5', undefined],
    ['5 m', undefined],
    ['m', undefined],
    ['-5m', undefined],
    ['5m!', undefined],
    ['9'.repeat(100), undefined],
  ];
  for (const [text, ms] of cases) assert.equal(value('duration', text), ms, text);
});

test('sizes', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['44kB', 44_000],
    ['17MB', 17_000_000],
    ['10GB', 10_000_000_000],
    ['1.5GB', 1_500_000_000],
    ['2GiB', 2 * 1024 ** 3],
    ['100', 100],
    ['100 MB', 100_000_000],
    ['', undefined],
    ['MB', undefined],
    ['-1MB', undefined],
    ['1XB', undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(value('size', text), bytes, text);
});

test('switches and numbers', () => {
  for (const text of ['true', '1', 'T', 'True']) assert.equal(value('switch', text), true);
  for (const text of ['false', '0', 'f', 'FALSE']) assert.equal(value('switch', text), false);
  for (const text of ['yes', '', 'on']) assert.equal(value('switch', text), undefined);
  assert.equal(value('int', '12'), 12);
  for (const text of ['1.5', '0x10', '', '1e3', ' 1']) assert.equal(value('int', text), undefined);
  assert.equal(value('number', '0.9'), 0.9);
  assert.ok('wrong' in readValue(option('number', { range: [0, 1] }), '1.1'));
});

test('lists: commas, quotes, and nothing at all', () => {
  assert.deepEqual(value('list', 'a,b'), ['a', 'b']);
  assert.deepEqual(value('list', '"a,b",c'), ['a,b', 'c']);
  assert.deepEqual(value('list', '"a""b"'), ['a"b']);
  assert.deepEqual(value('list', ''), []);
  assert.deepEqual(value('list', 'a"b,c'), ['a"b', 'c']);
  assert.ok('wrong' in readValue(option('list', { values: ['a'] }), ''));
});

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

test('any list survives being quoted', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (elements) => {
      assert.deepEqual(splitList(elements.map(quote).join(',')), elements);
    }),
  );
});

test('the nearest word', () => {
  const words = ['severity', 'security-checks', 'server', 'ignore-unfixed', 'format'];
  assert.equal(closest('sevrity', words), 'severity');
  assert.equal(closest('SEVERITY', words), 'severity');
  assert.equal(closest('fromat', words), 'format');
  assert.equal(closest('ignoreunfixed', words), 'ignore-unfixed');
  assert.equal(closest('quux', words), undefined);
  assert.equal(closest('x'.repeat(100_000), words), undefined);
});
