import { byId, element } from './elements.js';

const names = ['outcome', 'namespace', 'q'] as const;
type FilterName = (typeof names)[number];

/** What the reader looks for, as the address of the page has it; empty texts ask for nothing. */
export type FilterValues = Readonly<Record<FilterName, string>>;

const typingMs = 250;

/** The form over the list. */
export class Filters {
  readonly #form = byId('filters', HTMLFormElement);
  readonly #fields = {
    outcome: byId('outcome', HTMLSelectElement),
    namespace: byId('namespace', HTMLInputElement),
    q: byId('q', HTMLInputElement),
  };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed told when another set is asked for; `typed` while somebody still types */
  constructor(changed: (how: { readonly typed: boolean }) => void) {
    const tell = (typed: boolean): void => {
      clearTimeout(this.#timer);
      changed({ typed });
    };
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      tell(false);
    });
    this.#fields.outcome.addEventListener('change', () => tell(false));
    for (const field of [this.#fields.namespace, this.#fields.q]) {
      field.addEventListener('input', () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => tell(true), typingMs);
      });
    }
    byId('clear', HTMLButtonElement).addEventListener('click', () => {
      this.clear();
      tell(false);
    });
  }

  get values(): FilterValues {
    const { outcome, namespace, q } = this.#fields;
    return { outcome: outcome.value, namespace: namespace.value.trim(), q: q.value.trim() };
  }

  clear(): void {
    for (const name of names) this.#fields[name].value = '';
  }

  /** Takes them from the address; what is no choice there is none. */
  read(parameters: URLSearchParams): void {
    for (const name of names) {
      const value = parameters.get(name) ?? '';
      if (this.values[name] !== value) this.#fields[name].value = value;
    }
    if (this.#fields.outcome.selectedIndex < 0) this.#fields.outcome.value = '';
  }

  suggest(namespaces: readonly string[]): void {
    const place = byId('namespaces', HTMLDataListElement);
    const before = [...place.children].map((option) => option.getAttribute('value') ?? '');
    if (before.join('\n') === namespaces.join('\n')) return;
    place.replaceChildren(...namespaces.map((value) => element('option', { value })));
  }
}

/** For the address of the page. */
export function pageParameters(values: FilterValues): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of names) if (values[name] !== '') parameters.set(name, values[name]);
  return parameters;
}

/** For the API. */
export function apiParameters(values: FilterValues): URLSearchParams {
  const parameters = pageParameters(values);
  const { outcome } = values;
  if (outcome !== 'refused' && outcome !== 'let-through') return parameters;
  parameters.delete('outcome');
  parameters.set('allowed', String(outcome === 'let-through'));
  return parameters;
}
