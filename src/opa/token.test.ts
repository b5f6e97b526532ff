import assert from 'node:assert/strict';
import test from 'node:test';
import { parsePolicy, type Policy } from '../policy/index.js';
import { readToken, tokenProblem } from './token.js';

const asking = (...urls: readonly string[]): Policy =>
  parsePolicy(
    JSON.stringify({
      apiVersion: 'tidewaiter.dev/v1',
      kind: 'Policy',
      metadata: { name: 'p' },
      rules: urls.map((url, at) => ({ name: `r${at}`, opa: { url } })),
    }),
    'policy',
  );

test('one token is for one server', () => {
  const one = 'https://opa.example.com:8181/v1/data/a';
  assert.equal(tokenProblem([asking(one, 'https://opa.example.com:8181/v1/data/b')]), undefined);
  assert.match(tokenProblem([asking(one, 'https://opa.example.com/v1/data/a')]) ?? '', /several servers/);
  assert.match(tokenProblem([asking(one), asking('http://127.0.0.1:8181/v1/data/a')]) ?? '', /several servers/);
});

test('a token is one line of visible characters', () => {
  assert.equal(readToken(' abcdefgh\n'), 'abcdefgh');
  for (const text of ['', '\n', 'two words are none', 'abcdefgh\nx-other: header', 'abcdefghé', 'x'.repeat(20_000)]) {
    assert.equal(readToken(text), undefined, JSON.stringify(text.slice(0, 20)));
  }
});
