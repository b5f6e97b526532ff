import { distributionOf } from './distributions.js';
import { lastMoment } from './last-moment.js';
import type { OperatingSystem } from './operating-system.js';

/** Whether a release still has its vendor's support. */
export interface EndOfLife {
  /** RFC 3339, the last second of support; absent: no end is announced, or nothing is known. */
  readonly date?: string | undefined;
  /** Support has ended. */
  readonly reached: boolean;
  /** Is the release in our table (or of a family that has no ends)? If not, it counts as supported. */
  readonly known: boolean;
}

/** What is known of the end of a release's support at the time `now`. */
export function endOfLife(operatingSystem: OperatingSystem, now: Date): EndOfLife {
  const distribution = distributionOf(operatingSystem.family);
  if (!distribution) return { reached: false, known: false };
  const { endOfLife: table } = distribution;
  if (!table) return { reached: false, known: true };
  const day = table
    .keys(operatingSystem, now)
    .map((key) => (Object.hasOwn(table.dates, key) ? table.dates[key] : undefined))
    .find((found) => found !== undefined);
  if (day === undefined) return { reached: false, known: false };
  const date = lastMoment(day);
  return date === undefined ? { reached: false, known: true } : { date, reached: now >= new Date(date), known: true };
}
