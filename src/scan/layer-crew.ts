import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FormatError, type Context } from '../core/index.js';
import { describeLayer, ImageError, type ImageErrorCode, type Layer } from '../image/index.js';
import type { LayerFailure, LayerJob, LayerNews } from './layer-job.js';
import { readerHere, type LayerReader } from './layer-reader.js';

const checkSignalEveryMs = 50;

/** Each thread takes some 40 MB. */
const mostOthers = 3;

/** Less than this is read before another thread has started. */
const crewFromBytes = 48 * 2 ** 20;

/**
 * Who reads the layers of an input: this thread alone, or with a large file a crew, whose threads start at once.
 * `parallel` bounds the layers at a time; 0 or absent: two more than there are processors, so that all of them have
 * something to do until the last layer is read.
 */
export function readerFor(input: string, parallel = 0): LayerReader {
  const processors = availableParallelism();
  const width = Math.min(parallel || Infinity, processors + 2);
  const others = Math.min(processors - 1, width - 1, mostOthers);
  const file = others > 0 && sizeOf(input) >= crewFromBytes ? workerFile() : undefined;
  return file === undefined ? readerHere(width) : new Crew({ width, others, file });
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

interface CrewOptions {
  readonly width: number;
  /** Threads beside this one. */
  readonly others: number;
  /** What they run. */
  readonly file: string;
}

/**
 * Reads layers in this thread and in others: hashing and reading headers then use every processor, not only inflating.
 * Layers that do not lie in a file, and those for which no other thread is free, are read in this one.
 */
class Crew implements LayerReader {
  readonly width: number;
  readonly #others: number;
  readonly #file: string;
  readonly #here: LayerReader;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  constructor({ width, others, file }: CrewOptions) {
    this.width = width;
    this.#others = others;
    this.#file = file;
    this.#here = readerHere(width);
    while (this.#idle.length < others) this.#idle.push(this.#start());
  }

  async catalog(context: Context, layer: Layer, catalog: LayerJob['catalog'] & {}) {
    const description = this.#isFree() ? describeLayer(layer) : undefined;
    if (description === undefined) return await this.#here.catalog(context, layer, catalog);
    const news = await this.#run(context, { layer: description, catalog });
    if (news.kind !== 'cataloged') throw new Error('a reading thread hashed where it should catalog');
    return news.cataloged;
  }

  async hash(context: Context, layer: Layer): Promise<string> {
    const description = this.#isFree() ? describeLayer(layer) : undefined;
    if (description === undefined) return await this.#here.hash(context, layer);
    const news = await this.#run(context, { layer: description });
    if (news.kind !== 'hashed') throw new Error('a reading thread cataloged where it should hash');
    return news.digest;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  /** Is there another thread that could take a layer, or may one be started in place of one that was lost? */
  #isFree(): boolean {
    return this.#idle.length > 0 || this.#all.size < this.#others;
  }

  async #run(context: Context, job: LayerJob): Promise<Exclude<LayerNews, { kind: 'progress' | 'failed' }>> {
    context.signal.throwIfAborted();
    const worker = this.#idle.pop() ?? this.#start();
    try {
      const news = await result(worker, context, job);
      this.#idle.push(worker);
      if (news.kind === 'failed') throw errorOf(news.failure);
      return news;
    } catch (thrown) {
      if (!this.#idle.includes(worker)) await this.#drop(worker);
      throw thrown;
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#file, { env: {}, execArgv: [], stdin: false });
    this.#all.add(worker);
    return worker;
  }

  async #drop(worker: Worker): Promise<void> {
    this.#all.delete(worker);
    await worker.terminate();
  }
}

async function result(worker: Worker, context: Context, job: LayerJob) {
  const { signal } = context;
  const stop = new AbortController();
  try {
    return await new Promise<Exclude<LayerNews, { kind: 'progress' }>>((resolve, reject) => {
      const timer = setInterval(() => {
        if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
      }, checkSignalEveryMs);
      const onMessage = (news: LayerNews): void => {
        if (news.kind !== 'progress') resolve(news);
        else context.progress?.({ task: 'reading layers', done: news.done, total: job.layer.sizeBytes, unit: 'bytes' });
      };
      const onExit = (code: number): void => reject(new Error(`a reading thread ended with ${code}`));
      worker.on('message', onMessage).on('error', reject).on('exit', onExit);
      stop.signal.addEventListener('abort', () => {
        clearInterval(timer);
        worker.off('message', onMessage).off('error', reject).off('exit', onExit);
      });
      worker.postMessage(job);
    });
  } finally {
    stop.abort();
  }
}

function errorOf({ from, code, message, hint, stack }: LayerFailure): Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  if (from === 'image') return new ImageError(code as ImageErrorCode, message, { hint, cause });
  if (from === 'format') return new FormatError(code as FormatError['code'], message, { hint, cause });
  return cause;
}
