import { messageOf } from '../core/index.js';
import type { Reference } from '../reference/index.js';
import { RecordFolder, type FoundRecord } from './record-folder.js';
import { boundSeen, maxSeen, mergeSeen, seenKey, type SeenRecord, type SeenTimes } from './seen-record.js';

/** As much of a finding as is needed. */
export interface SeenFinding {
  readonly vulnerabilityId: string;
  readonly packageName: string;
  /** RFC 3339. */
  readonly publishedAt?: string | undefined;
}

export interface FirstSeenOptions {
  /** The folder, for this alone; it is made when something is first kept. */
  readonly dir: string;
  /** Our own clock: no time comes from an image. */
  readonly now: () => Date;
  /** Told why nothing can be kept, once until it can, and of records that were damaged. */
  readonly log: (level: 'warn', message: string) => void;
  /** Repositories that are kept; default: 20,000. */
  readonly maxRepositories?: number | undefined;
  /** How long it is believed that nobody else has written; default: 1 s. */
  readonly lookMs?: number | undefined;
  /** After which a lock that nobody touches is taken away; default: 5 s. */
  readonly lockGoneMs?: number | undefined;
  /** How soon a write that failed is tried again; default: 5 s. */
  readonly retryMs?: number | undefined;
}

type Repository = Pick<Reference, 'registry' | 'repository'>;

/** What is in memory of one repository. */
interface Known {
  readonly repository: string;
  record: SeenRecord;
  /** Which file the record is from. */
  mark: string;
  /** Why its file cannot be read. */
  problem: string | undefined;
  /** When the file was last looked at, on the clock of `performance.now()`. */
  lookedAt: number;
  /** What is not on the disk yet. */
  readonly waiting: Map<string, SeenTimes>;
  /** Another number whenever something of this has changed. */
  revision: number;
}

interface Answer {
  readonly repository: string;
  readonly revision: number;
  readonly at: number;
  readonly findings: readonly object[];
}

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const refreshMs = 30 * dayMs;
const lookMs = 1000;
const longestLookMs = 500;
const answerMs = 3_600_000;
/** Findings of all answers that are remembered. */
const maxAnswered = 50_000;
const maxKnown = 1000;
const maxKnownEntries = 200_000;
const maxWaiting = 50_000;
const maxFolderBytes = 512 * 1024 * 1024;

/**
 * Since when vulnerabilities of packages are known in the images of a repository. Whoever asks never waits for a write: what
 * is new has the time of now while records can be written, and none once they cannot, until they can.
 */
export class FirstSeen {
  readonly #options: FirstSeenOptions;
  readonly #folder: RecordFolder;
  readonly #known = new Map<string, Known>();
  readonly #looking = new Map<string, { readonly since: number; readonly known: Promise<Known> }>();
  /** Of lists that are asked about again and again; the oldest goes first. */
  readonly #answers = new Map<readonly SeenFinding[], Answer>();
  readonly #dirty = new Set<Known>();
  #answered = 0;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | undefined;

  constructor(options: FirstSeenOptions) {
    this.#options = options;
    this.#folder = new RecordFolder({
      dir: options.dir,
      maxFiles: options.maxRepositories ?? 20_000,
      maxBytes: maxFolderBytes,
      forgetMs: yearMs,
      lockGoneMs: options.lockGoneMs,
    });
  }

  /** Why what is new cannot be kept; nothing while it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * The findings of an image of a repository, each with the time at which it was first seen there, if one is proved.
   * @param record are they to be kept? Where not (dry runs), what is new is told as if it were, and forgotten.
   * @param patienceMs how long to wait for a disk that does not answer, half a second at most; then nothing has a time.
   */
  async withTimes<Finding extends SeenFinding>(
    { registry, repository }: Repository,
    findings: readonly Finding[],
    { record, patienceMs = longestLookMs }: { readonly record: boolean; readonly patienceMs?: number | undefined },
  ): Promise<readonly (Finding & { readonly firstSeenAt?: string | undefined })[]> {
    if (findings.length === 0) return findings;
    const known = await this.#lookUp(`${registry}/${repository}`, Math.min(patienceMs, longestLookMs));
    const before = this.#answers.get(findings);
    if (before && isValid(before, known)) return before.findings as readonly Finding[];
    const nowMs = this.#options.now().getTime();
    let isSettled = true;
    // Most are of a few scans.
    const texts = new Map<number, string>();
    const timed = findings.map((finding) => {
      const { firstMs, settled } = this.#timeOf(known, finding, { nowMs, record });
      isSettled &&= settled;
      return { ...finding, firstSeenAt: firstMs === undefined ? undefined : textOf(firstMs, texts) };
    });
    if (known.waiting.size > 0) this.#keep(known);
    if (isSettled) {
      const { repository: name, revision } = known;
      this.#remember(findings, { repository: name, revision, at: performance.now(), findings: timed });
    }
    return timed;
  }

  /** Waits until what is new is on the disk, or cannot be put there. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#dirty.size > 0) await (this.#writing ??= this.#write());
  }

  /** As `flush`, and nothing is tried again. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  #remember(findings: readonly SeenFinding[], answer: Answer): void {
    this.#forget(findings);
    this.#answers.set(findings, answer);
    this.#answered += findings.length;
    for (const oldest of this.#answers.keys()) {
      if (this.#answered <= maxAnswered) return;
      this.#forget(oldest);
    }
  }

  #forget(findings: readonly SeenFinding[]): void {
    if (this.#answers.delete(findings)) this.#answered -= findings.length;
  }

  #timeOf(
    known: Known,
    finding: SeenFinding,
    { nowMs, record }: { readonly nowMs: number; readonly record: boolean },
  ): { readonly firstMs: number | undefined; readonly settled: boolean } {
    const key = seenKey(finding.vulnerabilityId, finding.packageName);
    if (key === undefined || known.problem !== undefined) return { firstMs: undefined, settled: false };
    const kept = known.record.seen.get(key);
    const times = kept ?? known.waiting.get(key);
    // A clock that went back, or had gone ahead, gives nobody more time than the earliest of all moments.
    const firstMs = Math.min(times?.firstMs ?? nowMs, nowMs);
    const isFresh = times !== undefined && firstMs === times.firstMs && nowMs - times.lastMs < refreshMs;
    const hasRoom = known.record.seen.size + known.waiting.size < maxSeen || kept !== undefined;
    if (record && !isFresh && hasRoom) known.waiting.set(key, { firstMs, lastMs: nowMs });
    const isProved = kept !== undefined || (this.#problem === undefined && hasRoom);
    const mayBeOlder = known.record.damagedAtMs !== undefined && firstMs >= known.record.damagedAtMs;
    const isOurs = !mayBeOlder || Date.parse(finding.publishedAt ?? '') > (known.record.damagedAtMs ?? 0);
    return { firstMs: isProved && isOurs ? firstMs : undefined, settled: kept !== undefined && isFresh };
  }

  /** What is known of a repository, after a look at its file, which other processes write, too. */
  async #lookUp(repository: string, patienceMs: number): Promise<Known> {
    const known = this.#known.get(repository);
    if (known && performance.now() - known.lookedAt < (this.#options.lookMs ?? lookMs)) return known;
    const now = performance.now();
    let looking = this.#looking.get(repository);
    if (!looking) {
      looking = { since: now, known: this.#look(repository, known).finally(() => this.#looking.delete(repository)) };
      this.#looking.set(repository, looking);
    }
    const late = known ?? { ...emptyKnown(repository), problem: 'the disk does not answer' };
    return await inTime(looking.known, looking.since + patienceMs - now, late);
  }

  async #look(repository: string, before: Known | undefined): Promise<Known> {
    const known = before ?? emptyKnown(repository);
    this.#keepInMemory(known);
    known.lookedAt = performance.now();
    try {
      const mark = await this.#folder.mark(repository);
      if (before && mark === known.mark && known.problem === undefined) return known;
      const found = await this.#folder.read(repository);
      this.#take(known, found);
      if (known.problem !== undefined && this.#dirty.size === 0) this.#problem = undefined;
      known.problem = undefined;
    } catch (error) {
      known.problem = messageOf(error);
      this.#complain(known.problem);
    }
    known.revision++;
    return known;
  }

  /** What is in memory and not in the file (it is gone, damaged, or was overwritten) counts on, and is written again. */
  #take(known: Known, found: FoundRecord): void {
    const there = recordOf(found, known.repository, this.#options.now().getTime());
    const lost = new Map([...known.record.seen].filter(([key]) => !there.seen.has(key)));
    if (there.seen.size + lost.size > maxSeen) lost.clear();
    for (const [key, times] of lost) if (!known.waiting.has(key)) known.waiting.set(key, times);
    known.record = mergeSeen(there, lost);
    known.mark = found.state === 'absent' ? '' : found.mark;
  }

  /** The repository that was asked about longest ago goes first, if all of it is on the disk. */
  #keepInMemory(known: Known): void {
    this.#known.delete(known.repository);
    this.#known.set(known.repository, known);
    let entries = 0;
    for (const { record } of this.#known.values()) entries += record.seen.size;
    for (const [repository, one] of this.#known) {
      if (this.#known.size <= maxKnown && entries <= maxKnownEntries) return;
      if (one === known || one.waiting.size > 0) continue;
      this.#known.delete(repository);
      entries -= one.record.seen.size;
    }
  }

  #keep(known: Known): void {
    let waiting = 0;
    for (const { waiting: some } of this.#dirty) waiting += some.size;
    // A disk that takes nothing: what is not kept has no time, and is seen again.
    if (waiting > maxWaiting && !this.#dirty.has(known)) known.waiting.clear();
    else this.#dirty.add(known);
    if (this.#timer === undefined) this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    // What is new of one scan is kept together; and nobody takes the end of this for that of a later one.
    await new Promise((resolve) => setImmediate(resolve));
    let problem: string | undefined;
    for (const known of this.#dirty) {
      try {
        await this.#writeOne(known);
        this.#dirty.delete(known);
        // More may have come meanwhile.
        if (known.waiting.size > 0) this.#dirty.add(known);
      } catch (error) {
        problem = messageOf(error);
      }
    }
    if (problem === undefined) this.#problem = undefined;
    else {
      this.#complain(problem);
      this.#timer ??= setTimeout(() => this.#retry(), this.#options.retryMs ?? 5000).unref();
    }
    this.#writing = undefined;
  }

  #retry(): void {
    this.#timer = undefined;
    this.#writing ??= this.#write();
  }

  async #writeOne(known: Known): Promise<void> {
    const written = new Map(known.waiting);
    const nowMs = this.#options.now().getTime();
    const { record, mark } = await this.#folder.update(
      known.repository,
      (found) => {
        const there = recordOf(found, known.repository, nowMs);
        const damagedAtMs = earlier(there.damagedAtMs, known.record.damagedAtMs);
        return boundSeen(mergeSeen({ ...there, damagedAtMs }, written), nowMs, yearMs);
      },
      (aside, reason) => this.#options.log('warn', damageWords(known.repository, aside, reason)),
    );
    known.record = record;
    known.mark = mark;
    for (const [key, times] of written) if (known.waiting.get(key) === times) known.waiting.delete(key);
    known.revision++;
  }

  #complain(problem: string): void {
    if (this.#problem === undefined) {
      const { dir } = this.#options;
      this.#options.log('warn', `when vulnerabilities were first seen cannot be kept in ${dir}: ${problem}`);
    }
    this.#problem = problem;
  }
}

function textOf(ms: number, texts: Map<number, string>): string {
  const known = texts.get(ms);
  if (known !== undefined) return known;
  const text = new Date(ms).toISOString();
  texts.set(ms, text);
  return text;
}

function isValid({ repository, revision, at }: Answer, known: Known): boolean {
  return repository === known.repository && revision === known.revision && performance.now() - at < answerMs;
}

function emptyKnown(repository: string): Known {
  const record = { repository, seen: new Map() };
  return { repository, record, mark: '', problem: undefined, lookedAt: 0, waiting: new Map(), revision: 0 };
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

async function inTime<Value>(value: Promise<Value>, ms: number, late: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(late), Math.max(0, ms));
  });
  try {
    return await Promise.race([value, patience]);
  } finally {
    clearTimeout(timer);
  }
}

function recordOf(found: FoundRecord, repository: string, nowMs: number): SeenRecord {
  if (found.state === 'read') return found.record;
  return { repository, seen: new Map(), damagedAtMs: found.state === 'damaged' ? nowMs : undefined };
}

function damageWords(repository: string, aside: string, reason: string): string {
  return `the record of when vulnerabilities of ${repository} were first seen was damaged (${reason}) and is now ${aside}; those that were published before have no grace`;
}
