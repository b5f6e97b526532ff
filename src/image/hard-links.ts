import type { TarEntry, TarHandler } from '../formats/index.js';
import type { LayerEntry, LayerVisitor } from './layer-entry.js';

/** Readings for links to links to links; writers of layers link to the file itself. */
const mostReadings = 4;
/** Wanted links of one layer that are followed; more are said to be unresolved. */
const mostLinks = 100_000;

interface WantedLink {
  readonly entry: LayerEntry;
  readonly allowedBytes: number;
  /** Where it leads as far as is known. */
  target: string;
  /** Only what stands before this entry can be what it repeats. */
  before: number;
  found: 'nothing' | 'file' | 'link';
}

/**
 * Hard links that a visitor wants the bytes of. That they are wanted is known only after the file that they repeat went
 * by, and it may not have been collected; so the layer is read again for just those files. Most layers have none.
 */
export class HardLinks {
  readonly #visitor: LayerVisitor;
  readonly #wanted = new Map<string, WantedLink>();
  #entryNumber = 0;
  #readings = 0;

  constructor(visitor: LayerVisitor) {
    this.#visitor = visitor;
  }

  /** Is told of every entry of the first reading, after the visitor was. */
  see(entry: LayerEntry): void {
    this.#entryNumber++;
    if (this.#wanted.size > 0) this.#wanted.delete(entry.path); // a path that comes again: the later one counts
    if (entry.kind !== 'hardlink') return;
    const allowedBytes = this.#visitor.wants(entry);
    if (allowedBytes <= 0) return;
    if (this.#wanted.size >= mostLinks) return this.#visitor.unresolved?.(entry);
    const [target, before] = [entry.linkTarget ?? '', this.#entryNumber];
    this.#wanted.set(entry.path, { entry, allowedBytes, target, before, found: 'nothing' });
  }

  /** What to do in another reading of the same layer; nothing when there is nothing left to look for. */
  nextReading(): TarHandler | undefined {
    this.#settle();
    if (this.#wanted.size === 0) return undefined;
    const byTarget = new Map<string, WantedLink[]>();
    for (const link of this.#wanted.values()) {
      const others = byTarget.get(link.target);
      if (others) others.push(link);
      else byTarget.set(link.target, [link]);
    }
    return linkHandler(this.#visitor, byTarget);
  }

  /** After a reading: links that reached a file are done, links to links go on, the rest leads nowhere. */
  #settle(): void {
    const isFirst = this.#readings++ === 0;
    if (isFirst) return;
    for (const [path, link] of this.#wanted) {
      if (link.found === 'link' && this.#readings <= mostReadings) link.found = 'nothing';
      else {
        this.#wanted.delete(path);
        if (link.found !== 'file') this.#visitor.unresolved?.(link.entry);
      }
    }
  }
}

function linkHandler(visitor: LayerVisitor, byTarget: ReadonlyMap<string, readonly WantedLink[]>): TarHandler {
  let number = 0;
  let concerned: readonly WantedLink[] = [];
  return {
    entry(tarEntry: TarEntry) {
      const current = ++number;
      concerned = byTarget.get(tarEntry.path)?.filter((link) => current < link.before) ?? [];
      for (const link of concerned) follow(link, tarEntry, current);
      return concerned.reduce((most, link) => Math.max(most, link.allowedBytes), 0);
    },
    file(_, bytes) {
      for (const link of concerned) {
        if (bytes.length <= link.allowedBytes) visitor.file(link.entry, bytes);
        else visitor.tooLarge(link.entry, link.allowedBytes);
      }
    },
    tooLarge() {
      for (const link of concerned) visitor.tooLarge(link.entry, link.allowedBytes);
    },
  };
}

function follow(link: WantedLink, entry: TarEntry, number: number): void {
  link.found = entry.type === 'file' ? 'file' : entry.type === 'hardlink' ? 'link' : 'nothing';
  if (entry.type !== 'hardlink') return;
  // Found again under its next name in the next reading; this reading's table still has the name of before.
  link.target = entry.linkTarget ?? '';
  link.before = number;
}
