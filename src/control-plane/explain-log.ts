import { faultKinds, type FaultId } from './kinds/index.js';
import type { FaultSeverity } from './fault.js';
import type { KnownWords } from './known-words.js';
import { readLogMessages, type LogMessage } from './log-lines.js';
import { notReviews, reviewWords } from './review-words.js';
import { startWords } from './start-words.js';

/** What a message of a log means. */
export interface Explanation {
  readonly id: FaultId;
  readonly severity: FaultSeverity;
  /** Line of the log, from 1; of the first message, if several say the same. */
  readonly line: number;
  /** How many messages say it. */
  readonly count: number;
  /** The words that are known, as they stand there. */
  readonly says: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  /** The file that the message names, as the API server sees it. */
  readonly file: string | undefined;
  readonly field: string | undefined;
  /** The API server ends with these words. */
  readonly ends: boolean;
}

const mostExplanations = 200;

/** Explains every message of a log whose cause is known, each cause once, in the order of the log. */
export function explainLog(text: string): readonly Explanation[] {
  const found = new Map<string, Explanation>();
  for (const message of readLogMessages(text)) {
    const explanation = explainMessage(message);
    if (explanation === undefined) continue;
    const key = JSON.stringify([explanation.id, explanation.file, explanation.field, explanation.what]);
    const known = found.get(key);
    if (known !== undefined) found.set(key, { ...known, count: known.count + 1 });
    else if (found.size < mostExplanations) found.set(key, explanation);
  }
  return [...found.values()];
}

/** What words mean that a user saw or a log has; nothing if they are not known. */
export function explainWords(text: string): Explanation | undefined {
  return explainLog(text)[0];
}

function explainMessage({ line, text }: LogMessage): Explanation | undefined {
  const start = match(startWords, text);
  if (start !== undefined) return explanationOf(start, line);
  if (notReviews.some((pattern) => pattern.test(text))) return undefined;
  const opens = /failing open/.test(text) ? reviewWords.findLast(({ id }) => id === 'failed-open') : undefined;
  const review = match(opens === undefined ? reviewWords : [opens], text);
  return review && explanationOf(review, line);
}

interface Match {
  readonly known: KnownWords;
  readonly groups: readonly (string | undefined)[];
}

function match(table: readonly KnownWords[], text: string): Match | undefined {
  for (const known of table) {
    const groups = known.words.exec(text);
    if (groups !== null) return { known, groups: [...groups] };
  }
  return undefined;
}

const longestQuote = 300;

function explanationOf({ known, groups }: Match, line: number): Explanation {
  const kind = faultKinds[known.id];
  const told = known.tell?.(groups);
  const says = (groups[0] ?? '').trim();
  return {
    id: known.id,
    severity: kind.severity,
    line,
    count: 1,
    says: says.length > longestQuote ? `${says.slice(0, longestQuote - 3)}...` : says,
    what: told?.what ?? (says.length > 120 ? `${says.slice(0, 117)}...` : says),
    why: kind.why,
    fix: told?.fix ?? kind.fix,
    file: told?.file,
    field: told?.field,
    ends: known.ends === true,
  };
}
