import type { Unknown } from '../findings/index.js';
import type { LayerFacts } from './layer-facts.js';
import { Overlay } from './overlay.js';
import type { SystemFiles, VisibleList } from './system-files.js';

export interface VisibleLink {
  readonly path: string;
  readonly target: string;
}

/** What is left of the layers' facts when each has hidden what it hides. */
export interface MergedLayers {
  readonly lists: readonly VisibleList[];
  readonly links: readonly VisibleLink[];
  /** Package name to licences, from the copyright files. */
  readonly licenses: ReadonlyMap<string, readonly string[]>;
  readonly unknowns: readonly Unknown[];
}

type Item =
  | { readonly kind: 'list'; readonly value: VisibleList }
  | { readonly kind: 'link'; readonly value: VisibleLink }
  | { readonly kind: 'licenses'; readonly name: string; readonly value: readonly string[] }
  | { readonly kind: 'unknown'; readonly value: Unknown };

/** Lays the layers over each other, bottom first. */
export function mergeLayers(layers: readonly LayerFacts[], system: SystemFiles): MergedLayers {
  const overlay = new Overlay<Item>();
  for (const [index, layer] of layers.entries()) {
    overlay.cover(layer.paths);
    for (const value of system.visibleLists(index)) overlay.put(value.list.path, { kind: 'list', value });
    for (const value of layer.links) overlay.put(value.path, { kind: 'link', value });
    for (const value of layer.unknowns) overlay.put(value.subject, { kind: 'unknown', value });
    for (const [name, value] of layer.licenses) {
      overlay.put(`usr/share/doc/${name}/copyright`, { kind: 'licenses', name, value });
    }
  }
  const lists: VisibleList[] = [];
  const links: VisibleLink[] = [];
  const licenses = new Map<string, readonly string[]>();
  const unknowns: Unknown[] = [];
  for (const item of overlay.visible()) {
    if (item.kind === 'list') lists.push(item.value);
    else if (item.kind === 'link') links.push(item.value);
    else if (item.kind === 'licenses') licenses.set(item.name, item.value);
    else unknowns.push(item.value);
  }
  return { lists, links, licenses, unknowns };
}
