/** The last second of a day of an end-of-life table, RFC 3339; `undefined` for `never`. */
export function lastMoment(day: string): string | undefined {
  return day === 'never' ? undefined : `${day}T23:59:59Z`;
}
