import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineFiles, alpineImage } from '../robustness/alpine-image.js';
import { notBuilt, program, tidewaiter } from '../robustness/program.js';
import { dockerArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';

const skip = notBuilt;
const finding = 'CVE-2020-1967';

function archiveIn(folder: string): string {
  const path = join(folder, 'alpine.tar');
  writeFileSync(path, dockerArchive(alpineImage));
  return path;
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

test('findings alone pass; --exit-code and --exit-on-eol choose what they end with', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const image = ['image', '--input', archiveIn(folder), '--cache-dir', folder];
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 0, /^result: pass/],
    [['--exit-code', '7'], 7, /^result: fail/],
    [['--exit-code', '7', '--exit-on-eol', '9'], 9, /^result: fail/],
    [['--exit-on-eol', '9'], 9, /^result: fail/],
    [['--exit-on-eol', '9', '--pkg-types', 'library', '--incomplete', 'allow'], 0, /^result: pass/],
    [['--exit-code', '7', '--severity', 'UNKNOWN'], 0, /^result: pass/],
  ];
  for (const [words, wanted, says] of cases) {
    const { exitCode, stderr } = await tidewaiter([...image, ...words]);
    assert.equal(exitCode, wanted, `${words.join(' ')}\n${stderr}`);
    assert.match(lastLine(stderr), says, words.join(' '));
  }
});

test('what could not be assessed is incomplete, unless that is allowed', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'none.tar');
  writeFileSync(path, dockerArchive({ layers: [[{ path: 'bin/tool', content: 'x' }]] }));
  const image = ['image', '--input', path, '--cache-dir', folder];
  const strict = await tidewaiter(image);
  assert.equal(strict.exitCode, 3);
  assert.match(lastLine(strict.stderr), /^result: incomplete: /);
  assert.equal((await tidewaiter([...image, '--incomplete', 'allow'])).exitCode, 0);
});

test('what cannot be done ends with exit code 4', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const archive = archiveIn(folder);
  const cases: readonly (readonly string[])[] = [
    ['image', '--input', join(folder, 'missing.tar')],
    ['image', '--input', archive, '--db', join(folder, 'missing.db')],
    ['image', '--input', archive, '--output', join(folder, 'no', 'such', 'folder')],
    ['image', '--input', archive, '--max-image-size', '1B'],
    ['db', 'import', join(folder, 'missing.db')],
    ['db', 'info', '--db', archive],
  ];
  for (const words of cases) {
    const { exitCode, stdout, stderr } = await tidewaiter([...words, '--cache-dir', folder]);
    assert.deepEqual([exitCode, stdout], [4, ''], `${words.join(' ')}\n${stderr}`);
    assert.match(stderr, /^error: /);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test('--quiet leaves errors only', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const quiet = await tidewaiter([
    'image',
    '--input',
    archiveIn(folder),
    '--cache-dir',
    folder,
    '--quiet',
    '--redis-tls',
  ]);
  assert.deepEqual([quiet.exitCode, quiet.stderr], [0, '']);
  const failed = await tidewaiter(['image', '--quiet', '--input', join(folder, 'missing.tar')]);
  assert.match(failed.stderr, /^error: /);
  assert.doesNotMatch(failed.stderr, /result:/);
});

test('an image is read from standard input', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const stdin = dockerArchive(alpineImage);
  const { exitCode, stdout } = await tidewaiter(['image', '--input', '-', '--cache-dir', folder], { stdin });
  assert.equal(exitCode, 0);
  assert.match(stdout, new RegExp(finding));
});

test('--output makes a file whole or not at all', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const archive = archiveIn(folder);
  const target = join(folder, 'report.json');
  const image = (...words: readonly string[]): readonly string[] => [
    'image',
    '--cache-dir',
    folder,
    '--format',
    'json',
    '--output',
    target,
    ...words,
  ];
  const first = await tidewaiter(image('--input', archive));
  assert.deepEqual([first.exitCode, first.stdout], [0, '']);
  assert.match(readFileSync(target, 'utf8'), new RegExp(finding));

  writeFileSync(target, 'mine');
  chmodSync(target, 0o640);
  assert.equal((await tidewaiter(image('--input', join(folder, 'missing.tar')))).exitCode, 4);
  assert.equal(readFileSync(target, 'utf8'), 'mine');

  const link = join(folder, 'link.json');
  symlinkSync('report.json', link);
  assert.equal((await tidewaiter([...image('--input', archive), '--output', link])).exitCode, 0);
  assert.match(readFileSync(target, 'utf8'), new RegExp(finding));
  assert.equal(statSync(target).mode & 0o777, 0o640);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('--output to a device writes to it', {
  skip: skip || (existsSync('/dev/null') ? false : 'there is no /dev/null'),
}, async (t) => {
  const folder = temporaryFolder(t);
  const { exitCode } = await tidewaiter([
    'image',
    '--input',
    archiveIn(folder),
    '--cache-dir',
    folder,
    '--output',
    '/dev/null',
  ]);
  assert.equal(exitCode, 0);
  assert.equal(statSync('/dev/null').isFile(), false);
});

test('a reader that goes away is no error', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const packages = Array.from({ length: 3000 }, (_, at) => `P:p${at}\nV:1-r0\nA:x86_64\no:p${at}\n\n`).join('');
  const path = join(folder, 'large.tar');
  writeFileSync(
    path,
    dockerArchive({ layers: [[...alpineFiles.slice(0, 2), { path: 'lib/apk/db/installed', content: packages }]] }),
  );
  const child = spawn(
    process.execPath,
    [program, 'image', '--input', path, '--cache-dir', folder, '--format', 'json', '--incomplete', 'allow'],
    {
      env: { PATH: process.env['PATH'] ?? '', TIDEWAITER_SKIP_DB_UPDATE: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const words: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  child.stdout.once('data', () => child.stdout.destroy());
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  const stderr = Buffer.concat(words).toString('utf8');
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(stderr, /error|EPIPE/);
});

test('the time limit ends a run that waits', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const child = spawn(
    process.execPath,
    [program, 'image', '--input', '-', '--cache-dir', folder, '--timeout', '200ms'],
    {
      env: { PATH: process.env['PATH'] ?? '', TIDEWAITER_SKIP_DB_UPDATE: 'true' },
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  const words: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(exitCode, 4);
  assert.match(Buffer.concat(words).toString('utf8'), /time limit/);
});

test('SIGINT and SIGTERM end a run with their own exit codes', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  for (const [signal, wanted] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const child = spawn(process.execPath, [program, 'image', '--input', '-', '--cache-dir', folder, '--redis-tls'], {
      env: { PATH: process.env['PATH'] ?? '', TIDEWAITER_SKIP_DB_UPDATE: 'true' },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    // Its note tells that it has begun to listen.
    child.stderr.once('data', () => setTimeout(() => child.kill(signal), 50));
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), wanted, signal);
    assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', new RegExp(`^result: error: INTERRUPTED .*${signal}`));
  }
});

test('without a home nothing is kept, and the scan works', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const archive = archiveIn(folder);
  const environments: readonly Readonly<Record<string, string>>[] = [
    { HOME: '/nonexistent' },
    { HOME: '' },
    { HOME: folder, XDG_CACHE_HOME: 'relative' },
  ];
  for (const env of environments) {
    const { exitCode, stdout, stderr } = await tidewaiter(['image', '--input', archive], { env, cwd: folder });
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, new RegExp(finding));
  }
  assert.equal(existsSync(join(folder, 'relative')), false);
});

test('clean removes what was kept, and nothing of others', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const archive = archiveIn(folder);
  const cache = join(folder, 'cache');
  assert.equal((await tidewaiter(['image', '--input', archive, '--cache-dir', cache])).exitCode, 0);
  const kept = (): number =>
    readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  assert.ok(kept() > 0);
  assert.equal((await tidewaiter(['clean', '--cache-dir', cache])).exitCode, 0);
  assert.equal(kept(), 0);

  mkdirSync(join(cache, 'db'), { recursive: true });
  writeFileSync(join(cache, 'db', 'letters.txt'), 'mine');
  const refused = await tidewaiter(['clean', '--all', '--cache-dir', cache]);
  assert.equal(refused.exitCode, 4);
  assert.match(refused.stderr, /letters\.txt/);
  assert.ok(existsSync(join(cache, 'db', 'letters.txt')));
  assert.equal((await tidewaiter(['clean', '--all', '--cache-dir', join(folder, 'none')])).exitCode, 0);
});
