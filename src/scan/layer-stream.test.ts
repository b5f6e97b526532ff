import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { createContext } from '../core/index.js';
import type { Layer } from '../image/index.js';
import { parseDigest } from '../reference/index.js';
import { receivedLayer, serveLayer } from './layer-stream.js';

const { signal } = createContext();
const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
/** Not a divisor of the size of what is sent. */
const chunkBytes = 100_000;

/** A layer of chunks that all lie in one buffer, as readers may give them; counts those that were asked for. */
function layerOf(chunks: number, failsAt = Infinity) {
  const given = { chunks: 0, opened: 0, closed: 0 };
  const open = async function* (): AsyncGenerator<Uint8Array> {
    given.opened++;
    const buffer = new Uint8Array(chunkBytes);
    try {
      for (let at = 0; at < chunks; at++) {
        if (at === failsAt) throw new RangeError('broken');
        given.chunks++;
        yield buffer.fill(at % 251);
      }
    } finally {
      given.closed++;
    }
  };
  const layer: Layer = { index: 0, diffId: digest, digest, sizeBytes: chunks * chunkBytes, open };
  return { layer, given };
}

function connected(t: TestContext, layer: Layer) {
  const served = serveLayer(layer, signal);
  const received = receivedLayer(layer, served.port);
  t.after(async () => {
    await served.close();
    served.port.close();
  });
  return { served, received };
}

/** Are these the bytes from `at` on? Gives the place behind them. */
function check(chunk: Uint8Array, at: number): number {
  for (const [index, byte] of [0, Math.floor(chunk.length / 2), chunk.length - 1].map((i) => [i, chunk[i]] as const)) {
    assert.equal(byte, Math.floor((at + index) / chunkBytes) % 251);
  }
  return at + chunk.length;
}

test('all bytes arrive in order, as often as they are asked for', async (t) => {
  const { layer, given } = layerOf(50);
  const { received } = connected(t, layer);
  for (let reading = 1; reading <= 2; reading++) {
    let at = 0;
    for await (const chunk of received.open(signal)) at = check(chunk, at);
    assert.equal(at, 50 * chunkBytes);
    assert.equal(given.opened, reading);
  }
});

test('no more is fetched than is taken, but for a few chunks', async (t) => {
  const { layer, given } = layerOf(1000);
  const { received } = connected(t, layer);
  const iterator = received.open(signal)[Symbol.asyncIterator]();
  await iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(given.chunks < 60, String(given.chunks));
  await iterator.return?.(undefined);
});

test('a reading that is given up stops the bytes, and another begins from the start', async (t) => {
  const { layer, given } = layerOf(1000);
  const { received, served } = connected(t, layer);
  for await (const chunk of received.open(signal)) if (chunk[0] === 15) break;
  let at = 0;
  for await (const chunk of received.open(signal)) at = check(chunk, at);
  assert.equal(at, 1000 * chunkBytes);
  await served.close();
  assert.deepEqual([given.opened, given.closed], [2, 2]);
});

test('what breaks on one side is an error on both', async (t) => {
  const { layer } = layerOf(20, 10);
  const { received, served } = connected(t, layer);
  await assert.rejects(async () => {
    let at = 0;
    for await (const chunk of received.open(signal)) at = check(chunk, at);
  });
  assert.ok(served.failure()?.thrown instanceof RangeError);
});

test('closing ends what is under way', async (t) => {
  const { layer, given } = layerOf(1000);
  const { received, served } = connected(t, layer);
  const iterator = received.open(signal)[Symbol.asyncIterator]();
  await iterator.next();
  await served.close();
  assert.equal(given.closed, 1);
  assert.equal(served.failure(), undefined);
});

test('a layer without bytes ends at once', async (t) => {
  const { received } = connected(t, layerOf(0).layer);
  for await (const _ of received.open(signal)) assert.fail('there are none');
});
