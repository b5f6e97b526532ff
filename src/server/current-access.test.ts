import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { startServer } from '../../test/support/http-server.js';
import type { Access } from '../access/index.js';
import { createContext } from '../core/index.js';
import { CurrentAccess } from './current-access.js';

async function slowServer(t: TestContext): Promise<{ readonly origin: string; readonly answer: () => void }> {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const { origin } = await startServer(t, (_request, response) => void answered.then(() => response.end('ok')));
  return { origin, answer };
}

async function ask(access: Access, origin: string): Promise<string> {
  const http = await access.http();
  const answer = await http.request(createContext(), { method: 'GET', url: new URL(origin), retries: 0 });
  return new TextDecoder().decode(await answer.bytes(100));
}

void test('who uses what is replaced goes on with it to the end', async (t) => {
  const { origin, answer } = await slowServer(t);
  const current = new CurrentAccess({});
  const used: Access[] = [];
  const slow = current.use(async (access) => (used.push(access), await ask(access, origin)));
  await current.replace({});
  answer();
  const next = await current.use(async (access) => (used.push(access), await ask(access, origin)));
  assert.deepEqual([await slow, next], ['ok', 'ok']);
  assert.notEqual(used[0], used[1]);
  await current.replace({});
  await current.close();
});
