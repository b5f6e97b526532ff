import { hubFallbackReason, isHubFallback, matchKey, type ImageName, type KeyVerdict } from './explain-key.js';
import { parseRegistryKey, type RegistryKey } from './registry-key.js';

/** Something that stands under a key of a pull secret. */
export interface KeyringEntry {
  /** As written. */
  readonly key: string;
}

/** An entry, and whether it is used for an image. */
export interface ConsideredEntry<Entry extends KeyringEntry> extends KeyVerdict {
  readonly entry: Entry;
}

/** Keys of one or several pull secrets together, matched to images as the kubelet of Kubernetes 1.36 does it. */
export interface Keyring<Entry extends KeyringEntry> {
  /**
   * What the kubelet tries for an image, in its order: keys reverse-alphabetically, what stands under one key in the
   * order given. Empty when it pulls without a credential. Two spellings of one key inside one secret come in the order
   * given here; the kubelet's own order of them is random.
   */
  lookup(image: ImageName): readonly Entry[];
  /** Every entry, those that `lookup` finds first and in its order, with the reason. */
  consider(image: ImageName): readonly ConsideredEntry<Entry>[];
}

interface Slot<Entry> {
  readonly entry: Entry;
  readonly parsed: RegistryKey | { readonly invalid: string };
}

/** A keyring of the entries, which stand in the order of their secrets. */
export function createKeyring<Entry extends KeyringEntry>(entries: readonly Entry[]): Keyring<Entry> {
  const slots = entries.map((entry): Slot<Entry> => ({ entry, parsed: parseRegistryKey(entry.key) }));
  // Stable, so that what stands under one key keeps its order.
  const sorted = slots.toSorted((a, b) => compareReversed(keyOf(a), keyOf(b)));
  const consider = (image: ImageName): readonly ConsideredEntry<Entry>[] => {
    const direct = sorted.map(({ entry, parsed }) => ({ entry, parsed, ...matchKey(entry.key, parsed, image) }));
    const anyMatches = direct.some((verdict) => verdict.matches);
    const judged = direct.map(({ entry, parsed, matches, why }): ConsideredEntry<Entry> => {
      if (matches || 'invalid' in parsed || !isHubFallback(parsed, image)) return { entry, matches, why };
      return anyMatches
        ? { entry, matches: false, why: "Docker Hub's key is only used when no other matches" }
        : { entry, matches: true, why: hubFallbackReason(image) };
    });
    return [...judged.filter((verdict) => verdict.matches), ...judged.filter((verdict) => !verdict.matches)];
  };
  return {
    consider,
    lookup: (image) =>
      consider(image)
        .filter((verdict) => verdict.matches)
        .map((verdict) => verdict.entry),
  };
}

function keyOf<Entry>({ parsed }: Slot<Entry>): string {
  return 'invalid' in parsed ? '' : parsed.normalized;
}

function compareReversed(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
