import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { dockerArchive } from '../support/image-builder.js';
import { notBuilt, tidewaiter } from './program.js';

const skip = notBuilt || (process.platform === 'win32' ? 'named pipes lie in no folder here' : false);

function makePipe(t: TestContext): { readonly pipe: string; readonly image: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-pipe-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const image = join(folder, 'image.tar');
  const content = 'P:musl\nV:1.1.24-r10\no:musl\n\n';
  const layer = [
    { path: 'etc/alpine-release', content: '3.11.13\n' },
    { path: 'lib/apk/db/installed', content },
  ];
  writeFileSync(image, dockerArchive({ layers: [layer] }));
  return { pipe, image };
}

const killAfterMs = 30_000;

test('an image comes through a named pipe, also when its writer is late', { skip }, async (t) => {
  const { pipe, image } = makePipe(t);
  const writer = spawn('sh', ['-c', 'sleep 0.5; cat "$1" > "$0"', pipe, image]);
  t.after(() => writer.kill('SIGKILL'));
  const { exitCode, stderr } = await tidewaiter(['image', '--input', pipe, '--cache-backend', 'memory'], {
    killAfterMs,
  });
  assert.equal(exitCode, 0, stderr);
});

test('the time limit ends a run whose named pipe nobody writes to', { skip }, async (t) => {
  const { pipe } = makePipe(t);
  const { exitCode, stderr } = await tidewaiter(['image', '--input', pipe, '--timeout', '300ms'], { killAfterMs });
  assert.equal(exitCode, 4, stderr);
  assert.match(stderr, /TIMEOUT/);
});

test('a named pipe in place of a database is refused at once', { skip }, async (t) => {
  const { pipe, image } = makePipe(t);
  for (const commandLine of [
    ['image', '--db', pipe, '--input', image],
    ['db', 'import', pipe],
  ]) {
    const { exitCode, stderr } = await tidewaiter(commandLine, { killAfterMs });
    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, /DATABASE_CORRUPT/);
  }
});
