/** What may stand in an element: other elements, and texts that become text nodes. */
export type Child = Node | string | undefined | false;

export interface Attributes {
  readonly class?: string | undefined;
  readonly [name: string]: string | undefined;
}

/** An element with attributes and content; no text is ever read as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** The element of the page with this identifier. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${id}`);
}

/**
 * Characters that are not seen, or turn round what is: controls, directions, joiners, tags, the private and the
 * unassigned. Lone halves of pairs are here, too.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u{115f}\u{1160}\u{3164}\u{ffa0}]/gu;

/** A text from outside, apart from the direction of its surroundings; what is not seen in it is written out. */
export function foreign(text: string, className?: string): HTMLElement {
  const made = element('bdi', { class: className });
  let from = 0;
  for (const { index, 0: found } of text.matchAll(unseen)) {
    if (index > from) made.append(text.slice(from, index));
    made.append(element('span', { class: 'escaped' }, `U+${codeOf(found)}`));
    from = index + found.length;
  }
  if (from < text.length) made.append(text.slice(from));
  return made;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
