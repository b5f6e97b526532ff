import { element } from './elements.js';

const timeFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** A moment for lists: the time of day, and the day if it is not today. */
export function shortMoment(iso: string): HTMLElement {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return element('span', {}, 'unknown');
  const day = date.toDateString() === new Date().toDateString() ? '' : `${dayFormat.format(date)} `;
  return element('time', { datetime: iso, title: iso }, `${day}${timeFormat.format(date)}`);
}

/** A moment in full, as logs have it, and how long before another that was. */
export function fullMoment(iso: string, before?: string): HTMLElement {
  const ms = before === undefined ? Number.NaN : Date.parse(before) - Date.parse(iso);
  const age = Number.isNaN(ms) ? '' : ` (${spanWords(ms)} before)`;
  return element('span', {}, element('time', { datetime: iso }, iso), age);
}

/** A span of time in its one or two largest units. */
export function spanWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const at = units.findIndex(([size]) => seconds >= size);
  const [size, name] = units[at] ?? [1, 's'];
  const rest = seconds % size;
  const [smaller, smallerName] = units[at + 1] ?? [0, ''];
  const more = smaller > 0 && seconds < 10 * size ? Math.floor(rest / smaller) : 0;
  return `${Math.floor(seconds / size)} ${name}${more > 0 ? ` ${more} ${smallerName}` : ''}`;
}
