const leastRelative = 4;

/** The word that somebody may have meant, within two edits and a third of its length, or akin to it; the first of several. */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 60) return undefined;
  let best: string | undefined;
  let least = 3;
  const folded = fold(word);
  for (const candidate of candidates) {
    const distance = distanceOf(folded, fold(candidate));
    if (distance >= least || distance > Math.max(1, candidate.length / 3)) continue;
    best = candidate;
    least = distance;
  }
  return best ?? relative(folded, candidates);
}

/** One that holds the word, is held by it, or begins with most of it: `minSeverity`, `allowed`, `registry`. */
function relative(folded: string, candidates: Iterable<string>): string | undefined {
  if (folded.length < leastRelative) return undefined;
  for (const candidate of candidates) {
    const other = fold(candidate);
    if (other.length < leastRelative) continue;
    const common = commonStart(folded, other);
    if (folded.includes(other) || other.includes(folded) || common >= Math.max(5, folded.length * 0.7)) {
      return candidate;
    }
  }
  return undefined;
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Case, dashes and underscores are not what a misspelt key is about. */
function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

function distanceOf(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
