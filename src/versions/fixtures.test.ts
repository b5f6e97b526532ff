import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { schemes, VersionError, type VersionScheme } from './index.js';

const repoRoot = process.env['TIDEWAITER_REPO'] ?? process.cwd();

for (const scheme of Object.values(schemes)) {
  const lines = readFileSync(join(repoRoot, 'src/versions/fixtures', `${scheme.id}.txt`), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));

  test(`${scheme.id}: every line of its list holds`, () => {
    for (const line of lines) checkLine(scheme, line);
  });

  test(`${scheme.id}: the versions of its list are in one total order`, () => {
    checkOrder(scheme, [...new Set(lines.flatMap(versionsOf))]);
  });
}

function checkLine(scheme: VersionScheme, line: string): void {
  const [, invalid] = /^invalid: (.*)$/.exec(line) ?? [];
  if (invalid !== undefined) return checkInvalid(scheme, invalid);
  const [, refused] = /^refused: (.*)$/.exec(line) ?? [];
  if (refused !== undefined) return checkRefused(scheme, refused);
  const [, version, negation, constraint] = /^(\S+) (not )?in (.*)$/.exec(line) ?? [];
  if (version !== undefined && constraint !== undefined) {
    return assert.equal(scheme.satisfies?.(version, constraint), negation === undefined, line);
  }
  const [, a, operator, b] = /^(.*) ([<=>]) (.*)$/.exec(line) ?? [];
  assert.ok(a !== undefined && operator !== undefined && b !== undefined, `not a line of a list: ${line}`);
  assert.equal('<=>'[Math.sign(scheme.compare(a, b)) + 1], operator, line);
}

function checkInvalid(scheme: VersionScheme, text: string): void {
  assert.equal(scheme.isValid(text), false, JSON.stringify(text));
  assert.throws(() => scheme.compare(text, '1.0.0'), isInvalid, JSON.stringify(text));
  assert.throws(() => scheme.compare('1.0.0', text), isInvalid, JSON.stringify(text));
  if (scheme.satisfies) assert.throws(() => scheme.satisfies?.(text, '>=0.0.0'), isInvalid, JSON.stringify(text));
}

function isInvalid(thrown: unknown): boolean {
  return thrown instanceof VersionError && thrown.code === 'VERSION_INVALID';
}

function checkRefused(scheme: VersionScheme, constraint: string): void {
  assert.throws(
    () => scheme.satisfies?.('1.0.0', constraint),
    (thrown) => thrown instanceof VersionError && thrown.code === 'CONSTRAINT_INVALID',
    constraint,
  );
}

function versionsOf(line: string): readonly string[] {
  const [, a, b] = /^(?!invalid:|refused:)(.*) [<=>] (.*)$/.exec(line) ?? [];
  return a !== undefined && b !== undefined && !/ (?:not )?in /.test(line) ? [a, b] : [];
}

/**
 * Each is equal to itself, turning a pair turns the sign, and every pair agrees with one ranking of them all, from
 * which transitivity follows.
 */
function checkOrder(scheme: VersionScheme, versions: readonly string[]): void {
  const sorted = versions.toSorted((a, b) => scheme.compare(a, b));
  const ranks = rankOf(scheme, sorted);
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) {
      const expected = Math.sign((ranks[i] ?? 0) - (ranks[j] ?? 0));
      assert.equal(Math.sign(scheme.compare(a, b)) + 0, expected + 0, `${a} against ${b}`);
    }
  }
}

function rankOf(scheme: VersionScheme, sorted: readonly string[]): readonly number[] {
  let rank = 0;
  return sorted.map((version, i) => {
    const before = sorted[i - 1];
    if (before !== undefined && scheme.compare(before, version) !== 0) rank++;
    return rank;
  });
}
