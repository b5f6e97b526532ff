import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { CancelSignal } from '../core/index.js';
import type { Layer, LayerDescription } from '../image/index.js';

/** What the thread that has the bytes tells the one that reads them. A reading may begin anew: it has a number. */
type Sent =
  | { readonly kind: 'chunk'; readonly reading: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' | 'broken'; readonly reading: number };

/** What that one answers. Memory goes back and forth, so that little of it is needed. */
type Answer =
  | { readonly kind: 'open' | 'close'; readonly reading: number }
  | { readonly kind: 'used'; readonly reading: number; readonly bytes: Uint8Array<ArrayBuffer> };

const chunkBytes = 512 * 1024;

/** Chunks on their way or waiting: so many that neither side waits for the other's next turn. */
const mostAhead = 6;

/** The bytes of a layer, on their way to another thread. */
export interface ServedLayer {
  /** To be sent to the other thread, which makes a layer of it by `receivedLayer`. */
  readonly port: MessagePort;
  /** What went wrong with the bytes where they come from. */
  failure(): { readonly thrown: unknown } | undefined;
  /** Stops whatever is under way, and returns when it has stopped. */
  close(): Promise<void>;
}

/** Gives a layer's bytes to another thread as often as it asks, no faster than it takes them. */
export function serveLayer(layer: Layer, signal: CancelSignal): ServedLayer {
  const { port1: here, port2: port } = new MessageChannel();
  let failure: { readonly thrown: unknown } | undefined;
  let current: Outflow | undefined;
  const underWay = new Set<Promise<void>>();
  here.on('message', (answer: Answer) => {
    if (answer.kind === 'open') {
      current?.stop();
      current = new Outflow(here, answer.reading);
      const flowing = current.run(layer.open(signal)).catch((thrown: unknown) => {
        failure = { thrown };
        here.postMessage({ kind: 'broken', reading: answer.reading } satisfies Sent);
      });
      underWay.add(flowing);
      void flowing.then(() => underWay.delete(flowing));
    } else if (answer.reading === current?.reading) {
      if (answer.kind === 'used') current.takeBack(answer.bytes);
      else current.stop();
    }
  });
  return {
    port,
    failure: () => failure,
    async close() {
      current?.stop();
      await Promise.all(underWay);
      here.close();
    },
  };
}

/** One reading, chunk by chunk. */
class Outflow {
  readonly reading: number;
  readonly #port: MessagePort;
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #ahead = 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(port: MessagePort, reading: number) {
    this.#port = port;
    this.reading = reading;
  }

  async run(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { reading } = this;
    let memory: Uint8Array<ArrayBuffer> | undefined;
    let filled = 0;
    for await (const chunk of chunks) {
      // A chunk is ours only until the next is asked for.
      for (let at = 0; at < chunk.length; ) {
        memory ??= await this.#memory();
        if (this.#stopped) return;
        const count = Math.min(chunk.length - at, memory.length - filled);
        memory.set(at === 0 && count === chunk.length ? chunk : chunk.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled < memory.length) continue;
        this.#send(memory);
        memory = undefined;
        filled = 0;
      }
    }
    if (this.#stopped) return;
    if (memory && filled > 0) this.#send(memory.subarray(0, filled));
    this.#port.postMessage({ kind: 'end', reading } satisfies Sent);
  }

  takeBack(bytes: Uint8Array<ArrayBuffer>): void {
    this.#spare.push(bytes);
    this.#ahead--;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Memory for the next chunk, when the other side is not too far behind. */
  async #memory(): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#ahead >= mostAhead && !this.#stopped) await new Promise<void>((wake) => (this.#wake = wake));
    const spare = this.#spare.pop();
    return spare === undefined ? new Uint8Array(chunkBytes) : new Uint8Array(spare.buffer);
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#ahead++;
    this.#port.postMessage({ kind: 'chunk', reading: this.reading, bytes } satisfies Sent, [bytes.buffer]);
  }
}

/** The layer whose bytes come through a port. */
export function receivedLayer(description: LayerDescription, port: MessagePort): Layer {
  let readings = 0;
  return { ...description, open: () => receive(port, ++readings) };
}

async function* receive(port: MessagePort, reading: number): AsyncGenerator<Uint8Array> {
  const waiting: Sent[] = [];
  let wake: (() => void) | undefined;
  const onMessage = (sent: Sent): void => {
    if (sent.reading !== reading) return; // of a reading that was given up
    waiting.push(sent);
    wake?.();
  };
  port.on('message', onMessage);
  port.postMessage({ kind: 'open', reading } satisfies Answer);
  let ended = false;
  try {
    for (;;) {
      const sent = waiting.shift();
      if (sent === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if (sent.kind === 'chunk') {
        yield sent.bytes;
        port.postMessage({ kind: 'used', reading, bytes: sent.bytes } satisfies Answer, [sent.bytes.buffer]);
      } else {
        ended = true;
        if (sent.kind === 'end') return;
        throw new Error('the bytes of a layer stopped coming');
      }
    }
  } finally {
    port.off('message', onMessage);
    if (!ended) port.postMessage({ kind: 'close', reading } satisfies Answer);
  }
}
