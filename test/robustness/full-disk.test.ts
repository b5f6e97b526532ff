import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { notBuilt, program } from './program.js';

const skip = notBuilt || (process.platform === 'win32' ? 'no limit of file sizes here' : false);

test('an import that has no room blames where it writes, not what it reads', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-full-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, 'trivy.db');
  writeFileSync(source, new Uint8Array(2 ** 20));
  const cache = join(folder, 'cache');
  // Writing past the limit fails as it does on a full disk.
  const script = 'ulimit -f 100; trap "" XFSZ; exec "$@"';
  const command = [process.execPath, program, 'db', 'import', source, '--cache-dir', cache];
  const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...command], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /DATABASE_UNWRITABLE/);
  assert.ok(stderr.includes(cache), stderr);
});
