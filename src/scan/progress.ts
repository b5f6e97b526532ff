import type { Context } from '../core/index.js';

/** One context for each of several pieces of work, whose progress adds up to one figure of the parent's. */
export function addUpProgress(parent: Context, task: string, total: number): () => Context {
  let done = 0;
  return () => {
    let mine = 0;
    return {
      ...parent,
      progress(step) {
        done += step.done - mine;
        mine = step.done;
        parent.progress?.({ task, done, total, unit: step.unit });
      },
    };
  };
}
