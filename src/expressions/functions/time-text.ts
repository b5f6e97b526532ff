import { EvaluationFault } from '../budget.js';
import { CelDuration, CelTimestamp } from '../value.js';

const second = 1_000_000_000n;
const firstMoment = -62_135_596_800n * second;
const lastMoment = 253_402_300_800n * second - 1n;
const longest = 315_576_000_000n * second;

/** @throws EvaluationFault outside of the years 1 to 9999 */
export function timeOf(nanos: bigint): CelTimestamp {
  if (nanos < firstMoment || nanos > lastMoment) throw new EvaluationFault('the time is out of range');
  return new CelTimestamp(nanos);
}

/** @throws EvaluationFault past ten thousand years */
export function durationOf(nanos: bigint): CelDuration {
  if (nanos < -longest || nanos > longest) throw new EvaluationFault('the duration is out of range');
  return new CelDuration(nanos);
}

/** RFC 3339. @throws EvaluationFault */
export function parseTimeText(text: string): CelTimestamp {
  const parts =
    text.length <= 40
      ? /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/.exec(text)
      : null;
  const [, day = '', clock = '', fraction = '', zone = ''] = parts ?? [];
  const ms = parts ? Date.parse(`${day}T${clock}${zone.toUpperCase()}`) : Number.NaN;
  const isDay = parts && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  if (Number.isNaN(ms) || !isDay || clock.startsWith('24')) throw new EvaluationFault('the text is no time (RFC 3339)');
  return timeOf(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

export function timeText({ nanos }: CelTimestamp): string {
  const rest = ((nanos % second) + second) % second;
  const day = new Date(Number((nanos - rest) / 1_000_000n)).toISOString().slice(0, 19);
  return `${day}${fractionText(rest)}Z`;
}

const unitNanos: Readonly<Record<string, bigint>> = {
  h: 3600n * second,
  m: 60n * second,
  s: second,
  ms: 1_000_000n,
  us: 1000n,
  '\u00b5s': 1000n,
  ns: 1n,
};

/** `1h30m`, `-1.5s`, `250ms`. @throws EvaluationFault */
export function parseDurationText(text: string): CelDuration {
  if (text.length > 100) throw noDuration();
  const isNegative = text.startsWith('-');
  const rest = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return new CelDuration(0n);
  const parts = [...rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|\u00b5s|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== rest) throw noDuration();
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of parts) {
    if (whole === '' && fraction === '') throw noDuration();
    const each = unitNanos[unit] ?? 0n;
    nanos += BigInt(whole === '' ? '0' : whole) * each;
    nanos += (BigInt(fraction.slice(0, 18).padEnd(18, '0')) * each) / 10n ** 18n;
  }
  return durationOf(isNegative ? -nanos : nanos);
}

function noDuration(): EvaluationFault {
  return new EvaluationFault('the text is no duration (write 1h30m)');
}

/** `5400s`, `1.5s`. */
export function durationText({ nanos }: CelDuration): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / second}${fractionText(size % second)}s`;
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
}
