/** Lines of context around a change. */
const context = 3;
/** Past so many differing lines the whole is replaced: searching for the shortest change would cost too much. */
const maxDistance = 600;

/** Lines, from 0 and without the end, outside of which the two texts are the same: what is compared. */
export interface DiffRegion {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/**
 * The hunks that lead from one text to another, as `diff -u` writes them, without the heading. The regions come in order and
 * do not overlap. Nothing for equal texts.
 */
export function unifiedHunks(before: string, after: string, regions: readonly DiffRegion[]): readonly string[] {
  const old = linesOf(before);
  const next = linesOf(after);
  const changes = regions.flatMap((region) => changesIn(old, next, region));
  const hunks: string[] = [];
  for (let at = 0; at < changes.length; ) {
    let last = at;
    while (isNear(changes[last], changes[last + 1])) last++;
    hunks.push(hunkText({ old, next, changes: changes.slice(at, last + 1) }));
    at = last + 1;
  }
  return hunks;
}

/** The heading of a file in a unified diff. */
export function diffHeading(name: string): string {
  return `--- a/${name.replace(/^\/+/, '')}\n+++ b/${name.replace(/^\/+/, '')}\n`;
}

/** Lines from `oldStart` to `oldEnd` become those from `newStart` to `newEnd`. */
interface Change {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

interface Hunk {
  readonly old: readonly string[];
  readonly next: readonly string[];
  readonly changes: readonly Change[];
}

/** With their line ends. */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

function isNear(a: Change | undefined, b: Change | undefined): boolean {
  return a !== undefined && b !== undefined && b.oldStart - a.oldEnd <= 2 * context;
}

function hunkText({ old, next, changes }: Hunk): string {
  const first = changes[0];
  const last = changes.at(-1);
  if (!first || !last) return '';
  const start = Math.max(0, first.oldStart - context);
  const end = Math.min(old.length, last.oldEnd + context);
  const newStart = first.newStart - (first.oldStart - start);
  const newEnd = last.newEnd + (end - last.oldEnd);
  const lines: string[] = [];
  let at = start;
  for (const change of changes) {
    for (; at < change.oldStart; at++) lines.push(marked(' ', old[at]));
    for (; at < change.oldEnd; at++) lines.push(marked('-', old[at]));
    for (let added = change.newStart; added < change.newEnd; added++) lines.push(marked('+', next[added]));
  }
  for (; at < end; at++) lines.push(marked(' ', old[at]));
  const heading = `@@ -${range(start, end)} +${range(newStart, newEnd)} @@\n`;
  return heading + lines.join('');
}

function range(start: number, end: number): string {
  const count = end - start;
  const line = start + (count === 0 ? 0 : 1);
  return count === 1 ? String(line) : `${line},${count}`;
}

function marked(mark: string, line = ''): string {
  return line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;
}

/** The shortest way from the old lines of a region to the new ones, by Myers's method. */
function changesIn(old: readonly string[], next: readonly string[], region: DiffRegion): readonly Change[] {
  let { oldStart, oldEnd, newStart, newEnd } = region;
  while (oldStart < oldEnd && newStart < newEnd && old[oldStart] === next[newStart]) {
    oldStart++;
    newStart++;
  }
  while (oldEnd > oldStart && newEnd > newStart && old[oldEnd - 1] === next[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  if (oldStart === oldEnd && newStart === newEnd) return [];
  const trace = searchOf(old.slice(oldStart, oldEnd), next.slice(newStart, newEnd));
  if (!trace) return [{ oldStart, oldEnd, newStart, newEnd }];
  return walkBack(trace, oldEnd - oldStart, newEnd - newStart).map((change) => ({
    oldStart: change.oldStart + oldStart,
    oldEnd: change.oldEnd + oldStart,
    newStart: change.newStart + newStart,
    newEnd: change.newEnd + newStart,
  }));
}

/** For each distance, how far along each diagonal one comes; `undefined` past the bound. */
function searchOf(old: readonly string[], next: readonly string[]): readonly Map<number, number>[] | undefined {
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let distance = 0; distance <= Math.min(old.length + next.length, maxDistance); distance++) {
    trace.push(new Map(furthest));
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const down = furthest.get(diagonal + 1) ?? -1;
      const right = furthest.get(diagonal - 1) ?? -1;
      let x = diagonal === -distance || (diagonal !== distance && right < down) ? down : right + 1;
      while (x < old.length && x - diagonal < next.length && old[x] === next[x - diagonal]) x++;
      furthest.set(diagonal, x);
      if (x >= old.length && x - diagonal >= next.length) return trace;
    }
  }
  return undefined;
}

function walkBack(trace: readonly Map<number, number>[], oldLength: number, newLength: number): readonly Change[] {
  const changes: Change[] = [];
  let x = oldLength;
  let y = newLength;
  for (let distance = trace.length - 1; distance > 0; distance--) {
    const furthest = trace[distance];
    if (!furthest) break;
    const diagonal = x - y;
    const down = furthest.get(diagonal + 1) ?? -1;
    const right = furthest.get(diagonal - 1) ?? -1;
    const goesDown = diagonal === -distance || (diagonal !== distance && right < down);
    const from = goesDown ? down : right;
    const fromY = from - (goesDown ? diagonal + 1 : diagonal - 1);
    const change = goesDown
      ? { oldStart: from, oldEnd: from, newStart: fromY, newEnd: fromY + 1 }
      : { oldStart: from, oldEnd: from + 1, newStart: fromY, newEnd: fromY };
    const behind = changes.at(-1);
    if (behind && behind.oldStart === change.oldEnd && behind.newStart === change.newEnd) {
      changes[changes.length - 1] = { ...behind, oldStart: change.oldStart, newStart: change.newStart };
    } else changes.push(change);
    x = from;
    y = fromY;
  }
  return changes.reverse();
}
