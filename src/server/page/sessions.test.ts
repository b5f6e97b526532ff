import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../../test/support/paths.js';
import { isTidewaiterError } from '../../core/index.js';
import { isPageToken, readPageToken, type PageToken } from './page-token.js';
import { Sessions } from './sessions.js';
import { TokenAttempts } from './token-attempts.js';

const hour = 3_600_000;
const token = (text: string): PageToken => ({ hash: Buffer.from(text.padEnd(32)) });

test('a session lasts while it is used, twelve hours at most', () => {
  let now = 0;
  const sessions = new Sessions(() => now);
  const secret = sessions.begin(token('a'));
  assert.match(secret, /^[0-9a-f]{64}$/);
  for (now = 0; now < 12 * hour; now += 0.9 * hour) assert.ok(sessions.isLasting(secret, token('a')), `${now}`);
  now = 12 * hour;
  assert.equal(sessions.isLasting(secret, token('a')), false);
  assert.equal(sessions.size, 0);
});

test('a session that is not used ends after an hour', () => {
  let now = 0;
  const sessions = new Sessions(() => now);
  const secret = sessions.begin(token('a'));
  now = hour;
  assert.equal(sessions.isLasting(secret, token('a')), false);
});

test('another token ends all sessions; signing out ends one', () => {
  const sessions = new Sessions(() => 0);
  const [one, two] = [sessions.begin(token('a')), sessions.begin(token('a'))];
  sessions.end(one);
  assert.deepEqual(
    [one, two].map((secret) => sessions.isLasting(secret, token('a'))),
    [false, true],
  );
  assert.equal(sessions.isLasting(two, token('b')), false);
  assert.equal(sessions.isLasting('f'.repeat(64), token('a')), false);
});

test('past a hundred the one that is unused for longest ends', () => {
  let now = 0;
  const sessions = new Sessions(() => now);
  const secrets = Array.from({ length: 100 }, () => {
    now++;
    return sessions.begin(token('a'));
  });
  now++;
  assert.ok(sessions.isLasting(secrets[0] ?? '', token('a')));
  sessions.begin(token('a'));
  assert.equal(sessions.size, 100);
  assert.ok(sessions.isLasting(secrets[0] ?? '', token('a')));
  assert.equal(sessions.isLasting(secrets[1] ?? '', token('a')), false);
});

test('a token is the first line of its file', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  writeFileSync(path, '  0123456789abcdef  \r\nsecond line\n');
  const read = await readPageToken(path);
  assert.ok(isPageToken(read, '0123456789abcdef'));
  assert.equal(isPageToken(read, '0123456789abcdeg'), false);
  assert.equal(isPageToken(read, ''), false);
});

test('tokens that are none, or that can be guessed, are refused, and never told', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  for (const text of [
    '',
    '\n0123456789abcdef',
    'short-secret',
    'aaaaaaaaaaaaaaaabbbb',
    'two words 12345678',
    'sécrét-0123456789',
    'x'.repeat(70_000),
    `0123456789${'x'.repeat(1100)}`,
  ]) {
    writeFileSync(path, text);
    await assert.rejects(readPageToken(path), (error) => {
      assert.ok(isTidewaiterError(error) && error.code === 'INVALID_PAGE_TOKEN', text);
      assert.ok(text.trim().length < 10 || !error.message.includes(text.trim()));
      return true;
    });
  }
  await assert.rejects(readPageToken(join(path, 'none')), { code: 'INVALID_PAGE_TOKEN' });
});

test('wrong tokens are answered late and few at a time, and one caller shuts nobody out', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  writeFileSync(path, '0123456789abcdef');
  const secret = await readPageToken(path);
  const said: string[] = [];
  const attempts = new TokenAttempts({ delayMs: 20, warn: (message) => said.push(message) });
  const check = (text: string): Promise<string> => attempts.check(text, secret, '192.0.2.1');
  const first = check('a wrong one');
  assert.equal(await check('0123456789abcdef'), 'right');
  assert.equal(await first, 'wrong');
  const many = Array.from({ length: 12 }, () => check('a wrong one'));
  assert.equal(await check('0123456789abcdef'), 'too many');
  const found = await Promise.all(many);
  assert.equal(found.filter((one) => one === 'wrong').length, 10);
  assert.equal(await check('0123456789abcdef'), 'right');
  assert.equal(said.length, 1);
  assert.ok(!said.join().includes('a wrong one'));
});
