import type { ProgressStep } from '../core/index.js';
import type { Terminal } from './terminal.js';

/** Shows how far the work has come, once it has taken so long that somebody may wonder. */
export interface Progress {
  update(step: ProgressStep): void;
  stop(): void;
}

const patienceMs = 1000;

type Bar = InstanceType<typeof import('cli-progress')['SingleBar']>;

/** A bar on standard error; only made for a terminal. */
export function createProgress(terminal: Terminal): Progress {
  const started = Date.now();
  let bar: Bar | undefined;
  let loading = false;
  let stopped = false;
  let shown = false;
  let latest: ProgressStep | undefined;

  const hide = (): void => {
    if (shown) bar?.stop();
    shown = false;
  };
  const show = (): void => {
    if (!bar || !latest || stopped) return;
    const total = latest.total ?? Math.max(latest.done, 1);
    const payload = { step: latest };
    if (!shown) bar.start(total, latest.done, payload);
    else {
      bar.setTotal(total);
      bar.update(latest.done, payload);
    }
    shown = true;
  };
  terminal.beforeLine(hide);
  return {
    update(step) {
      latest = step;
      if (stopped || Date.now() - started < patienceMs) return;
      if (bar) return show();
      if (loading) return;
      loading = true;
      void load();
    },
    stop() {
      stopped = true;
      hide();
    },
  };

  async function load(): Promise<void> {
    const { default: progress } = await import('cli-progress');
    bar = new progress.SingleBar({
      format: lineOf,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      fps: 10,
      gracefulExit: false,
    });
    show();
  }
}

const barWidth = 30;

function lineOf(_options: unknown, _figures: unknown, { step }: { readonly step: ProgressStep }): string {
  if (!step.total) return `${step.task} ${amountOf(step)}`;
  const filled = Math.round(Math.min(1, step.done / step.total) * barWidth);
  return `${step.task} [${'='.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${amountOf(step)}`;
}

function amountOf({ done, total, unit }: ProgressStep): string {
  const say = (amount: number): string => (unit === 'bytes' ? `${(amount / 1e6).toFixed(1)} MB` : String(amount));
  return total === undefined ? say(done) : `${say(done)} of ${say(total)}`;
}
