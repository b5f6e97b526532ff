import { durationWords } from '../../document/duration.js';
import type { CheckOf, CheckResult, ScanResultCheck } from '../rule-check.js';
import type { ScanFacts, UnknownFact } from '../subject.js';

/** Clocks differ a little; a date further ahead tells nothing. */
const clockToleranceMs = 24 * 3_600_000;

/** How old what is known of an image may be. */
export const scan = {
  id: 'scan',
  over: 'scan',
  needs: ['scan'],
  words(check) {
    const parts = [
      check.maxAgeMs === undefined ? [] : [`images were scanned at most ${durationWords(check.maxAgeMs)} ago`],
      check.maxDatabaseAgeMs === undefined
        ? []
        : [`the vulnerability database is at most ${durationWords(check.maxDatabaseAgeMs)} old`],
    ];
    return parts.flat().join(', and ');
  },
  judge(check, { facts, now }) {
    const ages = agesOf(check, facts);
    const gaps = ages.flatMap(({ code, what, at }): UnknownFact[] => {
      if (ageOf(at, now) !== undefined) return [];
      const reason = at === undefined ? `when ${what} is not known` : `${what} at a time that cannot be`;
      return [{ code, subject: what, reason }];
    });
    const old = ages.flatMap(({ what, at, maxMs, fix }) => {
      const age = ageOf(at, now);
      if (age === undefined || age <= maxMs) return [];
      return [{ message: `${what} ${durationWords(age)} ago, and at most ${durationWords(maxMs)} are allowed`, fix }];
    });
    const broken: CheckResult['broken'] =
      old.length === 0
        ? undefined
        : {
            message: old.map((one) => one.message).join('; '),
            fix: [...new Set(old.map((one) => one.fix))].join(', then '),
          };
    return { broken, gaps };
  },
} as const satisfies ScanResultCheck<'scan'>;

interface Age {
  readonly code: string;
  readonly what: string;
  readonly at: string | undefined;
  readonly maxMs: number;
  readonly fix: string;
}

function agesOf({ maxAgeMs, maxDatabaseAgeMs }: CheckOf<'scan'>, facts: ScanFacts): readonly Age[] {
  const ages: Age[] = [];
  if (maxDatabaseAgeMs !== undefined) {
    ages.push({
      code: 'DATABASE_AGE_UNKNOWN',
      what: 'the vulnerability database was made',
      at: facts.databaseUpdatedAt,
      maxMs: maxDatabaseAgeMs,
      fix: 'update the database (tidewaiter db update)',
    });
  }
  if (maxAgeMs !== undefined) {
    ages.push({
      code: 'SCAN_AGE_UNKNOWN',
      what: 'the image was scanned',
      at: facts.scannedAt,
      maxMs: maxAgeMs,
      fix: 'scan the image again',
    });
  }
  return ages;
}

/** Undefined for what is no date, or lies ahead. */
function ageOf(at: string | undefined, now: Date): number | undefined {
  const age = now.getTime() - Date.parse(at ?? '');
  return age >= -clockToleranceMs ? Math.max(0, age) : undefined;
}
