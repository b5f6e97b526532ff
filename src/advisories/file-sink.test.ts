import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../test/support/paths.js';
import { writeWholeFile } from './file-sink.js';

test('a file that cannot be written whole is not left behind, and one that is there stays', (t) => {
  const path = join(temporaryFolder(t), 'file');
  // As a full disk does it: the file can be made, and takes no byte.
  const unwritable = new Proxy(new Uint8Array(8), {
    get() {
      throw new Error('no space');
    },
  });
  assert.throws(() => writeWholeFile(path, unwritable), /no space/);
  assert.equal(existsSync(path), false);
  writeFileSync(path, 'before');
  assert.throws(() => writeWholeFile(path, new Uint8Array(8)), { code: 'EEXIST' });
  assert.equal(readFileSync(path, 'utf8'), 'before');
});
