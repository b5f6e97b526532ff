import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { parseDpkgVersion, schemes, VersionError } from '../index.js';

test('a version is split at the first colon and the last dash', () => {
  assert.deepEqual(parseDpkgVersion('1:2.0-rc1-3'), { epoch: 1, version: '2.0-rc1', release: '3' });
  assert.deepEqual(parseDpkgVersion('1.2.3'), { epoch: 0, version: '1.2.3', release: '' });
  assert.deepEqual(parseDpkgVersion(' 0:1:2 '), { epoch: 0, version: '1:2', release: '' });
  assert.throws(() => parseDpkgVersion(''), VersionError);
  assert.throws(() => parseDpkgVersion('x'), VersionError);
});

const pairCount = 10_000;

test('10,000 random pairs are ordered as dpkg orders them', (t) => {
  const probe = spawnSync('dpkg', ['--compare-versions', '1.0', 'lt', '2.0']);
  if (probe.status !== 0) return t.skip('dpkg is not here');
  const pairs = Array.from({ length: pairCount }, () => [randomVersion(), randomVersion()] as const);
  const answers = askDpkg(pairs);
  if (!answers) return t.skip('neither Dpkg::Version nor a shell to run dpkg with is here');
  assert.equal(answers.length, pairs.length);
  for (const [i, [a, b]] of pairs.entries()) {
    const ours = Math.sign(schemes.dpkg.compare(a, b)) + 0;
    // The Perl port rounds numbers beyond 2^53: where it says something else, the program itself decides.
    assert.equal(ours, ours === answers[i] ? ours : askDpkgItself(a, b), `${a} against ${b}`);
  }
});

function askDpkgItself(a: string, b: string): number {
  const holds = (relation: string): boolean => spawnSync('dpkg', ['--compare-versions', a, relation, b]).status === 0;
  return holds('lt') ? -1 : holds('eq') ? 0 : 1;
}

/** One process for all pairs: dpkg's own Perl module, which is the same code's port, keeps it under a second. */
function askDpkg(pairs: readonly (readonly [string, string])[]): readonly number[] | undefined {
  const script =
    'use Dpkg::Version; while (<STDIN>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\\n"; }';
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  const ran = spawnSync('perl', ['-e', script], { input, encoding: 'utf8', maxBuffer: 1 << 24 });
  if (ran.status === 0) return ran.stdout.trim().split('\n').map(Number);
  const loop =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
  const looped = spawnSync('sh', ['-c', loop], { input, encoding: 'utf8', maxBuffer: 1 << 24 });
  return looped.status === 0 ? looped.stdout.trim().split('\n').map(Number) : undefined;
}

const upstreamPieces = [
  '0',
  '1',
  '9',
  '10',
  '007',
  'a',
  'b',
  'Z',
  'rc',
  '.',
  '+',
  '~',
  '-',
  '~~',
  '18446744073709551616',
];
const revisionPieces = ['0', '1', '2', '10', '03', 'deb', 'u', 'ubuntu', '.', '+', '~'];

/** Close to each other on purpose: far versions differ at their first character. */
function randomVersion(): string {
  const epoch = random(5) === 0 ? `${random(3)}:` : '';
  const upstream = `${random(3)}${randomText(upstreamPieces, random(6))}`;
  const revision = random(2) === 0 ? '' : `-${randomText(revisionPieces, 1 + random(4))}`;
  return `${epoch}${upstream.replace(/-+$/, '')}${revision}`;
}

function randomText(pieces: readonly string[], count: number): string {
  return Array.from({ length: count }, () => pieces[random(pieces.length)]).join('');
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
