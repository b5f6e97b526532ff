const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Milliseconds of `30m`, `12h`, `7d`, `2w`; undefined for anything else, and past a hundred years. */
export function parseDuration(text: string): number | undefined {
  const parts = /^([0-9]{1,9})([mhdw])$/.exec(text);
  const ms = Number(parts?.[1]) * (unitMs[parts?.[2] ?? ''] ?? Number.NaN);
  return ms <= 36_525 * 86_400_000 ? ms : undefined;
}

/** Milliseconds of `250ms`, `3s`; undefined for anything else, for none, and past ten seconds. */
export function parseTimeout(text: string): number | undefined {
  const parts = /^([0-9]{1,5})(ms|s)$/.exec(text);
  const ms = Number(parts?.[1]) * (parts?.[2] === 's' ? 1000 : 1);
  return ms > 0 && ms <= 10_000 ? ms : undefined;
}

/** `3 days`, `36 hours`: whole units, the largest that leaves at least two of it, or one. */
export function durationWords(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  if (hours < 1) return plural(Math.floor(ms / 60_000), 'minute');
  const isDays = hours >= 48 || hours === 24;
  return isDays ? plural(Math.floor(hours / 24), 'day') : plural(hours, 'hour');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A day (from its first moment, UTC) or a full RFC 3339 time; undefined for anything else and for days that do not exist. */
export function parseMoment(text: string): Date | undefined {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  if (!isDay && !/^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text)) {
    return undefined;
  }
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  const moment = isDay ? day : new Date(text.toUpperCase());
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
