import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { satisfies, schemes, VersionError } from './index.js';

const size = 100_000;
const hostileTexts = [
  '1',
  '1.',
  '1.0.',
  '0',
  '~',
  '-',
  '1-',
  '1_p',
  '1_',
  'a',
  '1.0-a.',
  '1.0+a.',
  '||',
  '>=1 ',
  ',',
  '1!',
  ' ',
  '^',
  '\0',
  '\ud800',
].map((piece) => piece.repeat(size / piece.length));

for (const scheme of Object.values(schemes)) {
  test(`${scheme.id}: huge texts give an answer or an error of ours, without running away`, () => {
    for (const text of hostileTexts) {
      for (const version of [text, `1.0.0${text}`, `1.0.0-${text}!`]) {
        answerOrError(() => scheme.compare(version, `${version}1`));
        answerOrError(() => scheme.satisfies?.('1.0.0', version));
        answerOrError(() => scheme.satisfies?.(version, '>=1.0.0'));
      }
    }
  });

  test(`${scheme.id}: any text is valid or refused, and valid ones are comparable`, () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9][0-9a-c.+~_:-]{0,8}$/));
    fc.assert(
      fc.property(text, text, (a, b) => {
        if (!scheme.isValid(a) || !scheme.isValid(b)) return assert.throws(() => scheme.compare(a, b), VersionError);
        assert.equal(Math.sign(scheme.compare(a, b)) + 0, -Math.sign(scheme.compare(b, a)) + 0);
        assert.equal(scheme.compare(a, a), 0);
      }),
      { numRuns: 500 },
    );
  });
}

test('a scheme without constraints says so', () => {
  assert.throws(
    () => satisfies('apk', '1.0', '>=1.0'),
    (thrown) => thrown instanceof VersionError && thrown.code === 'CONSTRAINT_UNSUPPORTED',
  );
});

test('the message of an error quotes a bounded part of the text, control characters escaped', () => {
  assert.throws(
    () => schemes.npm.compare(`\u001b[31m${'x'.repeat(size)}`, '1.0.0'),
    (thrown) => thrown instanceof VersionError && thrown.message.length < 200 && !thrown.message.includes('\u001b'),
  );
});

function answerOrError(ask: () => unknown): void {
  try {
    ask();
  } catch (thrown) {
    assert.ok(thrown instanceof VersionError, String(thrown));
  }
}
