import type { AdmissionOutcome, AdmissionRoute, DataRoute } from '../admission/index.js';

/** What a server has decided, in the text form that Prometheus reads. */
export class AdmissionMetrics {
  readonly #decisions = new Map<string, number>();
  readonly #durations = new Map<AdmissionRoute | DataRoute, Histogram>();
  readonly #scans = new Map<string, number>();
  /** Unix times of the last decision. */
  readonly #last = new Map<string, number>();
  readonly #opa = new Map<string, number>();
  readonly #pullSecrets = new Map<string, number>();
  #breakGlass = 0;
  #breakGlassRefused = 0;
  #unanswerable = 0;
  inFlight = 0;

  decided(route: AdmissionRoute | DataRoute, decision: DecisionCount): void {
    const { outcome, allowed, seconds, breakGlassRefused } = decision;
    const labels = `route="${route}",allowed="${allowed}",outcome="${outcome}"`;
    this.#decisions.set(labels, (this.#decisions.get(labels) ?? 0) + 1);
    const durations = this.#durations.get(route) ?? new Histogram();
    durations.observe(seconds);
    this.#durations.set(route, durations);
    this.#last.set(route, Math.floor(Date.now() / 1000));
    if (outcome === 'break-glass') this.#breakGlass++;
    if (breakGlassRefused) this.#breakGlassRefused++;
  }

  unanswerable(): void {
    this.#unanswerable++;
  }

  scanned(result: 'scanned' | 'failed' | 'refused'): void {
    this.#scans.set(result, (this.#scans.get(result) ?? 0) + 1);
  }

  opaAsked(result: 'answered' | 'unavailable' | 'late' | 'refused'): void {
    this.#opa.set(result, (this.#opa.get(result) ?? 0) + 1);
  }

  pullSecretRead(result: 'read' | 'missing' | 'forbidden' | 'failed'): void {
    this.#pullSecrets.set(result, (this.#pullSecrets.get(result) ?? 0) + 1);
  }

  /** @param gauges further values by name: what they say, and how much it is */
  text(gauges: Readonly<Record<string, Gauge>>): string {
    const lines = [
      ...family('decisions_total', 'counter', 'Decisions by protocol and outcome.'),
      ...[...this.#decisions].map(([labels, count]) => `${prefix}decisions_total{${labels}} ${count}`),
      ...family('decision_duration_seconds', 'histogram', 'From the first byte of a review to its answer.'),
      ...[...this.#durations].flatMap(([route, durations]) => durations.lines(`route="${route}"`)),
      ...family(
        'last_review_timestamp_seconds',
        'gauge',
        'Unix time of the last decision: who is not asked any more notices it here.',
      ),
      ...[...this.#last].map(([route, at]) => `${prefix}last_review_timestamp_seconds{route="${route}"} ${at}`),
      ...family('break_glass_total', 'counter', 'Reviews that a ticket let through.'),
      `${prefix}break_glass_total ${this.#breakGlass}`,
      ...family('break_glass_refused_total', 'counter', 'Refused reviews that showed a ticket which does not hold.'),
      `${prefix}break_glass_refused_total ${this.#breakGlassRefused}`,
      ...family('unanswerable_total', 'counter', 'Bodies without a uid that could be answered.'),
      `${prefix}unanswerable_total ${this.#unanswerable}`,
      ...family('scans_total', 'counter', 'Scans that reviews asked for, by how they ended.'),
      ...[...this.#scans].map(([result, count]) => `${prefix}scans_total{result="${result}"} ${count}`),
      ...family('opa_requests_total', 'counter', 'Questions to OPA, by how they ended.'),
      ...[...this.#opa].map(([result, count]) => `${prefix}opa_requests_total{result="${result}"} ${count}`),
      ...family(
        'pull_secret_reads_total',
        'counter',
        'Secrets and accounts asked of the API server, by how that ended.',
      ),
      ...[...this.#pullSecrets].map(
        ([result, count]) => `${prefix}pull_secret_reads_total{result="${result}"} ${count}`,
      ),
      ...Object.entries({ ...gauges, in_flight: { help: 'Reviews under way.', value: this.inFlight } }).flatMap(
        ([name, { help, value }]) => [...family(name, 'gauge', help), `${prefix}${name} ${value}`],
      ),
    ];
    return `${lines.join('\n')}\n`;
  }
}

export interface DecisionCount {
  readonly outcome: AdmissionOutcome;
  readonly allowed: boolean;
  readonly seconds: number;
  readonly breakGlassRefused: boolean;
}

export interface Gauge {
  readonly help: string;
  readonly value: number;
}

const prefix = 'tidewaiter_admission_';

function family(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`];
}

const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Histogram {
  readonly #buckets = bounds.map(() => 0);
  #count = 0;
  #sum = 0;

  observe(seconds: number): void {
    this.#count++;
    this.#sum += seconds;
    for (const [at, bound] of bounds.entries()) if (seconds <= bound) this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
  }

  lines(labels: string): readonly string[] {
    const name = `${prefix}decision_duration_seconds`;
    return [
      ...bounds.map((bound, at) => `${name}_bucket{${labels},le="${bound}"} ${this.#buckets[at] ?? 0}`),
      `${name}_bucket{${labels},le="+Inf"} ${this.#count}`,
      `${name}_sum{${labels}} ${this.#sum}`,
      `${name}_count{${labels}} ${this.#count}`,
    ];
  }
}
