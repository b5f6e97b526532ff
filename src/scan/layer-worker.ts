/** A thread that reads layers, one after the other, as it is told. Starts from a file of its own. */
import { parentPort } from 'node:worker_threads';
import { createContext, FormatError, isTidewaiterError, messageOf, type Context } from '../core/index.js';
import { hashLayer, ImageError, placedLayer } from '../image/index.js';
import type { LayerFailure, LayerJob, LayerNews } from './layer-job.js';

const progressEveryMs = 50;

parentPort?.on('message', (job: LayerJob) => {
  void work(job).then(tell, (thrown: unknown) => tell({ kind: 'failed', failure: failureOf(thrown) }));
});

async function work({ layer, catalog }: LayerJob): Promise<LayerNews> {
  const context = reportingContext();
  if (catalog === undefined) return { kind: 'hashed', digest: await hashLayer(context, placedLayer(layer)) };
  // Whoever only hashes starts without all that reads packages.
  const { catalogLayer } = await import('./layer-reader.js');
  const { proof, encoded } = await catalogLayer(context, placedLayer(layer), catalog);
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
