import { EvaluationFault } from '../budget.js';
import type { CelValue } from '../value.js';
import type { CelFunction, Given } from './cel-function.js';

const int = { kind: 'int' } as const;
const second = 1_000_000_000n;

/** The parts of a moment as a clock shows them; the fields of a `Date` in UTC. */
const clockParts: Readonly<Record<string, (clock: Date) => number>> = {
  getFullYear: (clock) => clock.getUTCFullYear(),
  getMonth: (clock) => clock.getUTCMonth(),
  getDate: (clock) => clock.getUTCDate(),
  getDayOfMonth: (clock) => clock.getUTCDate() - 1,
  getDayOfWeek: (clock) => clock.getUTCDay(),
  getDayOfYear: (clock) => Math.floor((clock.getTime() - Date.UTC(clock.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (clock) => clock.getUTCHours(),
  getMinutes: (clock) => clock.getUTCMinutes(),
  getSeconds: (clock) => clock.getUTCSeconds(),
  getMilliseconds: (clock) => clock.getUTCMilliseconds(),
};

const units: Readonly<Record<string, bigint>> = {
  getHours: 3600n * second,
  getMinutes: 60n * second,
  getSeconds: second,
};

/** Over moments, in UTC or in a zone, and over durations. */
export const timeFunctions: readonly CelFunction[] = [
  ...Object.entries(clockParts).flatMap(([name, part]): CelFunction[] => [
    { name, on: 'timestamp', takes: [], gives: int, run: (given) => BigInt(part(clockOf(given, 0))) },
    {
      name,
      on: 'timestamp',
      takes: ['string'],
      gives: int,
      run: (given) => BigInt(part(clockOf(given, offsetMs(given)))),
    },
  ]),
  ...Object.entries(units).map(
    ([name, unit]): CelFunction => ({
      name,
      on: 'duration',
      takes: [],
      gives: int,
      run: (given): CelValue => given.duration(0).nanos / unit,
    }),
  ),
  {
    name: 'getMilliseconds',
    on: 'duration',
    takes: [],
    gives: int,
    run: (given) => (given.duration(0).nanos / 1_000_000n) % 1000n,
  },
];

function clockOf(given: Given, offset: number): Date {
  const { nanos } = given.time(0);
  const rest = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return new Date(Number((nanos - rest) / 1_000_000n) + offset);
}

/** `+02:00`, or the name of a zone. */
function offsetMs(given: Given): number {
  const zone = given.text(1);
  const [, sign, hours = '', minutes = ''] = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone) ?? [];
  if (hours !== '') {
    if (Number(hours) > 23 || Number(minutes) > 59) throw unknownZone();
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  }
  if (zone === 'UTC' || zone === '') return 0;
  // Looking up a zone is slow beside all else.
  given.meter.spend(2000);
  return offsetOfZone(clockOf(given, 0), zone);
}

function offsetOfZone(moment: Date, timeZone: string): number {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,60}$/.test(timeZone)) throw unknownZone();
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw unknownZone();
  }
  const shown = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => shown.get(name) ?? 0;
  const clock = new Date(0);
  clock.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  clock.setUTCHours(part('hour'), part('minute'), part('second'));
  return clock.getTime() - Math.floor(moment.getTime() / 1000) * 1000;
}

function unknownZone(): EvaluationFault {
  return new EvaluationFault('the text is no time zone');
}
