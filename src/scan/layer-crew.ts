import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FormatError, type Context } from '../core/index.js';
import { describeLayer, ImageError, type ImageErrorCode, type Layer } from '../image/index.js';
import type { LayerFailure, LayerJob, LayerNews } from './layer-job.js';
import { readerHere, type LayerReader } from './layer-reader.js';
import { serveLayer } from './layer-stream.js';

const checkSignalEveryMs = 50;

/** Each thread takes some 40 MB. */
const mostOthers = 3;

/** Less than this is read before another thread has started. */
const crewFromBytes = 48 * 2 ** 20;

export interface CrewWish {
  /** The path of the image, if it has one. */
  readonly input?: string | undefined;
  /** Everything will have to be read: nothing is known of any layer. */
  readonly knowsNothing?: boolean | undefined;
  readonly parallel?: number | undefined;
}

/**
 * Who reads the layers of an image: this thread alone, or a crew. Its threads start at once with a large file, and where
 * nothing is known of an image that has yet to come from elsewhere, so that they are ready when it comes; else when the
 * layers turn out to be large.
 * `parallel` bounds the layers at a time; 0 or absent: two more than there are processors, so that all of them have
 * something to do until the last layer is read.
 */
export function readerFor({ input, knowsNothing = false, parallel = 0 }: CrewWish): LayerReader {
  const processors = availableParallelism();
  const width = Math.min(parallel || Infinity, processors + 2);
  const others = Math.min(processors - 1, width - 1, mostOthers);
  const file = others > 0 ? workerFile() : undefined;
  if (file === undefined) return readerHere(width);
  const crew = new Crew({ width, others, file });
  if (input === undefined ? knowsNothing : sizeOf(input) >= crewFromBytes) crew.start();
  return crew;
}

/** Of a folder the size is not known without looking into it: it counts as large. */
function sizeOf(input: string): number {
  if (input === '-') return 0;
  try {
    const found = statSync(input);
    return found.isDirectory() ? Infinity : found.size;
  } catch {
    return 0; // whoever opens it says what is wrong with it
  }
}

/** Beside the bundle; not there when run from the sources. */
function workerFile(): string | undefined {
  return ['./layer-worker.js', '../layer-worker.js']
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((path) => existsSync(path));
}

type LayerResult = Exclude<LayerNews, { kind: 'progress' }>;

interface CrewOptions {
  readonly width: number;
  /** Threads beside this one. */
  readonly others: number;
  /** What they run. */
  readonly file: string;
}

/**
 * Reads layers in this thread and in others: hashing and reading headers then use every processor, not only inflating.
 * Layers for which no other thread is free are read in this one. The bytes of a layer that lies in no file are always
 * got by this one, and handed on.
 */
class Crew implements LayerReader {
  readonly width: number;
  readonly #file: string;
  readonly #others: number;
  readonly #here: LayerReader;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  #started = false;

  constructor({ width, others, file }: CrewOptions) {
    this.width = width;
    this.#file = file;
    this.#others = others;
    this.#here = readerHere(width);
  }

  /** Starts the threads, once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (let started = 0; started < this.#others; started++) this.#startOne();
  }

  prepare(layers: readonly Layer[]): void {
    const bytes = layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
    if (bytes >= crewFromBytes) this.start();
  }

  async catalog(context: Context, layer: Layer, catalog: LayerJob['catalog'] & {}) {
    const news = await this.#elsewhere(context, layer, catalog);
    return news?.kind === 'cataloged' ? news.cataloged : await this.#here.catalog(context, layer, catalog);
  }

  async hash(context: Context, layer: Layer): Promise<string> {
    const news = await this.#elsewhere(context, layer);
    return news?.kind === 'hashed' ? news.digest : await this.#here.hash(context, layer);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  /** What another thread made of a layer; nothing when none is free, or the one that tried was lost. */
  async #elsewhere(context: Context, layer: Layer, catalog?: LayerJob['catalog']): Promise<LayerResult | undefined> {
    context.signal.throwIfAborted();
    const worker = this.#idle.pop();
    if (worker === undefined) return undefined;
    const served = layer.place === undefined ? serveLayer(layer, context.signal) : undefined;
    try {
      const news = await result(worker, context, { layer: describeLayer(layer), catalog, port: served?.port });
      if (news === undefined) return undefined;
      this.#idle.push(worker);
      if (news.kind !== 'failed') {
        tellProgress(context, layer, layer.sizeBytes);
        return news;
      }
      throw served?.failure()?.thrown ?? errorOf(news.failure);
    } finally {
      await served?.close();
    }
  }

  /** A machine that has no room for another thread reads with those that there are. */
  #startOne(): void {
    let worker: Worker;
    try {
      worker = new Worker(this.#file, { env: {}, execArgv: [], stdin: false });
    } catch {
      return;
    }
    this.#all.add(worker);
    this.#idle.push(worker);
    // Its end follows, which says all that matters: somebody else reads the layer, and says what is wrong with it.
    worker.on('error', () => {});
    worker.on('exit', () => this.#forget(worker));
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** What came of a job; nothing when the thread ended before it was done. A thread that is given up is ended by `close`. */
async function result(worker: Worker, context: Context, job: LayerJob): Promise<LayerResult | undefined> {
  const { signal } = context;
  const stop = new AbortController();
  try {
    return await new Promise<LayerResult | undefined>((resolve, reject) => {
      const timer = setInterval(() => {
        if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
      }, checkSignalEveryMs);
      const onMessage = (news: LayerNews): void => {
        if (news.kind !== 'progress') resolve(news);
        else tellProgress(context, job.layer, news.done);
      };
      const onExit = (): void => resolve(undefined);
      worker.on('message', onMessage).on('exit', onExit);
      stop.signal.addEventListener('abort', () => {
        clearInterval(timer);
        worker.off('message', onMessage).off('exit', onExit);
      });
      worker.postMessage(job, job.port === undefined ? [] : [job.port]);
    });
  } finally {
    stop.abort();
  }
}

function tellProgress(context: Context, layer: Pick<Layer, 'sizeBytes'>, done: number): void {
  context.progress?.({ task: 'reading layers', done, total: layer.sizeBytes, unit: 'bytes' });
}

function errorOf({ from, code, message, hint, stack }: LayerFailure): Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  if (from === 'image') return new ImageError(code as ImageErrorCode, message, { hint, cause });
  if (from === 'format') return new FormatError(code as FormatError['code'], message, { hint, cause });
  return cause;
}
