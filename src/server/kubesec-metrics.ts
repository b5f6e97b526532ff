/** What a server has answered, in the text form that Prometheus reads. */
export interface KubesecMetrics {
  count(method: string, status: number, seconds: number): void;
  text(): string;
}

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts by method and status, and how long answers took. */
export function kubesecMetrics(): KubesecMetrics {
  const counts = new Map<string, number>();
  const buckets = bounds.map(() => 0);
  let total = 0;
  let sum = 0;
  return {
    count(method, status, seconds) {
      const labels = `code="${status}",method="${methods.has(method) ? method.toLowerCase() : 'other'}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
      for (const [at, bound] of bounds.entries()) if (seconds <= bound) buckets[at] = (buckets[at] ?? 0) + 1;
      total++;
      sum += seconds;
    },
    text() {
      return [
        '# HELP http_requests_total Requests by code and method.',
        '# TYPE http_requests_total counter',
        ...[...counts].map(([labels, count]) => `http_requests_total{${labels}} ${count}`),
        '# HELP http_request_duration_seconds How long answers took.',
        '# TYPE http_request_duration_seconds histogram',
        ...bounds.map((bound, at) => `http_request_duration_seconds_bucket{le="${bound}"} ${buckets[at] ?? 0}`),
        `http_request_duration_seconds_bucket{le="+Inf"} ${total}`,
        `http_request_duration_seconds_sum ${sum}`,
        `http_request_duration_seconds_count ${total}`,
        '',
      ].join('\n');
    },
  };
}
