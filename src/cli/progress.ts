import type { ProgressStep } from '../core/index.js';
import type { Terminal } from './terminal.js';

/** Shows how far the work has come, once it has taken so long that somebody may wonder. */
export interface Progress {
  update(step: ProgressStep): void;
  stop(): void;
}

const patienceMs = 1000;

type Bar = InstanceType<typeof import('cli-progress')['SingleBar']>;

/** Time over which the rate is measured: long enough to be read, short enough to tell that something is stuck. */
const rateOverMs = 5000;

/** A bar on standard error; only made for a terminal. */
export function createProgress(terminal: Terminal): Progress {
  const started = Date.now();
  let bar: Bar | undefined;
  let loading = false;
  let stopped = false;
  let shown = false;
  let latest: ProgressStep | undefined;
  const rate = new Rate();

  const hide = (): void => {
    if (shown) bar?.stop();
    shown = false;
  };
  const show = (): void => {
    if (!bar || !latest || stopped) return;
    const total = latest.total ?? Math.max(latest.done, 1);
    const payload = { step: latest, bytesPerSecond: rate.perSecond() };
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
      rate.add(step);
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

interface Shown {
  readonly step: ProgressStep;
  readonly bytesPerSecond: number | undefined;
}

function lineOf(_options: unknown, _figures: unknown, { step, bytesPerSecond }: Shown): string {
  const rate = bytesPerSecond === undefined ? '' : `, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
  if (!step.total) return `${step.task} ${amountOf(step)}${rate}`;
  const filled = Math.round(Math.min(1, step.done / step.total) * barWidth);
  return `${step.task} [${'='.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${amountOf(step)}${rate}`;
}

/** How fast bytes came lately. */
class Rate {
  #task: string | undefined;
  readonly #samples: { readonly at: number; readonly done: number }[] = [];

  add({ task, done, unit }: ProgressStep): void {
    const now = Date.now();
    const kind = task.split(' (', 1)[0];
    if (kind !== this.#task || unit !== 'bytes') this.#samples.length = 0;
    this.#task = kind;
    const last = this.#samples.at(-1);
    if (unit !== 'bytes' || (last && now - last.at < rateOverMs / 50)) return;
    this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > rateOverMs) this.#samples.shift();
  }

  /** Nothing while too little is known. */
  perSecond(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 500) return undefined;
    return Math.max(0, ((last.done - first.done) * 1000) / (last.at - first.at));
  }
}

function amountOf({ done, total, unit }: ProgressStep): string {
  const say = (amount: number): string => (unit === 'bytes' ? `${(amount / 1e6).toFixed(1)} MB` : String(amount));
  return total === undefined ? say(done) : `${say(done)} of ${say(total)}`;
}
