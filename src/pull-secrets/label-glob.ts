/**
 * Does a label of a host match a label of a key, as Go's `filepath.Match` has it? `*` is any run of characters. Brackets
 * come here only with an IPv6 address that has no port: they are a set of characters then. A set that is not well
 * formed matches nothing.
 */
export function matchLabel(pattern: string, label: string): boolean {
  let at = 0;
  let from = 0;
  let starAt = -1;
  let starFrom = 0;
  // One step back to the latest star is enough: what stands before it has matched.
  while (from < label.length || at < pattern.length) {
    if (pattern.charAt(at) === '*') {
      starAt = at++;
      starFrom = from;
      continue;
    }
    const next = from < label.length ? matchOne(pattern, at, label.charAt(from)) : 0;
    if (next > 0) {
      at = next;
      from++;
      continue;
    }
    if (starAt < 0 || starFrom >= label.length) return false;
    at = starAt + 1;
    from = ++starFrom;
  }
  return true;
}

/** Where the pattern goes on after it took the character; 0 when it does not. */
function matchOne(pattern: string, at: number, character: string): number {
  const first = pattern.charAt(at);
  if (first === '') return 0;
  if (first === '[') return matchSet(pattern, at, character);
  return first === character ? at + 1 : 0;
}

function matchSet(pattern: string, start: number, character: string): number {
  const close = pattern.indexOf(']', start + 1);
  if (close < 0) return 0;
  const set = pattern.slice(start + 1, close);
  let found = false;
  for (let index = 0; index < set.length; index++) {
    const low = set.charAt(index);
    if (low === '-') return 0;
    let high = low;
    if (set.charAt(index + 1) === '-') {
      high = set.charAt(index + 2);
      if (high === '' || high === '-') return 0;
      index += 2;
    }
    if (low <= character && character <= high) found = true;
  }
  return found && set !== '' ? close + 1 : 0;
}
