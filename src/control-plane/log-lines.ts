import { asObject, asString, parseJson, type JsonObject } from '../formats/index.js';

/** One message of a log, with whatever wrapped it taken off. */
export interface LogMessage {
  /** Line in the log, from 1; of the first, if it goes over several. */
  readonly line: number;
  readonly text: string;
}

const longestLine = 32 * 1024;
const longestMessage = 200;

/**
 * The messages of a log of kube-apiserver, from wherever it was copied: journald (plain or JSON), a container's file in
 * the forms of Docker and CRI, klog as text or JSON, `kubectl logs`, or just the words. Quotes that klog escapes are plain
 * again; an `err=<` over several lines is one message.
 */
export function* readLogMessages(text: string): Iterable<LogMessage> {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    const content = unwrap(clip(lines[at] ?? ''));
    if (!content.endsWith('err=<')) {
      if (content !== '') yield { line, text: unescapeQuotes(content) };
      continue;
    }
    const pieces = [content.slice(0, -1)];
    while (at + 1 < lines.length && pieces.length < longestMessage) {
      const next = unwrap(clip(lines[++at] ?? ''), false);
      if (/^\s*>\s*$/.test(next)) break;
      pieces.push(next.trim());
    }
    yield { line, text: pieces.join(' ').slice(0, longestLine) };
  }
}

function clip(line: string): string {
  return line.length > longestLine ? line.slice(0, longestLine) : line;
}

function unwrap(line: string, trims = true): string {
  const bare = line.replace(/\r$/, '');
  const content = fromJson(bare) ?? fromContainer(bare);
  return trims ? content.trim() : content;
}

/** A line that is one JSON object: Docker's `log`, journald's `MESSAGE`, klog's `msg` and `err`. */
function fromJson(line: string): string | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  let object: JsonObject | undefined;
  try {
    object = asObject(parseJson(line));
  } catch {
    // A line that only begins like JSON is a line like others.
    return undefined;
  }
  const inner = asString(object?.['log']) ?? asString(object?.['MESSAGE']);
  if (inner !== undefined) return fromJson(inner.trim()) ?? inner.trimEnd();
  const [message, error] = [asString(object?.['msg']), asString(object?.['err'])];
  return message === undefined ? undefined : error === undefined ? message : `"${message}" err="${error}"`;
}

/** `2026-11-24T12:00:00.1Z stderr F text` of CRI. */
function fromContainer(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] /, '');
}

/** In klog's `err="..."` quotes and backslashes are escaped; elsewhere they are as they are. */
function unescapeQuotes(text: string): string {
  return text.includes('\\"')
    ? text.replaceAll('\\\\', '\u0000').replaceAll('\\"', '"').replaceAll('\u0000', '\\')
    : text;
}
