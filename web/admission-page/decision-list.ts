import { ApiError, ask, type DecisionList as Answer, type ListedDecision } from './api.js';
import { decisionRow, decisionTable } from './decision-rows.js';
import { byId, element } from './elements.js';
import { apiParameters, type FilterValues } from './filters.js';

const pageSize = 100;
/** Rows past that are taken away at the end while new ones come. */
const maxRows = 1000;

export interface DecisionListOptions {
  readonly open: (id: string) => void;
  /** Address of the page with this decision open. */
  readonly addressOf: (id: string) => string;
  readonly clearFilters: () => void;
}

/**
 * The list of decisions. New ones go in at the top where nobody is reading; where somebody is, a button says how many
 * there are, and nothing moves.
 */
export class DecisionList {
  readonly #options: DecisionListOptions;
  readonly #place = byId('list', HTMLElement);
  readonly #count = byId('count', HTMLElement);
  readonly #announcement = byId('announce', HTMLElement);
  readonly #fresh = byId('fresh', HTMLButtonElement);
  readonly #older = byId('older', HTMLButtonElement);
  #values: FilterValues = { outcome: '', namespace: '', q: '' };
  #body: HTMLElement | undefined;
  #waiting: readonly ListedDecision[] = [];
  /** There are more new ones than were fetched. */
  #isBehind = false;
  #newest: string | undefined;
  #next: string | undefined;
  #kept = 0;
  #total = 0;
  #opened: string | undefined;
  /** Answers to earlier questions than the last are thrown away. */
  #question = 0;

  constructor(options: DecisionListOptions) {
    this.#options = options;
    this.#fresh.addEventListener('click', () => void this.#showFresh());
    this.#older.addEventListener('click', () => void this.#showOlder());
    this.#place.addEventListener('click', (event) => this.#clicked(event));
  }

  /** Shows what the filters ask for, from the newest on. */
  async load(values: FilterValues): Promise<void> {
    this.#values = values;
    const question = ++this.#question;
    this.#place.setAttribute('aria-busy', 'true');
    try {
      const answer = await this.#ask({});
      if (question === this.#question) this.#showAll(answer);
    } finally {
      this.#place.removeAttribute('aria-busy');
    }
  }

  /** Looks for newer ones. */
  async refresh(): Promise<void> {
    const question = this.#question;
    const after = this.#newest;
    let answer: Answer;
    try {
      answer = await this.#ask(after === undefined ? {} : { after });
    } catch (error) {
      // The server was started anew: its decisions have other identifiers.
      if (error instanceof ApiError && error.kind === 'refused') return await this.load(this.#values);
      throw error;
    }
    if (question !== this.#question) return;
    if (after === undefined && answer.newest === undefined) return;
    if (after === undefined) return this.#showAll(answer);
    this.#isBehind ||= answer.next !== undefined || answer.decisions.length + this.#waiting.length > maxRows;
    if (this.#isBehind && !this.#isRead()) return await this.load(this.#values);
    this.#remember(answer);
    const fresh = [...answer.decisions, ...this.#waiting];
    if (fresh.length > 0) this.#offer(fresh);
    this.#tellCount();
  }

  /** Marks the one that is open. */
  mark(id: string | undefined): void {
    for (const row of this.#place.querySelectorAll('[aria-current]')) row.removeAttribute('aria-current');
    this.#opened = id;
    if (id !== undefined) this.#rowOf(id)?.setAttribute('aria-current', 'true');
  }

  /** Back to where the reader was, if it is still there. */
  focus(id: string): void {
    (this.#linkOf(id) ?? byId('decisions', HTMLElement)).focus();
  }

  async #ask(cursor: Readonly<Record<string, string>>): Promise<Answer> {
    const parameters = apiParameters(this.#values);
    parameters.set('limit', String(pageSize));
    for (const [name, value] of Object.entries(cursor)) parameters.set(name, value);
    return await ask<Answer>(`/api/decisions?${parameters.toString()}`);
  }

  #remember({ newest, kept, total }: Answer): void {
    this.#newest = newest;
    this.#kept = kept;
    this.#total = total;
  }

  #showAll(answer: Answer): void {
    this.#remember(answer);
    this.#next = answer.next;
    this.#waiting = [];
    this.#isBehind = false;
    this.#body = undefined;
    if (answer.decisions.length === 0) this.#place.replaceChildren(this.#empty());
    else this.#appendRows(answer.decisions);
    this.#fresh.hidden = true;
    this.#older.hidden = this.#next === undefined;
    this.#tellCount();
    this.#announcement.textContent = this.#count.textContent;
    this.mark(this.#opened);
  }

  #appendRows(decisions: readonly ListedDecision[]): void {
    const body = this.#tableBody();
    body.append(...decisions.map((decision) => this.#row(decision)));
  }

  #tableBody(): HTMLElement {
    if (this.#body) return this.#body;
    const { table, body } = decisionTable();
    this.#place.replaceChildren(table);
    this.#body = body;
    return body;
  }

  #row(decision: ListedDecision): HTMLElement {
    const row = decisionRow(decision, this.#options.addressOf(decision.id));
    if (decision.id === this.#opened) row.setAttribute('aria-current', 'true');
    return row;
  }

  #offer(fresh: readonly ListedDecision[]): void {
    if (!this.#isRead()) return this.#takeIn(fresh);
    this.#waiting = fresh.slice(0, maxRows);
    const count = `${this.#isBehind ? 'More than ' : ''}${this.#waiting.length.toLocaleString()}`;
    const words = fresh.length === 1 ? 'One new decision' : `${count} new decisions`;
    this.#fresh.textContent = words;
    if (this.#fresh.hidden) this.#announcement.textContent = words;
    this.#fresh.hidden = false;
  }

  async #showFresh(): Promise<void> {
    const first = this.#waiting[0]?.id;
    // The page tells of its own accord that the server cannot be reached; the button stays.
    if (this.#isBehind) await this.load(this.#values).catch(() => undefined);
    else this.#takeIn(this.#waiting);
    window.scrollTo({ top: 0 });
    if (first !== undefined) this.#linkOf(first)?.focus({ preventScroll: true });
  }

  /** Whether lines that move would be in somebody's way. */
  #isRead(): boolean {
    return window.scrollY > 80 || this.#place.matches(':hover') || this.#place.contains(document.activeElement);
  }

  #takeIn(fresh: readonly ListedDecision[]): void {
    const body = this.#tableBody();
    body.prepend(...fresh.map((decision) => this.#row(decision)));
    this.#waiting = [];
    this.#fresh.hidden = true;
    while (body.children.length > maxRows) body.lastElementChild?.remove();
    if (body.children.length === maxRows) {
      this.#next = body.lastElementChild?.getAttribute('data-id') ?? undefined;
      this.#older.hidden = this.#next === undefined;
    }
    this.#tellCount();
  }

  async #showOlder(): Promise<void> {
    const before = this.#next;
    if (before === undefined) return;
    const question = this.#question;
    this.#older.disabled = true;
    try {
      const answer = await this.#ask({ before });
      if (question !== this.#question) return;
      this.#next = answer.next;
      this.#older.textContent = 'Show older decisions';
      this.#appendRows(answer.decisions);
      const first = answer.decisions[0]?.id;
      if (first !== undefined) this.#linkOf(first)?.focus({ preventScroll: true });
      this.#announcement.textContent = `${answer.decisions.length} older decisions`;
    } catch (error) {
      // The server was started anew.
      if (error instanceof ApiError && error.kind === 'refused') this.#next = undefined;
      this.#announcement.textContent = 'They could not be fetched';
      this.#older.textContent = 'They could not be fetched; try again';
    } finally {
      this.#older.disabled = false;
      this.#older.hidden = this.#next === undefined;
      this.#tellCount();
    }
  }

  #clicked(event: MouseEvent): void {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const target = event.target instanceof Element ? event.target : undefined;
    const row = target?.closest('tr[data-id]');
    const id = row?.getAttribute('data-id');
    if (!isPlain || typeof id !== 'string') return;
    // Whoever marks words to copy them does not mean to open anything.
    if (target?.closest('a') === null && String(window.getSelection()) !== '') return;
    event.preventDefault();
    this.#options.open(id);
  }

  #tellCount(): void {
    const shown = this.#body?.children.length ?? 0;
    const { outcome, namespace, q } = this.#values;
    const isFiltered = outcome !== '' || namespace !== '' || q !== '';
    const forgotten = this.#total - this.#kept;
    this.#count.textContent =
      this.#total === 0
        ? ''
        : [
            isFiltered
              ? `${shown.toLocaleString()}${this.#next === undefined ? '' : ' or more'} of ${this.#kept.toLocaleString()} recent decisions match`
              : `${shown.toLocaleString()} of ${this.#kept.toLocaleString()} recent decisions`,
            forgotten > 0 && `; ${forgotten.toLocaleString()} older ones are in the audit log`,
          ]
            .filter((words) => words !== false)
            .join('');
  }

  #empty(): HTMLElement {
    if (this.#kept > 0) {
      const clear = element('button', { type: 'button' }, 'Show all');
      clear.addEventListener('click', () => this.#options.clearFilters());
      return element('div', { class: 'empty' }, element('p', {}, 'No recent decision matches.'), clear);
    }
    return element(
      'div',
      { class: 'empty' },
      element('h2', {}, 'No decisions yet'),
      element('p', {}, 'They appear here as the API server asks. To make it ask, without running anything:'),
      element(
        'pre',
        { tabindex: '0', role: 'region', 'aria-label': 'A command' },
        'kubectl run probe --image=docker.io/library/nginx --dry-run=server',
      ),
      element(
        'p',
        { class: 'quiet' },
        'Nothing appears? Then the API server does not ask this server: ',
        element('code', {}, 'tidewaiter admission doctor'),
        ' says why.',
      ),
    );
  }

  #rowOf(id: string): HTMLElement | undefined {
    return this.#place.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"]`) ?? undefined;
  }

  #linkOf(id: string): HTMLElement | undefined {
    return this.#rowOf(id)?.querySelector<HTMLElement>('a.open') ?? undefined;
  }
}
