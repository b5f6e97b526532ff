import { formatRepository } from '../../../reference/index.js';
import { findPattern } from '../../document/image-pattern.js';
import { plain } from '../../document/quote.js';
import { met, type NameCheck } from '../rule-check.js';

const shownEntries = 3;

/** Where images may come from. What is denied stays denied, whatever is allowed. */
export const registries = {
  id: 'registries',
  over: 'name',
  needs: ['name'],
  words({ allow, deny }) {
    const allowed =
      allow === undefined
        ? 'images may come from anywhere'
        : allow.length === 0
          ? 'no image may run'
          : `images come from ${allow.map(({ text }) => plain(text)).join(', ')}`;
    return deny.length === 0 ? allowed : `${allowed}, but not from ${deny.map(({ text }) => plain(text)).join(', ')}`;
  },
  judge({ allow, deny }, { reference }) {
    const name = plain(formatRepository(reference), 300);
    const denied = findPattern(deny, reference, 'refuse');
    if (denied) {
      const message = `${name} is denied by the entry ${plain(denied.text)}`;
      return { broken: { message, fix: 'use an image from another place' } };
    }
    if (!allow || findPattern(allow, reference, 'grant')) return met;
    const alike = allow.find(({ registry }) => registry.toLowerCase() === reference.registry.toLowerCase());
    const isMisspelt = alike !== undefined && alike.registry !== reference.registry;
    const fix = isMisspelt
      ? `write the registry as ${plain(alike.registry)}`
      : allow.length === 0
        ? 'no image is allowed: add an entry to the policy'
        : `use an image from ${listOf(allow.map(({ text }) => text))}`;
    return { broken: { message: `${name} is not from an allowed registry`, fix } };
  },
} as const satisfies NameCheck<'registries'>;

function listOf(entries: readonly string[]): string {
  const shown = entries.slice(0, shownEntries).map((entry) => plain(entry));
  const more = entries.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop();
  return shown.length === 0 ? `${last}` : `${shown.join(', ')} or ${last}`;
}
