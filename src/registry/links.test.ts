import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { nextLink } from './links.js';

test('the next page, wherever it stands in the header', () => {
  assert.equal(nextLink('</v2/a/tags/list?last=x&n=2>; rel="next"'), '/v2/a/tags/list?last=x&n=2');
  assert.equal(nextLink('<https://r/x>;rel=next'), 'https://r/x');
  assert.equal(nextLink('<a>; rel="prev", <b>; title="x, y"; rel="next"'), 'b');
  assert.equal(nextLink('<a,b>; REL = "last next"'), 'a,b');
  assert.equal(nextLink('<>; rel="next"'), '');
});

test('no next page', () => {
  for (const header of [undefined, '', '<a', '<a>', '<a>; rel="prev"', 'a; rel="next"', '<a>; title="rel=next"']) {
    assert.equal(nextLink(header), undefined, header);
  }
});

test('property: any text is read, and at once', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void nextLink(`<a>;${text}`)));
  nextLink('<a>; rel='.repeat(5_000));
  nextLink(`<a>;${' '.repeat(16_000)}`);
});
