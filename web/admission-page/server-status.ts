import type { Status } from './api.js';
import { element, foreign, type Child } from './elements.js';
import { fullMoment, shortMoment, spanWords } from './moments.js';
import { outcomeBadge } from './outcomes.js';

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
        element('li', { class: kind }, element('strong', {}, foreign(`${what}: `)), foreign(words)),
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

function problemsOf({ files, auditLog, scans, certificate, now }: Status): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { what, problem } of files) {
    if (problem !== null) problems.push({ what, words: `the one before stays in use: ${problem}`, kind: 'bad' });
  }
  if (auditLog.problem !== null) problems.push({ what: 'the audit log', words: auditLog.problem, kind: 'bad' });
  if (scans !== null && scans.databaseProblem !== null) {
    problems.push({ what: 'the vulnerability database', words: scans.databaseProblem, kind: 'bad' });
  }
  const left = Date.parse(certificate.expiresAt) - Date.parse(now);
  if (left < 30 * dayMs) {
    const words = left < 0 ? `it expired at ${certificate.expiresAt}` : `it expires in ${spanWords(left)}`;
    problems.push({ what: 'the certificate', words, kind: left < 7 * dayMs ? 'bad' : 'odd' });
  }
  return problems;
}

function restOf(status: Status): HTMLElement {
  const { policy, files, certificate, auditLog, scans, counts, inFlight, recent, version, host, startedAt } = status;
  const rows: readonly (readonly [string, Child])[] = [
    ['Policy', foreign(`${policy.name}${policy.hash === null ? '' : ` @ ${policy.hash}`}, ${policy.rules} rules`)],
    ...files.map(({ what, loadedAt, problem }) => {
      const words = element(
        'span',
        {},
        problem === null ? 'read ' : 'broken; in use is what was read ',
        fullMoment(loadedAt),
      );
      return [what, words] as const;
    }),
    ['certificate ends', fullMoment(certificate.expiresAt)],
    [
      'audit log',
      auditLog.problem === null
        ? `written, ${auditLog.waiting} records waiting`
        : `not written, ${auditLog.waiting} records waiting`,
    ],
    ['scans', scans === null ? 'off' : `${scans.running} running, ${scans.waiting} waiting`],
    ['reviews under way', String(inFlight)],
    ['decisions', `${recent.total.toLocaleString()} since the start, ${recent.kept.toLocaleString()} of them here`],
    ...counts.map(({ route, outcome, count }) => [`${route}: ${outcome}`, count.toLocaleString()] as const),
    ['server', element('span', {}, foreign(host), ', since ', fullMoment(startedAt))],
    ['version', version],
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, value]) => element('div', {}, element('dt', {}, foreign(name)), element('dd', {}, value))),
  );
}
