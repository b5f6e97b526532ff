import assert from 'node:assert/strict';
import test from 'node:test';
import { parseRetryAfter } from './retries.js';

const now = new Date('2026-01-02T03:04:05Z');

test('Retry-After is seconds or a date', () => {
  const cases: readonly (readonly [string | undefined, number | undefined])[] = [
    ['0', 0],
    ['7', 7_000],
    [' 120 ', 120_000],
    ['1.5', 1_500],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
    ['Friday, 02-Jan-26 03:04:35 GMT', 30_000],
    ['Fri Jan  2 03:04:35 2026 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
    ['2026', 2_026_000],
    ['9'.repeat(400), undefined],
    ['Fri, nonsense that is no date', undefined],
    ['1e3', undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseRetryAfter(text, now), ms, text);
});
