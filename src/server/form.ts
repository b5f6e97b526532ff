/**
 * The manifest in a request's body. Five bytes `file=` before it are passed over, as curl's `-d file=@...` writes them.
 * Real forms, which the original misreads, are decoded: percent-encoded ones that hold no line break of their own, and
 * the first file of a multipart body.
 */
export function manifestIn(body: string, contentType: string | undefined): string {
  const boundary = /^multipart\/form-data\s*;.*?boundary="?([^";\s]{1,70})"?/i.exec(
    (contentType ?? '').slice(0, 500),
  )?.[1];
  if (boundary !== undefined) return firstPart(body, `--${boundary}`) ?? body;
  if (!body.startsWith('file=')) return body;
  const manifest = body.slice('file='.length);
  return !manifest.includes('\n') && /%0a/i.test(manifest)
    ? (new URLSearchParams(body).get('file') ?? manifest)
    : manifest;
}

/** What stands between the first part's head and the next boundary. */
function firstPart(body: string, delimiter: string): string | undefined {
  const start = body.indexOf(delimiter);
  const head = start < 0 ? -1 : body.indexOf('\r\n\r\n', start);
  const end = head < 0 ? -1 : body.indexOf(`\r\n${delimiter}`, head + 2);
  return end < 0 ? undefined : body.slice(head + 4, end);
}
