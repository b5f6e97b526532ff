import { randomBytes } from 'node:crypto';
import { decisionIdPattern, type DecisionQuery } from './decision-query.js';
import { databaseDateIn, soughtTextOf, summaryOf, type DecisionSummary } from './decision-summary.js';

const maxDecisions = 1000;
const maxBytes = 8 * 1024 * 1024;
/** A single record past that is kept without its lists. */
const maxRecordBytes = 512 * 1024;
/** What an entry takes beside its texts, roughly. */
const overheadBytes = 1000;

interface Entry {
  readonly number: number;
  readonly summary: DecisionSummary;
  readonly record: Buffer;
  readonly sought: string;
  readonly bytes: number;
}

export interface ListedDecision extends DecisionSummary {
  readonly id: string;
}

export interface DecisionList {
  /** The newest first. */
  readonly decisions: readonly ListedDecision[];
  /** Where to go on with older ones (`before`); absent where there are none. */
  readonly next: string | undefined;
}

export interface DecisionCount {
  readonly route: string;
  readonly outcome: string;
  readonly count: number;
}

/** The newest thousand decisions, 8 MiB of them at most, and how many there were of each kind since the start. */
export class RecentDecisions {
  readonly #run = randomBytes(4).toString('hex');
  readonly #counts = new Map<string, DecisionCount>();
  #entries: Entry[] = [];
  #bytes = 0;
  #last = 0;
  #databaseUpdatedAt: string | undefined;

  /** @param record as the audit log has it; it is not changed afterwards */
  add(record: object): void {
    const summary = summaryOf(record);
    const { route, outcome } = summary;
    const key = `${route} ${outcome}`;
    this.#counts.set(key, { route, outcome, count: (this.#counts.get(key)?.count ?? 0) + 1 });
    this.#databaseUpdatedAt = databaseDateIn(record) ?? this.#databaseUpdatedAt;
    const entry = entryOf(++this.#last, record, summary);
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    while (this.#entries.length > maxDecisions || this.#bytes > maxBytes)
      this.#bytes -= this.#entries.shift()?.bytes ?? 0;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** How many there were since the start, kept or not. */
  get total(): number {
    return this.#last;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get newest(): string | undefined {
    return this.#last === 0 ? undefined : this.#idOf(this.#last);
  }

  get counts(): readonly DecisionCount[] {
    return [...this.#counts.values()];
  }

  /** The date of the vulnerability database that the last scan used. */
  get databaseUpdatedAt(): string | undefined {
    return this.#databaseUpdatedAt;
  }

  /** Namespaces of what is kept, sorted; the first hundred. */
  get namespaces(): readonly string[] {
    const names = new Set(this.#entries.flatMap(({ summary }) => summary.namespace ?? []));
    return [...names].sort().slice(0, 100);
  }

  /** Nothing where the identifier in `before` or `after` is of another run of the server. */
  find(query: DecisionQuery): DecisionList | undefined {
    const before = this.#numberOf(query.before);
    const after = this.#numberOf(query.after);
    if (before === 'foreign' || after === 'foreign') return undefined;
    const found: Entry[] = [];
    let isMore = false;
    for (let at = this.#entries.length - 1; at >= 0; at--) {
      const entry = this.#entries[at];
      if (!entry || (after !== undefined && entry.number <= after)) break;
      if ((before !== undefined && entry.number >= before) || !isSought(entry, query)) continue;
      isMore = found.length === query.limit;
      if (isMore) break;
      found.push(entry);
    }
    const last = found.at(-1);
    return {
      decisions: found.map(({ number, summary }) => ({ id: this.#idOf(number), ...summary })),
      next: isMore && last ? this.#idOf(last.number) : undefined,
    };
  }

  /** The record as JSON, whole. Absent: there was none, or it is no longer kept. */
  record(id: string): string | undefined {
    const number = this.#numberOf(id);
    const first = this.#entries[0];
    if (number === undefined || number === 'foreign' || !first) return undefined;
    return this.#entries[number - first.number]?.record.toString('utf8');
  }

  #idOf(number: number): string {
    return `${this.#run}-${number}`;
  }

  #numberOf(id: string | undefined): number | 'foreign' | undefined {
    if (id === undefined) return undefined;
    const [, run, number] = decisionIdPattern.exec(id) ?? [];
    return run === this.#run && Number(number) <= this.#last ? Number(number) : 'foreign';
  }
}

function entryOf(number: number, record: object, summary: DecisionSummary): Entry {
  const whole = Buffer.from(JSON.stringify(record));
  const text = whole.length <= maxRecordBytes ? whole : Buffer.from(JSON.stringify(withoutLists(record)));
  const sought = soughtTextOf(record);
  return { number, summary, record: text, sought, bytes: text.length + 2 * sought.length + overheadBytes };
}

/** Says what it leaves out. */
function withoutLists(record: object): object {
  const short = Object.entries(record).map(([name, value]): readonly [string, unknown] => {
    if (Array.isArray(value)) return [name, undefined];
    return [name, typeof value === 'string' ? value.slice(0, 1000) : value];
  });
  return {
    ...Object.fromEntries(short),
    shortened: 'the record is too large for the page; the audit log has it whole',
  };
}

function isSought({ summary, sought }: Entry, query: DecisionQuery): boolean {
  if (query.outcomes && !query.outcomes.has(summary.outcome)) return false;
  if (query.allowed !== undefined && query.allowed !== summary.allowed) return false;
  if (query.route !== undefined && query.route !== summary.route) return false;
  if (query.namespace !== undefined && query.namespace !== summary.namespace) return false;
  return query.words.every((word) => sought.includes(word));
}
