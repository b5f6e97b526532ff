import type { Status, Working } from './api.js';
import { routeWords } from './decision-rows.js';
import { element, foreign, type Child } from './elements.js';
import { fullMoment, shortMoment } from './moments.js';
import { outcomeBadge, outcomeLabel } from './outcomes.js';

const dayMs = 86_400_000;

/** The state of the server: one line that is always there, its problems, and the rest on demand. */
export class ServerStatus {
  readonly #summary = element('summary', {});
  readonly #problems = element('ul', { class: 'problems', 'aria-label': 'Problems' });
  readonly #rest = element('div', { class: 'rest' });
  #shown = '';

  constructor(place: HTMLElement) {
    place.append(element('details', {}, this.#summary, this.#rest), this.#problems);
  }

  show(status: Status): void {
    // What has not changed is left alone: somebody may be reading or marking it.
    const { now: _, ...rest } = status;
    const text = JSON.stringify(rest);
    if (text === this.#shown) return;
    this.#shown = text;
    const problems = problemsOf(status);
    this.#summary.replaceChildren(...summaryOf(status, problems));
    this.#problems.replaceChildren(
      ...problems.map(({ what, words, kind }) =>
        element('li', { class: kind }, element('strong', {}, foreign(`${what}:`)), ' ', foreign(words)),
      ),
    );
    this.#problems.hidden = problems.length === 0;
    this.#rest.replaceChildren(restOf(status));
  }
}

function summaryOf({ policy, counts, startedAt, host }: Status, problems: readonly Problem[]): readonly Node[] {
  const byOutcome = new Map<string, number>();
  for (const { outcome, count } of counts) byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + count);
  const kind = problems.length === 0 ? 'good' : problems.some((problem) => problem.kind === 'bad') ? 'bad' : 'odd';
  const sign = kind === 'good' ? '\u2713' : '!';
  const words =
    problems.length === 0 ? 'No problems' : problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  return [
    element('span', { class: `badge ${kind}` }, element('span', { 'aria-hidden': 'true' }, sign), words),
    element('span', { class: 'item' }, 'Policy ', element('strong', {}, foreign(policy.name))),
    element('span', { class: 'item' }, foreign(host), ' since ', shortMoment(startedAt)),
    element(
      'span',
      { class: 'item counts' },
      ...[...byOutcome].map(([outcome, count]) =>
        element('span', { class: 'tally' }, outcomeBadge(outcome), ` ${count.toLocaleString()}`),
      ),
    ),
  ];
}

interface Problem {
  readonly what: string;
  readonly words: string;
  /** `odd`: there is time. */
  readonly kind: 'bad' | 'odd';
}

function problemsOf({ works, certificateExpiresAt, now }: Status): readonly Problem[] {
  const isSoon = Date.parse(certificateExpiresAt) - Date.parse(now) < 7 * dayMs;
  return works.flatMap(({ what, problem, loadedAt }) => {
    if (problem === null) return [];
    const words = loadedAt === null ? problem : `the one before stays in use: ${problem}`;
    return [{ what, words, kind: what === 'the certificate' && !isSoon ? 'odd' : 'bad' } as const];
  });
}

function restOf(status: Status): HTMLElement {
  const { policy, works, scans, counts, inFlight, recent, version, host, startedAt, now, databaseUpdatedAt } = status;
  const rows: readonly (readonly [string, Child])[] = [
    ['policy', foreign(`${policy.name}${policy.hash === null ? '' : ` @ ${policy.hash}`}, rules: ${policy.rules}`)],
    ...works.map((working) => [working.what, workingWords(working)] as const),
    ['certificate ends', fullMoment(status.certificateExpiresAt)],
    ['database of', databaseUpdatedAt === null ? 'not known' : fullMoment(databaseUpdatedAt, now)],
    ['scans', scans === null ? 'off' : `${scans.running} running, ${scans.waiting} waiting`],
    ['records to be written', status.recordsWaiting.toLocaleString()],
    ['reviews under way', inFlight.toLocaleString()],
    ['decisions', `${recent.total.toLocaleString()} since the start, ${recent.kept.toLocaleString()} of them here`],
    ...counts.map(({ route, outcome, count }) => {
      return [`${routeWords(route)}: ${outcomeLabel(outcome)}`, count.toLocaleString()] as const;
    }),
    ['server', element('span', {}, foreign(host), ', since ', fullMoment(startedAt))],
    ['version', version],
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, value]) => element('div', {}, element('dt', {}, foreign(name)), element('dd', {}, value))),
  );
}

function workingWords({ problem, loadedAt }: Working): Child {
  if (loadedAt === null) return problem === null ? 'ok' : 'not ok';
  return element('span', {}, problem === null ? 'read ' : 'broken; in use is what was read ', fullMoment(loadedAt));
}
