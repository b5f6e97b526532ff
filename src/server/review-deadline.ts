/** Least time that is left for a decision. */
const leastMs = 200;
/** For the way of an answer: of what the caller waits, this much or a fifth, whichever is less. */
const wayMs = 2000;

/**
 * How long a decision may take: what was configured, or less where the caller waits less (`?timeout=10s`, as Go writes
 * durations). What cannot be read is not asked for.
 */
export function decisionTimeMs(url: string, configuredMs: number): number {
  const query = url.indexOf('?');
  const text = query < 0 ? null : new URLSearchParams(url.slice(query + 1, query + 2000)).get('timeout');
  const waitsMs = text === null ? undefined : parseGoDuration(text);
  if (waitsMs === undefined || waitsMs <= 0) return configuredMs;
  return Math.max(leastMs, Math.min(configuredMs, waitsMs - Math.min(wayMs, waitsMs / 5)));
}

export const tooLateWords = 'no decision was made in time';

/** What comes of the work, or, when the time is over, what there is to say then; on the clock of `performance.now()`. */
export async function inTime<Result>(
  work: Promise<Result>,
  { startedAt, deadline }: { readonly startedAt: number; readonly deadline: number },
  late: () => Result,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Result>((resolve) => {
    // A decision that waited until the deadline still has to be put into words.
    const spareMs = Math.min(100, (deadline - startedAt) / 10);
    timer = setTimeout(() => resolve(late()), Math.max(0, deadline - performance.now() + spareMs));
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function parseGoDuration(text: string): number | undefined {
  if (text.length > 40 || !/^(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)([a-zµ]+)/g))
    total += Number(amount) * (unitsMs[unit ?? ''] ?? 0);
  return total;
}
