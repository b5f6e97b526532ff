import type { AdmissionVerdict, Replayed, ReplayChange, ReplaySource, Review } from '../admission/index.js';
import type { Fact, Reason } from '../policy/index.js';

/** Something that is worth telling of what was judged. */
export interface ReplayRow {
  readonly place: string;
  readonly from: ReplaySource;
  readonly change: ReplayChange;
  readonly operation: string | undefined;
  readonly user: string | undefined;
  readonly namespace: string | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly before: ReplayAnswer | undefined;
  readonly after: ReplayAnswer;
}

export interface ReplayAnswer {
  readonly allowed: boolean;
  readonly outcome: AdmissionVerdict['outcome'];
  readonly reasons: readonly Reason[];
  readonly warnings: readonly Reason[];
  readonly audits: readonly Reason[];
}

/** Kept for the report; the rest is counted. */
const maxRows = 5000;
const maxUnreadable = 1000;
const maxReasons = 20;

/** Counts what was judged, and keeps a bounded part of it. */
export class ReplayTally {
  readonly rows: ReplayRow[] = [];
  readonly unreadable: { readonly place: string; readonly reason: string }[] = [];
  /** How often each change came out, of what runs an image. */
  readonly changes: Record<ReplayChange, number> = { refused: 0, warned: 0, admitted: 0, otherwise: 0, same: 0 };
  judged = 0;
  /** Of those that count as refused: only because something could not be assessed. */
  incomplete = 0;
  /** Nothing of it was for the policy: it runs no image, or its namespace is exempt. */
  passedOver = 0;
  unreadableCount = 0;
  readonly notAssessed = new Map<string, { readonly needs: Set<Fact>; times: number }>();
  #omitted = 0;

  /** Rows that were not kept. */
  get omitted(): number {
    return this.#omitted;
  }

  add(place: string, from: ReplaySource, review: Review, replayed: Replayed): void {
    const { verdict, before, change } = replayed;
    if (verdict.outcome === 'not-judged' || verdict.outcome === 'exempt') {
      this.passedOver++;
      return;
    }
    this.judged++;
    this.changes[change]++;
    if (change === 'refused' && verdict.outcome === 'incomplete') this.incomplete++;
    for (const [rule, needs] of rulesPassedOver(verdict)) {
      const known = this.notAssessed.get(rule) ?? { needs: new Set(), times: 0 };
      for (const need of needs) known.needs.add(need);
      known.times++;
      this.notAssessed.set(rule, known);
    }
    if (change === 'same' || (change === 'admitted' && !before)) return;
    if (this.rows.length >= maxRows) {
      this.#omitted++;
      return;
    }
    const { operation, user, namespace, object } = review;
    this.rows.push({
      place,
      from,
      change,
      operation: from === 'object' ? undefined : operation,
      user,
      namespace,
      kind: object?.kind,
      name: object?.name,
      before: before && answerOf(before),
      after: answerOf(verdict),
    });
  }

  addUnreadable(place: string, reason: string): void {
    this.unreadableCount++;
    if (this.unreadable.length < maxUnreadable) this.unreadable.push({ place, reason });
  }
}

function rulesPassedOver({ notAssessed }: AdmissionVerdict): ReadonlyMap<string, readonly Fact[]> {
  return new Map(notAssessed.map(({ rule, needs }) => [rule, needs]));
}

function answerOf({ allowed, outcome, reasons, warnings, audits }: AdmissionVerdict): ReplayAnswer {
  const some = (all: readonly Reason[]): readonly Reason[] =>
    all.slice(0, maxReasons).map(({ findings, ...reason }) => ({ ...reason, findings: findings?.slice(0, 5) }));
  return { allowed, outcome, reasons: some(reasons), warnings: some(warnings), audits: some(audits) };
}
