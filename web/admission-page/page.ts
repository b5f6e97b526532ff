import { ApiError, ask, type Status } from './api.js';
import { DecisionList } from './decision-list.js';
import { byId } from './elements.js';
import { Filters, pageParameters } from './filters.js';
import { OpenedDecision } from './opened-decision.js';
import { ServerStatus } from './server-status.js';

const everyMs = 3000;
const longestMs = 30_000;

/** Puts the parts of the page together: the address of the page says what they show. */
class AdmissionPage {
  readonly #trouble = byId('trouble', HTMLElement);
  readonly #live = byId('live', HTMLButtonElement);
  readonly #status = new ServerStatus(byId('status', HTMLElement));
  readonly #filters = new Filters(({ typed }) => this.#filtersChanged(typed));
  readonly #opened = new OpenedDecision(() => this.#closeDecision());
  readonly #list = new DecisionList({
    open: (id) => this.#openDecision(id),
    addressOf: (id) => this.#address(id),
    clearFilters: () => {
      this.#filters.clear();
      this.#filtersChanged(false);
      byId('q', HTMLInputElement).focus();
    },
  });
  #isLive = true;
  #isLoaded = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #answeredAt: Date | undefined;
  /** How far the list was scrolled when a decision was opened over it. */
  #scroll = 0;

  begin(): void {
    this.#live.addEventListener('click', () => this.#setLive(!this.#isLive));
    window.addEventListener('popstate', () => this.#readAddress({ focus: true }));
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#schedule(0);
    });
    this.#readAddress({ focus: false });
    this.#schedule(0);
    void this.#tellHowSignedIn();
  }

  #filtersChanged(typed: boolean): void {
    const address = this.#address(this.#opened.id);
    if (typed) history.replaceState(history.state, '', address);
    else if (address !== location.pathname + location.search) history.pushState(null, '', address);
    void this.#attempt(() => this.#list.load(this.#filters.values));
  }

  #openDecision(id: string): void {
    this.#scroll = window.scrollY;
    // From one to the next is no further step back.
    if (this.#opened.id === undefined) history.pushState({ opened: true }, '', this.#address(id));
    else history.replaceState(history.state, '', this.#address(id));
    this.#show(id, { focus: true });
  }

  #closeDecision(): void {
    const state: unknown = history.state;
    if (typeof state === 'object' && state !== null && Reflect.get(state, 'opened') === true) history.back();
    else {
      history.pushState(null, '', this.#address(undefined));
      this.#readAddress({ focus: true });
    }
  }

  #address(decision: string | undefined): string {
    const parameters = pageParameters(this.#filters.values);
    if (decision !== undefined) parameters.set('decision', decision);
    const text = parameters.toString();
    return text === '' ? '/' : `/?${text}`;
  }

  #readAddress({ focus }: { readonly focus: boolean }): void {
    const parameters = new URLSearchParams(location.search);
    const before = JSON.stringify(this.#filters.values);
    this.#filters.read(parameters);
    const isOther = JSON.stringify(this.#filters.values) !== before;
    if (isOther && this.#isLoaded) void this.#attempt(() => this.#list.load(this.#filters.values));
    const id = parameters.get('decision') ?? undefined;
    if (id !== undefined) this.#show(id, { focus });
    else this.#hide({ focus });
  }

  #show(id: string, how: { readonly focus: boolean }): void {
    this.#list.mark(id);
    void this.#attempt(() => this.#opened.show(id, how));
  }

  #hide({ focus }: { readonly focus: boolean }): void {
    const { id } = this.#opened;
    if (id === undefined) return;
    this.#opened.hide();
    this.#list.mark(undefined);
    window.scrollTo({ top: this.#scroll });
    if (focus) this.#list.focus(id);
  }

  #setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#live.setAttribute('aria-pressed', String(isLive));
    if (isLive) this.#schedule(0);
    else clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), ms);
  }

  /** What nobody sees is not refreshed. A page that has shown nothing yet asks on, also when it is paused. */
  async #tick(): Promise<void> {
    if (document.hidden) return;
    if (!(await this.#attempt(() => this.#refresh()))) return;
    if (this.#isLive) this.#schedule(everyMs);
  }

  async #refresh(): Promise<void> {
    const status = await ask<Status>('/api/status');
    this.#status.show(status);
    this.#filters.suggest(status.recent.namespaces);
    if (this.#isLoaded) await this.#list.refresh();
    else await this.#list.load(this.#filters.values);
    this.#isLoaded = true;
    const decision = new URLSearchParams(location.search).get('decision');
    if (decision !== null && this.#opened.id === undefined) await this.#opened.show(decision, { focus: false });
  }

  /** Whether it went well; if not, the page says so, and tries again by itself. */
  async #attempt(step: () => Promise<void>): Promise<boolean> {
    try {
      await step();
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#failures = 0;
    this.#answeredAt = new Date();
    this.#tell('');
    return true;
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.kind === 'signed out') {
      const next = location.pathname + location.search;
      location.replace(`/login?${new URLSearchParams({ next }).toString()}`);
      return;
    }
    this.#failures++;
    const words = error instanceof ApiError ? error.message : 'The page made a mistake; loading it anew may help.';
    const since = this.#answeredAt ? ` What is shown is of ${this.#answeredAt.toLocaleTimeString()}.` : '';
    this.#tell(`${words}${since} It is tried again every few seconds.`);
    this.#schedule(Math.min(longestMs, everyMs * 2 ** Math.min(this.#failures - 1, 5)));
  }

  #tell(words: string): void {
    if (this.#trouble.textContent !== words) this.#trouble.textContent = words;
    this.#trouble.hidden = words === '';
  }

  async #tellHowSignedIn(): Promise<void> {
    // Where this page can be seen, the way here by a link from elsewhere has ended.
    sessionStorage.removeItem('tidewaiter-went-on');
    const session = await ask<{ readonly by?: string }>('/api/session').catch(() => ({ by: undefined }));
    byId('sign-out', HTMLFormElement).hidden = session.by === 'certificate';
  }
}

new AdmissionPage().begin();
