/** Does a text fit a pattern in which `*` is any run of characters, an empty one too? In time of the product of both lengths. */
export function fitsWildcard(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  let at = 0;
  let inPattern = 0;
  let lastStar = -1;
  let retryAt = 0;
  while (at < text.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      lastStar = inPattern++;
      retryAt = at;
    } else if (wanted === text[at]) {
      inPattern++;
      at++;
    } else if (lastStar >= 0) {
      // The last star takes one character more.
      inPattern = lastStar + 1;
      at = ++retryAt;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}

/** Does any of the patterns fit? */
export function fitsAnyWildcard(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => fitsWildcard(pattern, text));
}
