import type { Context } from '../core/index.js';
import type { Layer } from '../image/index.js';

/** A context for each of several layers, whose progress adds up to one figure of the parent's. */
export function addUpProgress(parent: Context, task: string, layers: readonly Layer[]): (layer: Layer) => Context {
  const total = layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  let done = 0;
  let finished = 0;
  return (layer) => {
    let mine = 0;
    return {
      ...parent,
      progress(step) {
        done += step.done - mine;
        if (mine < layer.sizeBytes && step.done >= layer.sizeBytes) finished++;
        mine = step.done;
        const count = layers.length === 1 ? '' : ` (${finished} of ${layers.length})`;
        parent.progress?.({ task: `${task}${count}`, done, total, unit: step.unit });
      },
    };
  };
}
