/** A thread that reads layers, one after the other, as it is told. Starts from a file of its own. */
import { parentPort } from 'node:worker_threads';
import { createContext, FormatError, isTidewaiterError, messageOf, type Context } from '../core/index.js';
import { hashLayer, ImageError, type Layer, placedLayer } from '../image/index.js';
import type { LayerFailure, LayerJob, LayerNews } from './layer-job.js';
import { receivedLayer } from './layer-stream.js';

const progressEveryMs = 50;

parentPort?.on('message', (job: LayerJob) => {
  void work(job).then(tell, (thrown: unknown) => tell({ kind: 'failed', failure: failureOf(thrown) }));
});

async function work(job: LayerJob): Promise<LayerNews> {
  const { catalog, port } = job;
  try {
    return await read(layerOf(job), catalog);
  } finally {
    port?.close();
  }
}

function layerOf({ layer, port }: LayerJob): Layer {
  const { place } = layer;
  if (place !== undefined) return placedLayer({ ...layer, place });
  if (port === undefined) throw new TypeError('a layer without its bytes');
  return receivedLayer(layer, port);
}

async function read(layer: Layer, catalog: LayerJob['catalog']): Promise<LayerNews> {
  const context = reportingContext();
  if (catalog === undefined) return { kind: 'hashed', digest: await hashLayer(context, layer) };
  // Whoever only hashes starts without all that reads packages.
  const { catalogLayer } = await import('./layer-reader.js');
  const { proof, encoded } = await catalogLayer(context, layer, catalog);
  return { kind: 'cataloged', cataloged: { proof, encoded } };
}

function reportingContext(): Context {
  let last = performance.now();
  return createContext({
    progress({ done }) {
      const now = performance.now();
      if (now - last < progressEveryMs) return;
      last = now;
      tell({ kind: 'progress', done });
    },
  });
}

function tell(news: LayerNews): void {
  parentPort?.postMessage(news);
}

function failureOf(thrown: unknown): LayerFailure {
  const from = thrown instanceof ImageError ? 'image' : thrown instanceof FormatError ? 'format' : 'other';
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  if (!isTidewaiterError(thrown)) return { from: 'other', code: '', message: messageOf(thrown), stack };
  return { from, code: thrown.code, message: thrown.message, hint: thrown.hint, stack };
}
