/** The word that somebody may have meant, within two edits and a third of its length; the first of several. */
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
  return best;
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
