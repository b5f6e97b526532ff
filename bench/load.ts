import { connect, type TLSSocket } from 'node:tls';

export interface LoadOptions {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly path: string;
  /** Bodies, sent in turn. */
  readonly bodies: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Milliseconds, sorted. */
export interface LoadResult {
  /** From the moment at which a request was due, so that a slow answer does not hide the wait of the next. */
  readonly latencies: Float64Array;
  /** By how much the generator itself sent late although a connection was free: its error. */
  readonly lags: Float64Array;
  /** Answers by status and what they decide. */
  readonly answers: ReadonlyMap<string, number>;
}

/** Constant-rate and open-loop: requests are due by the clock, whatever became of those before. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { perSecond, seconds, bodies, path } = options;
  const total = Math.round(perSecond * seconds);
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  const free = await Promise.all(Array.from({ length: options.connections }, () => Connection.open(options)));
  const all = [...free];
  const latencies = new Float64Array(total);
  const lags = new Float64Array(total);
  const answers = new Map<string, number>();
  const queue: number[] = [];
  let done = 0;
  let due = 0;
  const start = performance.now() + 50;
  const dueAt = (nth: number): number => start + (nth * 1000) / perSecond;
  await new Promise<void>((resolve, reject) => {
    const send = (nth: number, connection: Connection): void => {
      connection.ask(requests[nth % requests.length] ?? Buffer.alloc(0), (error, answer) => {
        if (error) {
          reject(error);
          return;
        }
        latencies[nth] = performance.now() - dueAt(nth);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        done++;
        const next = queue.shift();
        if (next === undefined) free.push(connection);
        else send(next, connection);
        if (done === total) resolve();
      });
    };
    const tick = (): void => {
      const now = performance.now();
      while (due < total && dueAt(due) <= now) {
        const nth = due++;
        const connection = free.pop();
        // What waits for a connection is late by the server's doing, not by ours.
        lags[nth] = now - dueAt(nth);
        if (connection) send(nth, connection);
        else queue.push(nth);
      }
      if (due >= total) return;
      // Walking the last stretch would be more exact, and would take a processor from the server.
      setTimeout(tick, 1);
    };
    tick();
  });
  for (const connection of all) connection.close();
  return { latencies: latencies.sort(), lags: lags.sort(), answers };
}

export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One kept-alive connection, one request at a time. */
class Connection {
  readonly #socket: TLSSocket;
  #received = '';
  #waiting: ((error: Error | undefined, answer: string) => void) | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => this.#take(piece));
    socket.on('error', (error) => this.#waiting?.(error, ''));
    socket.on('close', () => this.#waiting?.(new Error('the connection was closed'), ''));
  }

  static open({ port, ca, cert, key }: LoadOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca, cert, key, servername: 'localhost' }, () =>
        resolve(new Connection(socket)),
      );
      socket.once('error', reject);
    });
  }

  ask(request: Buffer, told: (error: Error | undefined, answer: string) => void): void {
    this.#waiting = told;
    this.#socket.write(request);
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(piece: string): void {
    this.#received += piece;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: ([0-9]+)/i.exec(this.#received.slice(0, head))?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const status = this.#received.slice(9, 12);
    const decision = /"allowed":(true|false)/.exec(this.#received.slice(head))?.[1] ?? 'no decision';
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(undefined, `${status} allowed=${decision}`);
  }
}
