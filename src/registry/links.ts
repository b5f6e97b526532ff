/**
 * The `next` page of a `Link` header (RFC 8288), read in one pass; nothing when there is none.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-discovery
 */
export function nextLink(header: string | undefined): string | undefined {
  const text = (header ?? '').slice(0, 16 * 1024);
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    const close = open < 0 ? -1 : text.indexOf('>', open);
    if (close < 0) return undefined;
    const end = endOfParameters(text, close + 1);
    const relation = /;\s{0,8}rel\s{0,8}=\s{0,8}(?:"([^"]{0,200})"|([^\s;,"]{1,200}))/i.exec(
      text.slice(close + 1, end),
    );
    const names = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s/);
    if (names.includes('next')) return text.slice(open + 1, close);
    at = end + 1;
  }
  return undefined;
}

/** Up to the comma that ends this link; commas in quotes do not. */
function endOfParameters(text: string, start: number): number {
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) return at;
  }
  return text.length;
}
