import { ApiError, ask, type DecisionRecord } from './api.js';
import { decisionDetail, decisionTitle } from './decision-detail.js';
import { byId, element, type Child } from './elements.js';

/** The panel with one decision. */
export class OpenedDecision {
  readonly #panel = byId('detail', HTMLElement);
  readonly #pageTitle = document.title;
  readonly #close: () => void;
  #id: string | undefined;

  constructor(close: () => void) {
    this.#close = close;
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#id !== undefined && !event.defaultPrevented) close();
    });
  }

  get id(): string | undefined {
    return this.#id;
  }

  /**
   * Shows it; a decision never changes.
   * @throws ApiError unless there is merely no such decision
   */
  async show(id: string, { focus }: { readonly focus: boolean }): Promise<void> {
    if (this.#id === id) return;
    this.#id = id;
    this.#panel.hidden = false;
    document.body.classList.add('opened');
    this.#fill(['One moment'], element('p', { class: 'quiet' }, 'It is being fetched.'));
    if (focus) this.#focusTitle();
    try {
      const answer = await ask<DecisionRecord>(`/api/decisions/${encodeURIComponent(id)}`);
      if (this.#id !== id) return;
      this.#fill(decisionTitle(answer.record), ...decisionDetail(answer));
      if (focus) this.#focusTitle();
    } catch (error) {
      if (!(error instanceof ApiError) || this.#id !== id) throw error;
      this.#fill(['It cannot be shown'], element('p', {}, error.message));
      if (error.kind === 'not found') return;
      // To be tried again.
      this.#id = undefined;
      throw error;
    }
  }

  hide(): void {
    this.#id = undefined;
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
    document.title = this.#pageTitle;
    document.body.classList.remove('opened');
  }

  #fill(title: readonly Child[], ...content: readonly HTMLElement[]): void {
    const close = element('button', { type: 'button', class: 'close' }, 'Close');
    close.addEventListener('click', this.#close);
    const heading = element('h2', { id: 'detail-title', tabindex: '-1' }, ...title);
    document.title = `${heading.textContent.slice(0, 100)} - tidewaiter`;
    this.#panel.replaceChildren(element('div', { class: 'detail-head' }, heading, close), ...content);
    this.#panel.scrollTop = 0;
  }

  #focusTitle(): void {
    const title = this.#panel.querySelector<HTMLElement>('#detail-title');
    title?.focus({ preventScroll: false });
  }
}
