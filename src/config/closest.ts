/**
 * The candidate that somebody may have meant: within two edits, or three for long words (a swap of neighbours is one
 * edit); undefined when none is near. Ties go to the first.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  // A command line may hold anything: no word of ours is longer than this.
  if (word.length > 60 || word.length < 2) return undefined;
  let best: string | undefined;
  let bestDistance = word.length >= 8 ? 4 : word.length >= 4 ? 3 : 2;
  for (const candidate of candidates) {
    const sameButCase = candidate !== word && candidate.toLowerCase() === word.toLowerCase();
    const distance = sameButCase ? 0.5 : editDistance(word, candidate);
    if (distance < bestDistance && distance <= candidate.length / 2) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (older[j - 2] ?? 0) + 1);
      row.push(least);
    }
    older = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
